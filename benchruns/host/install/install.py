"""Installs an engine: visible, cancellable, resumable, whole or not at all."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from benchruns.host.courier import Courier
from benchruns.host.errors import CannotMeasure, EngineFailed
from benchruns.host.install import environments, mirrors, steps
from benchruns.host.install.environments import MANIFEST, PARTIAL, Environment, Manifest
from benchruns.host.install.offers import Offer, no_room
from benchruns.host.install.running import Shell
from benchruns.host.progress import IsCancelled, Report

_TOOLS = ".tools"
_ALMOST = 0.95  # the share of the whole that the commands are


def install(offer: Offer, *, report: Report, cancelled: IsCancelled) -> Environment:
    """The environment, installed if it is not there. What an earlier try left is used.

    Raises CannotMeasure where the disk is too small or another installs the same just now,
    EngineFailed with the installer's log, Cancelled; then the half-made folder stays for the next
    try, under a name that nobody takes for an engine.
    """
    place = environments.place_of(offer)
    place.parent.mkdir(parents=True, exist_ok=True)
    with environments.alone(place), Courier(report, cancelled) as courier:
        if (place / MANIFEST).exists():
            return _read(place)
        if problem := no_room(offer, place):
            raise CannotMeasure(problem)
        courier.tell("preparing", f"Installing {offer.name} {offer.version}", fraction=0.0)
        return _install(offer, place, courier)


def _install(offer: Offer, place: Path, courier: Courier) -> Environment:
    began, part = monotonic(), place.with_name(place.name + PARTIAL)
    part.mkdir(exist_ok=True)
    shell = _shell(offer, part, courier)
    program = steps.uv(shell, place.parent / _TOOLS)
    try:
        steps.build(offer, part, shell, program)
    except EngineFailed as error:
        raise _with_disk(error, part) from error
    courier.tell("finishing", "Looking at what was installed", fraction=_ALMOST)
    _vouch(offer, part, steps.packages(program, part), monotonic() - began)
    if place.exists():  # what an interrupted removal left: nothing vouches for it
        shutil.rmtree(place)
    part.replace(place)
    return _read(place)


def _shell(offer: Offer, part: Path, courier: Courier) -> Shell:
    """A build folder of its own outlives a cancel: the compiler goes on where it was."""
    build = {"SKBUILD_BUILD_DIR": str(part / "build")} if offer.from_source else {}
    path = {"PATH": f"{environments.program(part, '').parent}{os.pathsep}{os.environ['PATH']}"}
    most = 0.0

    def say(text: str, share: float | None) -> None:
        nonlocal most
        most = max(most, _ALMOST * (share or 0.0))
        courier.tell_live("preparing", text, fraction=round(most, 3))

    return Shell(
        log_path=part / "install.log",
        cwd=part,
        env={**mirrors.environment(), **build, **path},
        check=courier.check,
        say=say,
    )


def _with_disk(error: EngineFailed, part: Path) -> EngineFailed:
    """A full disk is the likeliest reason for what cannot be understood otherwise."""
    if shutil.disk_usage(part).free > 64 * 2**20:
        return error
    return CannotMeasure(f"The disk became full. {error.reason}", log=error.log)


def _vouch(offer: Offer, part: Path, packages: dict[str, str], took_s: float) -> None:
    """The manifest, whole and on the disk before the folder gets its name."""
    for folder in ("build", "source", "downloads"):
        shutil.rmtree(part / folder, ignore_errors=True)
    manifest = Manifest(
        engine=offer.engine,
        provider=offer.provider,
        version=offer.version,
        name=offer.name,
        serves=offer.adapters,
        installed_at=datetime.now(UTC),
        took_s=round(took_s, 1),
        size_bytes=sum(p.lstat().st_size for p in part.rglob("*") if not p.is_dir()),
        python=str(environments.program(part, "python").resolve()),
        packages=packages,
    )
    with (part / MANIFEST).open("w") as file:
        file.write(manifest.model_dump_json(indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _read(place: Path) -> Environment:
    return Environment(place, Manifest.model_validate_json((place / MANIFEST).read_text()))
