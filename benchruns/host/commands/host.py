"""`rigguide host`: runs this machine's worker until it is told to end."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path

import click

from benchruns.host import worker
from benchruns.host.adapters import ollama_names
from benchruns.host.credentials import Credential, Home, site_address
from benchruns.host.install import environments
from benchruns.host.inventory import take_stock
from benchruns.host.limits import Limits
from benchruns.host.order import Installable
from benchruns.host.site_client import SiteClient
from benchruns.host.site_errors import HostError, SiteError
from benchruns.host.synthetic import cache

log = logging.getLogger(__name__)


@click.command(name="host")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where this machine keeps its token.  [default: RIGGUIDE_HOME or ~/.config/rigguide]",
)
@click.option("--site", help="Where the site is now, should it have moved since attaching.")
@click.option(
    "--finish",
    is_flag=True,
    help="When asked to end, finish the run in hand first. Without it the run goes back into "
    "the site's queue.",
)
@click.option(
    "--max-minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=Limits().minutes,
    show_default=True,
    help="Refuse what is given more time than this; end an installation that takes more.",
)
@click.option(
    "--max-weights-gib",
    type=click.FloatRange(min=0, min_open=True),
    default=Limits().weights_gib,
    show_default=True,
    help="Refuse models with larger weights.",
)
@click.option(
    "--keep-weights-gib",
    type=click.FloatRange(min=0),
    default=Limits().keep_gib,
    show_default=True,
    help="Between runs keep no more made weights on disk; those unused for longest go first.",
)
@click.option(
    "--max-engines-gib",
    type=click.FloatRange(min=0, min_open=True),
    default=Limits().engines_gib,
    show_default=True,
    help="Install nothing for the site with which engines would take more disk than this.",
)
@click.option("--no-install", is_flag=True, help="Install no engines when the site asks for it.")
def command(
    home: Path | None,
    site: str | None,
    max_minutes: float,
    max_weights_gib: float,
    keep_weights_gib: float,
    max_engines_gib: float,
    *,
    finish: bool,
    no_install: bool,
) -> None:
    """Run this machine's worker. Ends on Ctrl-C or SIGTERM with status 0."""
    worker.set_up_logging()
    place = Home(home)
    limits = Limits(max_minutes, max_weights_gib, keep_weights_gib, not no_install, max_engines_gib)
    try:
        credential = _credential(place, site)
        with place.lock():
            sys.exit(_work(place, credential, limits, finish=finish))
    except (HostError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _credential(home: Home, site: str | None) -> Credential:
    kept = home.load()
    return replace(kept, site=site_address(site)) if site else kept


def _work(home: Home, credential: Credential, limits: Limits, *, finish: bool) -> int:
    ollama_names.tidy()
    stock = take_stock()
    log.info("%s works for %s", credential.name, credential.site)
    log.info("engines it can start: %s", ", ".join(stock.can_start) or "none")

    def greet(client: SiteClient) -> None:
        client.facts(stock.facts, stock.engines)

    return worker.run_worker(
        home,
        credential,
        stock.can_start,
        greet=greet,
        finish=finish,
        limits=limits,
        weights_dir=cache.directory(),
        installs=limits.offered(stock.can_install),
        restock=_Shelf(limits),
    )


class _Shelf:
    """Looks at the engines again after a run, where environments came or went."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._seen = limits, _ids()

    def __call__(
        self, client: SiteClient
    ) -> tuple[tuple[str, ...], tuple[Installable, ...]] | None:
        now = _ids()
        if now == self._seen:
            return None
        self._seen = now
        stock = take_stock()
        try:
            client.facts(stock.facts, stock.engines)
        except SiteError as error:  # the next claim tells what counts
            log.warning("the site was not told of new engines: %s", error)
        return stock.can_start, self._limits.offered(stock.can_install)


def _ids() -> frozenset[str]:
    return frozenset(environment.id for environment in environments.installed())
