"""Where installed engines live. A folder that has its name and a manifest is whole."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from benchruns.host.errors import CannotMeasure
from benchruns.host.install.offers import Offer

VARIABLE = "RIGGUIDE_ENGINES_DIR"
MANIFEST = "rigguide-engine.json"
PARTIAL = ".partial"


class Manifest(BaseModel):
    """What was installed; written last, so that it vouches for the rest."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    engine: str
    provider: str
    version: str
    name: str
    serves: tuple[str, ...]
    installed_at: datetime
    took_s: float
    size_bytes: int
    python: str
    packages: dict[str, str]


@dataclass(frozen=True, slots=True)
class Environment:
    path: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def python(self) -> Path:
        return program(self.path, "python")

    @property
    def packages_dir(self) -> Path:
        """Its `site-packages`."""
        found = sorted(self.path.glob("lib/python*/site-packages"))
        return found[0] if found else self.path / "Lib" / "site-packages"

    def version_of(self, package: str) -> str:
        return self.manifest.packages.get(package, self.manifest.version)


def program(environment: Path, name: str) -> Path:
    windows = sys.platform == "win32"
    return environment / ("Scripts" if windows else "bin") / (f"{name}.exe" if windows else name)


def folders() -> tuple[Path, ...]:
    """New ones go into the first. RIGGUIDE_ENGINES_DIR may name several, as PATH does."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return tuple(Path(part).expanduser() for part in named.split(os.pathsep) if part)
    data = os.environ.get("DATA_DIR")
    return ((Path(data) if data else Path.home() / ".cache" / "rigguide") / "engines",)


def place_of(offer: Offer) -> Path:
    return folders()[0] / offer.id


def installed() -> tuple[Environment, ...]:
    """The newest version of an engine first."""
    found = [env for folder in folders() for env in _in(folder)]
    return tuple(sorted(found, key=lambda env: _sortable(env.manifest.version), reverse=True))


def _sortable(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _in(folder: Path) -> Iterator[Environment]:
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        if path.parent.suffix == PARTIAL:
            continue
        try:
            yield Environment(path.parent, Manifest.model_validate_json(path.read_text()))
        except (OSError, ValidationError):
            continue  # not one of ours, or being removed just now


def serving(adapter_id: str, provider: str) -> Environment | None:
    """The newest one from which that adapter can start its engine."""
    for env in installed():
        if env.manifest.provider == provider and adapter_id in env.manifest.serves:
            return env
    return None


def remove(engine: str, provider: str | None) -> list[Path]:
    """Whole and half-made ones alike.

    Raises CannotMeasure where there is none, or where another process installs it just now.
    """
    name = f"{engine}-{provider or '*'}-*"
    found = [path for folder in folders() for path in sorted(folder.glob(name)) if path.is_dir()]
    if not found:
        there = ", ".join(sorted(env.id for env in installed())) or "nothing"
        raise CannotMeasure(f"Nothing of {engine} is installed here. There is: {there}.")
    for place in dict.fromkeys(path.with_name(path.name.removesuffix(PARTIAL)) for path in found):
        with alone(place):
            _remove(place)
            _remove(place.with_name(place.name + PARTIAL))
    return found


def _remove(path: Path) -> None:
    """The manifest first: from then on nobody takes it for whole."""
    if path.is_dir():
        (path / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(path)


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Raises CannotMeasure where another holds the lock; it ends with its process, however."""
    with place.with_name(f".{place.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotMeasure(
                f"{place.name} is being installed or removed by another process."
            ) from None
        yield
