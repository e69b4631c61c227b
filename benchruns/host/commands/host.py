"""`rigguide host`: runs this machine's worker until it is told to end."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from benchruns.host import slots, worker
from benchruns.host.adapters import ollama_names
from benchruns.host.commands.host_options import limit_options, limits_of
from benchruns.host.commands.install_service import install_service
from benchruns.host.credentials import Credential, Home, site_address
from benchruns.host.install import environments
from benchruns.host.inventory import Inventory, take_stock
from benchruns.host.limits import Limits
from benchruns.host.order import Installable
from benchruns.host.site_client import SiteClient
from benchruns.host.site_errors import HostError, SiteError
from benchruns.host.synthetic import cache

log = logging.getLogger(__name__)


@click.group(name="host", invoke_without_command=True)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    is_eager=True,
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
    "--one-at-a-time",
    is_flag=True,
    help="One run at a time, which sees every accelerator. Without it each accelerator has a run "
    "of its own.",
)
@limit_options
@click.pass_context
def command(
    context: click.Context,
    /,
    home: Path | None,
    site: str | None,
    *,
    finish: bool,
    one_at_a_time: bool,
    **limits: Any,
) -> None:
    """Run this machine's worker. Ends on Ctrl-C or SIGTERM with status 0."""
    if context.invoked_subcommand is not None:
        return
    worker.set_up_logging()
    place = Home(home)
    try:
        credential = _credential(place, site)
        work = _Work(place, credential, limits_of(limits), finish=finish)
        sys.exit(work.start(one_at_a_time=one_at_a_time))
    except (HostError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:  # a full disk, a folder of somebody else
        raise click.ClickException(f"{place.path} cannot be used: {error}") from error


command.add_command(install_service)


def _credential(home: Home, site: str | None) -> Credential:
    kept = home.load()
    return replace(kept, site=site_address(site)) if site else kept


class _Work:
    """What every slot of this machine works with; looked at once, before they part."""

    def __init__(self, home: Home, credential: Credential, limits: Limits, *, finish: bool) -> None:
        self._home, self._credential = home, credential
        self._limits, self._finish = limits, finish

    def start(self, *, one_at_a_time: bool) -> int:
        with self._home.lock():
            ollama_names.tidy()
            self._stock = take_stock()
            cards = self._stock.facts.accelerators
            self._slots = slots.environments(() if one_at_a_time else cards)
            self._say()
            if len(self._slots) == 1:
                return self._serve(self._home)
            return slots.side_by_side(self._slots, self._serve_slot)

    def _say(self) -> None:
        can = self._limits.allowed(self._stock.can_start)
        log.info("%s works for %s", self._credential.name, self._credential.site)
        log.info("engines it can start: %s", ", ".join(can) or "none")
        if len(self._slots) > 1:
            log.info("%d runs at a time, one on each accelerator", len(self._slots))

    def _serve_slot(self, number: int) -> int:
        if number == 0:  # its lock is the machine's, which is held
            return self._serve(self._home)
        home = Home(self._home.path, number)
        with home.lock():
            return self._serve(home)

    def _serve(self, home: Home) -> int:
        """The first slot speaks for the machine: what it is, and what it would install."""
        first = home.slot == 0
        shelf = _Shelf(self._limits, self._stock, speaks=first)
        return worker.run_worker(
            home,
            self._credential,
            self._stock.can_start,
            greet=shelf.greet if first else lambda _client: None,
            finish=self._finish,
            limits=self._limits,
            weights_dir=cache.directory(),
            installs=self._limits.offered(self._stock.can_install) if first else (),
            restock=shelf,
            slots=len(self._slots),
        )


class _Shelf:
    """Looks at the engines again after a run, where environments came or went."""

    def __init__(self, limits: Limits, stock: Inventory, *, speaks: bool) -> None:
        self._limits, self._stock, self._speaks = limits, stock, speaks
        self._seen = _ids()

    def greet(self, client: SiteClient) -> None:
        client.facts(self._stock.facts, self._stock.engines)

    def __call__(
        self, client: SiteClient
    ) -> tuple[tuple[str, ...], tuple[Installable, ...]] | None:
        now = _ids()
        if now == self._seen:
            return None
        self._seen = now
        self._look_again()
        if not self._speaks:
            return self._stock.can_start, ()
        try:
            self.greet(client)
        except SiteError as error:  # the next claim tells what counts
            log.warning("the site was not told of new engines: %s", error)
        return self._stock.can_start, self._limits.offered(self._stock.can_install)

    def _look_again(self) -> None:
        """A slot sees its own accelerator only; the machine still has all of them."""
        stock = take_stock()
        every = {"accelerators": self._stock.facts.accelerators}
        self._stock = replace(stock, facts=stock.facts.model_copy(update=every))


def _ids() -> frozenset[str]:
    return frozenset(environment.id for environment in environments.installed())
