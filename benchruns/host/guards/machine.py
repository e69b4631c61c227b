"""Guards on the machine: who else used it, what slowed it down."""

from __future__ import annotations

from collections.abc import Iterator

from benchruns.host.document import Conditions, Finding
from benchruns.host.guards import found

BUSY_LIMIT = 10.0  # percent of all cores, worth a mark
DISTURBED = 25.0  # percent of all cores: the figures say more about the others
STEAL_LIMIT = 5.0  # percent of all cores
SWAP_LIMIT_GIB = 0.05


def of_others(cpu_percent: float | None) -> Iterator[Finding]:
    if cpu_percent is not None and cpu_percent > BUSY_LIMIT:
        yield found(
            "competing-load",
            f"other processes used {cpu_percent:.0f} % of the processor meanwhile",
            cpu_percent=cpu_percent,
        )


def disturbed(cpu_percent: float | None) -> str:
    """The verdict on a point for which others left too little of the machine, else ""."""
    if cpu_percent is None or cpu_percent <= DISTURBED:
        return ""
    return f"other processes used {cpu_percent:.0f} % of the processor"


def of_memory(swapped_gib: float) -> Iterator[Finding]:
    if swapped_gib > SWAP_LIMIT_GIB:
        yield found(
            "swapping",
            f"the machine swapped {swapped_gib:.1f} GiB meanwhile",
            swapped_gib=round(swapped_gib, 3),
        )


def of_conditions(seen: Conditions) -> Iterator[Finding]:
    """Throttling, stolen time, swapping: what went on while the whole curve was measured."""
    yield from of_memory(seen.swapped_gib or 0.0)
    if seen.steal_percent is not None and seen.steal_percent > STEAL_LIMIT:
        yield found(
            "stolen-time",
            f"the host of this virtual machine took {seen.steal_percent:.0f} % of its processor",
            steal_percent=seen.steal_percent,
        )
    if seen.cpu_throttle_events:
        yield found(
            "throttled",
            f"the processor was throttled for its temperature {seen.cpu_throttle_events} times",
            events=seen.cpu_throttle_events,
        )
    yield from _of_gpu(seen)


def _of_gpu(seen: Conditions) -> Iterator[Finding]:
    if seen.gpu_throttled_by:
        reasons = ", ".join(seen.gpu_throttled_by)
        yield found("throttled", f"the GPU was slowed down: {reasons}", reasons=reasons)
    if seen.gpu_others:
        yield found(
            "gpu-shared",
            f"{seen.gpu_others} other process{'es' if seen.gpu_others > 1 else ''} used the GPU "
            "meanwhile",
            processes=seen.gpu_others,
        )
