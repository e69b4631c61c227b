"""`rigguide host install-service`: the worker starts with the machine and comes back by itself."""

from __future__ import annotations

from pathlib import Path

import click

from benchruns.host.credentials import Home
from benchruns.host.service import install as services
from benchruns.host.site_errors import HostError


@click.command(name="install-service", context_settings={"ignore_unknown_options": True})
@click.option("--system", is_flag=True, help="For the whole machine, as root; else one's own.")
@click.option("--print", "only_print", is_flag=True, help="Print the file, install nothing.")
@click.option("--remove", is_flag=True, help="End the service and remove its file.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def install_service(
    context: click.Context,
    options: tuple[str, ...],
    *,
    system: bool,
    only_print: bool,
    remove: bool,
) -> None:
    """Keep this machine's worker running: a systemd unit, or a launchd list on macOS.

    OPTIONS: those of `rigguide host`, such as --hours 22-06. Limits in rigguide.toml need none.
    """
    home = Home(_home(context))
    _check(context, home, options)
    try:
        found = services.service(services.worker_argv(home.path, options), home.path, system=system)
        if only_print:
            click.echo(found.text, nl=False)
        elif remove:
            there = services.remove(found)
            click.echo(f"Removed {found.path}." if there else f"There is no {found.path}.")
        else:
            home.load()
            services.install(found)
            click.echo(f"Installed and started: {found.path}\nWatch it with: {found.watch}")
    except HostError as error:
        raise click.ClickException(str(error)) from error


def _check(context: click.Context, home: Home, options: tuple[str, ...]) -> None:
    """What the worker would refuse is refused before it is a service. Raises UsageError."""
    if context.parent is not None:
        context.parent.command.make_context("host", ["--home", str(home.path), *options])


def _home(context: click.Context) -> Path | None:
    """As `rigguide host --home` before it said."""
    given: Path | None = context.parent.params.get("home") if context.parent else None
    return given
