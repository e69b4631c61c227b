"""Options that read the visitor's own model from a file, for every command that takes answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from recommender import catalogue
from recommender.own.errors import OwnError

C = TypeVar("C", bound=Callable[..., Any])
_FILE = click.Path(exists=True, path_type=Path)


def options(command: C) -> C:
    """`--model-config` and `--gguf`, given to the command as `model_config` and `gguf`."""
    command = click.option(
        "--gguf",
        type=_FILE,
        metavar="FILE",
        help="Your own model by its GGUF file; only the head of it is read.",
    )(command)
    return click.option(
        "--model-config",
        type=_FILE,
        metavar="PATH",
        help="Your own model by its config.json, or the folder that holds it.",
    )(command)


def said(answers: Sequence[str], model_config: Path | None, gguf: Path | None) -> list[str]:
    """The answers with the model that was read, ID=VALUE each.

    Raises:
        click.UsageError: two models, or a file that cannot be read as one.
    """
    paths = [path for path in (model_config, gguf) if path is not None]
    named = any(answer.startswith("model=") for answer in answers)
    if len(paths) + named > 1:
        raise click.UsageError("Give one model: --model-config, --gguf or --answer model=….")
    return [*answers, *(pair for path in paths for pair in _read(path, answers))]


def _read(path: Path, answers: Sequence[str]) -> Iterator[str]:
    from recommender.own.reading import from_path  # needs the gguf package, which loads slowly

    try:
        found = from_path(path)
    except OwnError as error:
        raise click.UsageError(f"{path}: {error}") from error
    yield f"model={found.answer}"
    known = catalogue.load().quant(found.quant) if found.quant else None
    if known is not None and not any(answer.startswith("quant=") for answer in answers):
        yield f"quant={known.id}"
