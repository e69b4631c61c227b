"""Versions that recipes install: images and packages, each with a source and a day it was seen."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from recommender.entries import Entry, Sources


class Image(Entry):
    """A container image. What its fields mean is said in `data/releases.toml`."""

    engine: str
    hardware: tuple[str, ...]
    arch: tuple[str, ...] = ("x86_64", "arm64")
    name: str
    entry: tuple[str, ...] = ()
    user: str = ""
    read_only: bool = False
    port: int | None = None  # inside, where it is not the engine's own
    moves: bool = False  # the tag is moved to newer builds: nothing else is published
    note: str = ""
    sources: Sources


class Package(Entry):
    engine: str
    version: str
    sources: Sources


@cache
def _data() -> tuple[tuple[Image, ...], dict[str, Package]]:
    text = (files("recommender") / "data" / "releases.toml").read_text("utf-8")
    rows = tomllib.loads(text)
    packages = (Package.model_validate(row) for row in rows["package"])
    return tuple(Image.model_validate(row) for row in rows["image"]), {
        package.engine: package for package in packages
    }


def images() -> tuple[Image, ...]:
    """Every image.

    Raises:
        pydantic.ValidationError: the data is wrong.
    """
    return _data()[0]


@cache
def image(engine_id: str, hardware: str, arch: str) -> Image | None:
    """The image of an engine for this hardware; None where nobody publishes one."""
    return next(
        (
            i
            for i in images()
            if i.engine == engine_id and hardware in i.hardware and arch in i.arch
        ),
        None,
    )


def version(engine_id: str) -> str:
    """Of its package.

    Raises:
        KeyError: it has none.
    """
    return _data()[1][engine_id].version
