"""The options of `rigguide host` that say what its owner accepts, on the line or in a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from benchruns.host import owner_file
from benchruns.host.accepts import SOURCES
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.credentials import Home
from benchruns.host.hours import Hours
from benchruns.host.limits import Limits

F = TypeVar("F", bound=Callable[..., Any])


def _listed(what: str, allowed: Sequence[str]) -> Callable[..., tuple[str, ...] | None]:
    """Words separated by commas; in the file also a list. Each must be one of `allowed`."""

    def parsed(_context: click.Context, _parameter: click.Parameter, given: Any) -> Any:
        if given is None:
            return None
        words = given.split(",") if isinstance(given, str) else list(given)
        plain = tuple(str(word).strip() for word in words if str(word).strip())
        for word in plain:
            if word not in allowed:
                raise click.BadParameter(f"{word!r} is no {what}; there are: {', '.join(allowed)}.")
        return plain

    return parsed


def _hours(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    try:
        return str(Hours.parse(given)) if given else ""
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _configured(context: click.Context, parameter: click.Parameter, given: Path | None) -> None:
    """What the file says takes the place of defaults; what the line says wins over both."""
    path = given or Home(context.params.get("home")).path / owner_file.NAME
    if given is None and not path.is_file():
        return
    allowed = {name for name in LIMITS if name != "no_install"} | {"install", "one_at_a_time"}
    try:
        told = owner_file.read(path, allowed)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error
    if "install" in told:
        told["no_install"] = not told.pop("install")
    context.default_map = {**(context.default_map or {}), **told}


_GIB: Final = click.FloatRange(min=0, min_open=True)
LIMITS: Final[dict[str, Callable[[Any], Any]]] = {
    "engines": click.option(
        "--engines",
        type=click.UNPROCESSED,
        metavar="A,B",
        callback=_listed("engine", sorted(ADAPTERS)),
        help="Start only these for the site.  [default: every one that is installed]",
    ),
    "models": click.option(
        "--models",
        type=click.UNPROCESSED,
        metavar="A,B",
        callback=_listed("source of models", SOURCES),
        default=",".join(Limits().models),
        show_default=True,
        help="Where weights may come from: catalogue, synthetic (a config.json), path.",
    ),
    "max_minutes": click.option(
        "--max-minutes",
        type=click.FloatRange(min=0, min_open=True),
        default=Limits().minutes,
        show_default=True,
        help="Refuse what is given more time than this; end an installation that takes more.",
    ),
    "max_weights_gib": click.option(
        "--max-weights-gib",
        type=_GIB,
        default=Limits().weights_gib,
        show_default=True,
        help="Refuse models with larger weights.",
    ),
    "max_disk_gib": click.option(
        "--max-disk-gib",
        type=_GIB,
        help="Disk that weights and engines may take together.  [default: no such limit]",
    ),
    "keep_weights_gib": click.option(
        "--keep-weights-gib",
        type=click.FloatRange(min=0),
        default=Limits().keep_gib,
        show_default=True,
        help="Between runs keep no more made weights on disk; those unused for longest go first.",
    ),
    "max_engines_gib": click.option(
        "--max-engines-gib",
        type=_GIB,
        default=Limits().engines_gib,
        show_default=True,
        help="Install nothing for the site with which engines would take more disk than this.",
    ),
    "hours": click.option(
        "--hours",
        default="",
        metavar="FROM-TO",
        callback=_hours,
        help="Take work in this window of local time only, such as 22-06.  [default: all day]",
    ),
    "no_install": click.option(
        "--no-install", is_flag=True, help="Install no engines when the site asks for it."
    ),
}
CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    is_eager=True,
    expose_value=False,
    callback=_configured,
    help=f"These limits as a file.  [default: {owner_file.NAME} where this machine keeps its "
    "token]",
)


def limit_options(command: F) -> F:
    for option in reversed((*LIMITS.values(), CONFIG)):
        command = option(command)
    return command


def limits_of(given: dict[str, Any]) -> Limits:
    return Limits(
        minutes=given["max_minutes"],
        weights_gib=given["max_weights_gib"],
        keep_gib=given["keep_weights_gib"],
        installs=not given["no_install"],
        engines_gib=given["max_engines_gib"],
        engines=given["engines"],
        models=given["models"],
        disk_gib=given["max_disk_gib"],
        hours=given["hours"],
    )
