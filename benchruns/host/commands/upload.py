"""`rigguide upload`: brings results that this machine measured by itself to its site."""

from __future__ import annotations

from pathlib import Path

import click

from benchruns.host.compare.files import NotOne, documents_in
from benchruns.host.credentials import Home, NotAttached
from benchruns.host.site_client import SiteClient
from benchruns.host.site_errors import SiteError


@click.command(name="upload")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where this machine keeps its token.  [default: RIGGUIDE_HOME or ~/.config/rigguide]",
)
def command(files: tuple[Path, ...], home: Path | None) -> None:
    """Bring result documents of this machine to the site it is attached to.

    FILES: what `rigguide bench --json` or `rigguide compare --out` wrote.
    """
    try:
        credential = Home(home).load()
    except NotAttached as error:
        raise click.ClickException(f"{error} Attach it with: rigguide attach SITE CODE") from error
    found = [(path, document) for path in files for document in _documents(path)]
    with SiteClient.of(credential) as client:
        for path, document in found:
            try:
                click.echo(f"{path.name}: {client.upload(document)}")
            except SiteError as error:
                raise click.ClickException(f"{path.name}: {error}") from error


def _documents(path: Path) -> list[dict[str, object]]:
    try:
        return documents_in(path.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}.") from error
    except NotOne as error:
        raise click.ClickException(f"{path.name}: {error}") from error
