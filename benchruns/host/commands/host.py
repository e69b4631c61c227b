"""`rigguide host`: runs this machine's worker until it is told to end."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path

import click

from benchruns.host import worker
from benchruns.host.credentials import Credential, Home, site_address
from benchruns.host.inventory import take_stock
from benchruns.host.site_client import SiteClient
from benchruns.host.site_errors import HostError

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
def command(home: Path | None, site: str | None, *, finish: bool) -> None:
    """Run this machine's worker. Ends on Ctrl-C or SIGTERM with status 0."""
    worker.set_up_logging()
    place = Home(home)
    try:
        credential = _credential(place, site)
        with place.lock():
            sys.exit(_work(place, credential, finish=finish))
    except (HostError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _credential(home: Home, site: str | None) -> Credential:
    kept = home.load()
    return replace(kept, site=site_address(site)) if site else kept


def _work(home: Home, credential: Credential, *, finish: bool) -> int:
    stock = take_stock()
    log.info("%s works for %s", credential.name, credential.site)
    log.info("engines it can start: %s", ", ".join(stock.can_start) or "none")

    def greet(client: SiteClient) -> None:
        client.facts(stock.facts, stock.engines)

    return worker.run_worker(home, credential, stock.can_start, greet=greet, finish=finish)
