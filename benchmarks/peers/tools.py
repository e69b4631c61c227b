"""The other tools: found where the product's installer puts engines, else installed there."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchruns.host.errors import EngineFailed
from benchruns.host.install import environments, offers
from benchruns.host.install.install import install
from benchruns.host.install.offers import Offer
from benchruns.host.probe import probe
from benchruns.host.progress import Progress

GUIDELLM = Offer(
    engine="guidellm",
    provider="pypi",
    version="0.8.1",
    name="GuideLLM",
    packages=("guidellm==0.8.1",),
    os=("linux", "macos"),
    disk_gib=7.0,
    minutes=3,
    source="https://github.com/vllm-project/guidellm",
)


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs; None where one is not here and nobody wanted it installed."""

    guidellm: Path | None
    vllm: Path | None
    llama_bench: Path | None
    llama_batched_bench: Path | None
    llama_python: Path | None  # the interpreter whose llama_cpp is of the same build

    def missing(self) -> list[str]:
        return [name for name in self.__slots__ if getattr(self, name) is None]


def find(*, may_install: bool) -> Tools:
    llama = _programs("llama.cpp", "native", may_install=may_install)
    return Tools(
        guidellm=_program(GUIDELLM, "guidellm", may_install=may_install),
        vllm=_vllm(may_install=may_install),
        llama_bench=_tool(llama, "llama-bench"),
        llama_batched_bench=_tool(llama, "llama-batched-bench"),
        llama_python=None if llama is None else environments.program(llama, "python"),
    )


def _vllm(*, may_install: bool) -> Path | None:
    on_path = shutil.which("vllm")
    if on_path:
        return Path(on_path)
    found = environments.serving("vllm", "cuda") or environments.serving("vllm", "cpu")
    if found is not None:
        return environments.program(found.path, "vllm")
    place = _install(lambda: offers.choose("vllm", None, probe())) if may_install else None
    return None if place is None else environments.program(place, "vllm")


def _program(offer: Offer, name: str, *, may_install: bool) -> Path | None:
    place: Path | None = environments.place_of(offer)
    if place is None or not (place / environments.MANIFEST).exists():
        place = _install(lambda: offer) if may_install else None
    return None if place is None else environments.program(place, name)


def _programs(engine: str, provider: str, *, may_install: bool) -> Path | None:
    found = environments.serving(engine, provider)
    if found is not None:
        return found.path
    return _install(lambda: offers.choose(engine, provider, probe())) if may_install else None


def _tool(environment: Path | None, name: str) -> Path | None:
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path).resolve()
    if environment is None:
        return None
    found = sorted(environment.glob(f"lib/python*/site-packages/bin/{name}"))
    return found[0] if found else None


def libraries(program: Path) -> dict[str, str]:
    """What the wheel's programs need to find the wheel's libraries."""
    return {"LD_LIBRARY_PATH": str(program.parent.parent / "lib")}


def _install(choose: Callable[[], Offer]) -> Path | None:
    """None, and the reason told, where it cannot be had: the others are compared all the same."""
    try:
        offer = choose()
        _tell(f"Installing {offer.name} {offer.version}, about {offer.minutes:g} minutes …")
        return install(offer, report=_say, cancelled=lambda: False).path
    except EngineFailed as error:
        _tell(f"not installed: {error.reason}")
        return None


def _say(progress: Progress) -> None:
    _tell(f"  {progress.message}")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
