"""What can be installed, and why not here. The offers are data: `data/installs.toml`."""

from __future__ import annotations

import shutil
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from benchruns.host.document import HostFacts
from benchruns.host.errors import CannotMeasure

GIB = 2**30
SPARE_GIB = 1.0  # disk that is left to others
_DATA = Path(__file__).with_name("data") / "installs.toml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StandIn(_Part):
    """A package of metadata alone."""

    name: str
    version: str


class Offer(_Part):
    """One engine, one provider, one version, and how it is installed."""

    engine: str
    provider: str
    version: str
    name: str
    serves: tuple[str, ...] = ()  # ids of adapters that find it; empty: that of `engine`
    packages: tuple[str, ...] = Field(min_length=1)
    from_source: tuple[str, ...] = ()  # packages that are compiled here
    build_requires: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # dependencies that are left out
    stand_in: StandIn | None = None
    torch_backend: str | None = None
    build_settings: dict[str, str] = Field(default_factory=dict)  # a cached build has the same
    settings_where_amx_faults: dict[str, str] = Field(default_factory=dict)
    programs: tuple[str, ...] = ()  # must be on PATH
    os: tuple[Literal["linux", "macos", "windows"], ...]
    arch: tuple[Literal["x86_64", "arm64"], ...] = ("x86_64", "arm64")
    accelerator: Literal["nvidia", "amd", "apple"] | None = None
    python_below: str | None = None
    disk_gib: float = Field(gt=0)
    minutes: float = Field(gt=0)
    source: str
    seen: str = ""

    @property
    def id(self) -> str:
        """Also the name of its folder."""
        return f"{self.engine}-{self.provider}-{self.version}"

    @property
    def adapters(self) -> tuple[str, ...]:
        return self.serves or (self.engine,)


class Elsewhere(_Part):
    """An engine that is not installed from here, and why."""

    engine: str
    why: str


class Offers(_Part):
    install: tuple[Offer, ...]
    elsewhere: tuple[Elsewhere, ...]


@cache
def load(path: Path = _DATA) -> Offers:
    return Offers.model_validate(tomllib.loads(path.read_text()))


def choose(engine: str, provider: str | None, facts: HostFacts) -> Offer:
    """The first offer that suits this machine. Raises CannotMeasure with what there is."""
    found = [o for o in load().install if o.engine == engine and provider in (None, o.provider)]
    if not found:
        raise CannotMeasure(_none(engine, provider))
    reasons = [why_not(offer, facts) for offer in found]
    if None not in reasons:
        said = "; ".join(f"{o.name}: {why}" for o, why in zip(found, reasons, strict=True))
        raise CannotMeasure(f"{engine} cannot be installed here. {said}.")
    return found[reasons.index(None)]


def _none(engine: str, provider: str | None) -> str:
    for other in load().elsewhere:
        if other.engine == engine:
            return f"{engine} is not installed from here: {other.why}."
    same = [offer.provider for offer in load().install if offer.engine == engine]
    if same:
        return f"{engine} has no provider {provider!r}. There are: {', '.join(same)}."
    known = ", ".join(dict.fromkeys(offer.engine for offer in load().install))
    return f"There is no engine {engine!r} to install. There are: {known}."


def why_not(offer: Offer, facts: HostFacts) -> str | None:
    """Why this machine is not one for it; None where it is. The disk is another matter."""
    if facts.os not in offer.os:
        return f"it is for {' and '.join(offer.os)}, this is {facts.os}"
    if facts.arch not in offer.arch:
        return f"it is for {' and '.join(offer.arch)}, this is {facts.arch}"
    if offer.accelerator and offer.accelerator not in {a.vendor for a in facts.accelerators}:
        return f"no {offer.accelerator} accelerator is seen here"
    if offer.python_below and sys.version_info[:2] >= _version(offer.python_below):
        return f"it needs a Python below {offer.python_below}, this is {facts.python}"
    missing = [program for program in offer.programs if shutil.which(program) is None]
    return f"{missing[0]} is not on PATH, and it is needed to build it" if missing else None


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def no_room(offer: Offer, where: Path) -> str | None:
    """The sentence that says that the disk is too small; None where it is not."""
    free_gib = shutil.disk_usage(next(p for p in (where, *where.parents) if p.exists())).free / GIB
    if free_gib >= offer.disk_gib + SPARE_GIB:
        return None
    return (
        f"{offer.name} needs {offer.disk_gib:g} GiB of disk and {SPARE_GIB:g} GiB beside it; "
        f"{where} has {free_gib:.1f} GiB free."
    )
