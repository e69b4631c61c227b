"""The host's package as a wheel, built by setuptools from the source that runs here.

Only what runs on a host is in it: the recommender and `benchruns/host`. Built once per source; the
same source gives the same bytes, so that several processes of a site give out one checksum.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

TREES: Final = ("recommender", "benchruns/host")
FILES: Final = ("pyproject.toml", "README.md", "LICENSE", "benchruns/__init__.py")
OPTIONAL: Final = ("benchruns/py.typed",)
FOLDER: Final = "package"
_SOURCE: Final = ".source"  # the fingerprint of what the wheel was built from
_EPOCH: Final = "315619200"  # 1980-01-02: the first day that a zip can say in every time zone
_BUILD: Final = "import sys; from setuptools import build_meta as b; b.build_wheel(sys.argv[1])"
_LIMIT_S: Final = 300


class NotBuilt(Exception):
    """Why there is no wheel, in a sentence."""


@dataclass(frozen=True, slots=True)
class Wheel:
    path: Path
    sha256: str

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def version(self) -> str:
        return self.name.split("-")[1]


def found(data: Path) -> Wheel | None:
    """The wheel that was built for this site; None while there is none."""
    paths = sorted((data / FOLDER).glob("rigguide-*.whl"), key=lambda path: path.stat().st_mtime)
    return _wheel(paths[-1]) if paths else None


def _wheel(path: Path) -> Wheel:
    told = path.stat()
    return Wheel(path, sha256(path, told.st_size, told.st_mtime_ns))


@lru_cache(maxsize=512)
def sha256(path: Path, size: int, changed_ns: int) -> str:
    """Hex; read once per state of the file."""
    del size, changed_ns
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def build(root: Path, data: Path) -> Wheel:
    """The wheel of the source below `root`; built when it is not there yet. Raises NotBuilt."""
    if not (root / "pyproject.toml").is_file():
        raise NotBuilt(f"{root} holds no source to build the host's package from.")
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        source, kept = fingerprint(root), folder / _SOURCE
        there = found(data)
        if there is not None and kept.is_file() and kept.read_text() == source:
            return there
        return _built(root, folder, source)


def fingerprint(root: Path) -> str:
    digest = hashlib.sha256()
    for path in _sources(root):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for name in FILES:
        yield root / name
    for name in OPTIONAL:
        if (root / name).is_file():
            yield root / name
    for tree in TREES:
        every = sorted((root / tree).rglob("*"))
        yield from (p for p in every if p.is_file() and "__pycache__" not in p.parts)


def _built(root: Path, folder: Path, source: str) -> Wheel:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as place:
        tree, out = Path(place) / "source", Path(place) / "out"
        _copy(root, tree)
        made = _run(tree, out)
        for old in folder.glob("rigguide-*.whl"):
            old.unlink()
        path = made.replace(folder / made.name)
    (folder / _SOURCE).write_text(source)
    return _wheel(path)


def _copy(root: Path, tree: Path) -> None:
    for path in _sources(root):
        there = tree / path.relative_to(root)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, there)
        there.chmod(0o644)


def _run(tree: Path, out: Path) -> Path:
    out.mkdir()
    done = subprocess.run(
        (sys.executable, "-c", _BUILD, str(out)),
        cwd=tree,
        env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    made = sorted(out.glob("*.whl"))
    if done.returncode or not made:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise NotBuilt(f"setuptools did not build the host's package: {last[0]}")
    return made[0]
