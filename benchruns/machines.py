"""A machine in a few words."""

from __future__ import annotations

from benchruns.host.document import HostFacts


def in_words(facts: HostFacts) -> str:
    """ "NVIDIA RTX 4090, 24 GiB" or "AMD EPYC 7B13, 2 cores, 15 GiB"."""
    if facts.accelerators:
        first = facts.accelerators[0]
        count = f"{len(facts.accelerators)} × " if len(facts.accelerators) > 1 else ""
        memory = f", {first.memory_gib:.0f} GiB" if first.memory_gib else ""
        return f"{count}{first.name}{memory}"
    cores = facts.cores_physical or facts.cores_logical
    return f"{facts.cpu}, {cores} core{'s' if cores != 1 else ''}, {facts.memory_gib:.0f} GiB"
