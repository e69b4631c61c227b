"""`rigguide attach`: a one-time code buys this machine a token of its own."""

from __future__ import annotations

import platform
from pathlib import Path

import click

from benchruns.host.credentials import Credential, Home, NotAttached, site_address
from benchruns.host.inventory import take_stock
from benchruns.host.site_client import SiteClient
from benchruns.host.site_errors import SiteError


def _address(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    try:
        return site_address(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _name(_context: click.Context, _parameter: click.Parameter, given: str | None) -> str:
    name = (given or platform.node() or "this machine").strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise click.BadParameter("a name has 1 to 80 printable characters")
    return name


@click.command(name="attach")
@click.argument("site", callback=_address, envvar="RIGGUIDE_SITE")
@click.argument("code", required=False, envvar="RIGGUIDE_CODE")
@click.option(
    "--name",
    callback=_name,
    envvar="RIGGUIDE_NAME",
    help="Shown on the site.  [default: the host name]",
)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where this machine keeps its token.  [default: RIGGUIDE_HOME or ~/.config/rigguide]",
)
@click.option(
    "--unless-attached",
    is_flag=True,
    help="Where this machine is attached to SITE already, leave it at that and use no code.",
)
def command(
    site: str, code: str | None, name: str, home: Path | None, *, unless_attached: bool
) -> None:
    """Enrol this machine at SITE with the one-time CODE that its page shows.

    In RIGGUIDE_CODE instead of on the line, no other user of this machine can read the code.
    """
    place = Home(home)
    former = _former(place)
    if unless_attached and former is not None and former.site == site:
        click.echo(f"This machine is attached to {site} already, as {former.name}.")
        return
    if not (code or "").strip():
        raise click.UsageError("Say the one-time CODE that the site's page shows.")
    _attach(place, former, site, str(code).strip(), name)
    option = f" --home {home}" if home else ""
    click.echo(f"Let it work with: rigguide host{option}")


def _attach(place: Home, former: Credential | None, site: str, code: str, name: str) -> None:
    if site.startswith("http://") and not _is_here(site):
        click.echo("Take care: over http:// others on the way can read this machine's token.")
    credential = _enrol(site, code, name)
    place.save(credential)
    if former:
        click.echo(f"It was attached to {former.site} as {former.name}; that token is gone here.")
    click.echo(f"This machine is attached to {site} as {credential.name}.")


def _is_here(site: str) -> bool:
    return site.startswith(("http://127.", "http://localhost", "http://[::1]"))


def _former(home: Home) -> Credential | None:
    try:
        return home.load()
    except NotAttached:
        return None


def _enrol(site: str, code: str, name: str) -> Credential:
    stock = take_stock()
    try:
        with SiteClient(site) as client:
            return client.enrol(code, name, stock.facts, stock.engines)
    except SiteError as error:
        raise click.ClickException(str(error)) from error
