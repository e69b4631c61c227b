"""A machine in a few words, and which entry of the catalogue it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchruns.host.document import HostFacts
from recommender import catalogue

_MAKERS: Final = ("NVIDIA ", "GeForce ", "AMD ", "Intel ", "Apple ")


def in_words(facts: HostFacts) -> str:
    """ "NVIDIA RTX 4090, 24 GiB" or "AMD EPYC 7B13, 2 cores, 15 GiB"."""
    if facts.accelerators:
        first = facts.accelerators[0]
        count = f"{len(facts.accelerators)} × " if len(facts.accelerators) > 1 else ""
        memory = f", {first.memory_gib:.0f} GiB" if first.memory_gib else ""
        return f"{count}{first.name}{memory}"
    cores = facts.cores_physical or facts.cores_logical
    return f"{facts.cpu}, {cores} core{'s' if cores != 1 else ''}, {facts.memory_gib:.0f} GiB"


def device_id(facts: HostFacts) -> str | None:
    """The catalogue's id of the accelerator; None where it has none or is in no catalogue."""
    if not facts.accelerators:
        return None
    found = (catalogue.load().device(name) for name in _spellings(facts.accelerators[0].name))
    return next((device.id for device in found if device), None)


def _spellings(name: str) -> Iterator[str]:
    """As the driver says it, then without its maker's names."""
    yield name
    for maker in _MAKERS:
        name = name.removeprefix(maker)
        yield name
