"""A machine in a few words, which entry of the catalogue it is, and what of it computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchruns.host.document import Accelerator, EngineFacts, HostFacts
from recommender import catalogue

_MAKERS: Final = ("NVIDIA ", "GeForce ", "AMD ", "Intel ", "Apple ")
_VENDOR_OF: Final = {"cuda": "nvidia", "rocm": "amd", "metal": "apple", "sycl": "intel"}
NOT_KNOWN: Final = (
    "it is not known whether the processor or an accelerator computed: these figures count for no"
    " recommendation"
)


@dataclass(frozen=True, slots=True)
class Computed:
    """What computed. `hardware` "": not known, so the figures count for no machine.

    `memory_gib` is of one accelerator, or of the system where the processor computed.
    """

    hardware: str
    device: str | None
    machine: str
    memory_gib: float | None
    accelerators: int


def computed(engine: EngineFacts, facts: HostFacts) -> Computed:
    """From the backend that computed, never from the cards that are merely there."""
    if engine.backend == "cpu" or (engine.backend is None and not facts.accelerators):
        return Computed("cpu", None, processor(facts), facts.memory_gib, 0)
    used = _used(engine.backend, facts)
    if not used:
        return Computed("", None, in_words(facts), None, 0)
    first = used[0]
    return Computed(first.vendor, _device(first), _cards(used), first.memory_gib, len(used))


def _used(backend: str | None, facts: HostFacts) -> list[Accelerator]:
    """Of one vendor: the backend's own, or with Vulkan the only one there is."""
    vendors = {a.vendor for a in facts.accelerators if a.vendor != "other"}
    if backend in _VENDOR_OF:
        vendors &= {_VENDOR_OF[backend]}
    elif backend != "vulkan":
        return []
    return [a for a in facts.accelerators if a.vendor in vendors] if len(vendors) == 1 else []


def in_words(facts: HostFacts) -> str:
    """ "NVIDIA RTX 4090, 24 GiB" or "AMD EPYC 7B13, 2 cores, 15 GiB"."""
    return _cards(facts.accelerators) if facts.accelerators else processor(facts)


def _cards(cards: list[Accelerator] | tuple[Accelerator, ...]) -> str:
    count = f"{len(cards)} × " if len(cards) > 1 else ""
    memory = f", {cards[0].memory_gib:.0f} GiB" if cards[0].memory_gib else ""
    return f"{count}{cards[0].name}{memory}"


def processor(facts: HostFacts) -> str:
    cores = facts.cores_physical or facts.cores_logical
    return f"{facts.cpu}, {cores} core{'s' if cores != 1 else ''}, {facts.memory_gib:.0f} GiB"


def device_id(facts: HostFacts) -> str | None:
    """The catalogue's id of the accelerator; None where it has none or is in no catalogue."""
    return _device(facts.accelerators[0]) if facts.accelerators else None


def _device(card: Accelerator) -> str | None:
    found = (catalogue.load().device(name) for name in _spellings(card.name))
    return next((device.id for device in found if device), None)


def _spellings(name: str) -> Iterator[str]:
    """As the driver says it, then without its maker's names."""
    yield name
    for maker in _MAKERS:
        name = name.removeprefix(maker)
        yield name
