"""`rigguide detach`: this machine leaves its site, from its own side."""

from __future__ import annotations

from pathlib import Path

import click

from benchruns.host.credentials import Home, NotAttached
from benchruns.host.site_client import SiteClient
from benchruns.host.site_errors import SiteError, Unauthorized


@click.command(name="detach")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where this machine keeps its token.  [default: RIGGUIDE_HOME or ~/.config/rigguide]",
)
@click.option("--forget", is_flag=True, help="Remove the token here even if the site is away.")
def command(home: Path | None, *, forget: bool) -> None:
    """End this machine's token on its site and remove it here. What it measured stays there."""
    place = Home(home)
    try:
        credential = place.load()
        _tell(credential.site, credential.token)
    except NotAttached as error:
        raise click.ClickException(str(error)) from error
    except SiteError as error:
        if not forget:
            raise click.ClickException(
                f"{error}. To remove the token here all the same: --forget"
            ) from error
        click.echo(f"The site was not told: {error}.")
    place.forget()
    click.echo(f"This machine is not attached to {credential.site} any more.")


def _tell(site: str, token: str) -> None:
    try:
        with SiteClient(site, token) as client:
            client.detach()
    except Unauthorized:
        return  # there it is detached already
