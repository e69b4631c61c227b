"""Judges the machines of a family, smallest first, without judging what a stronger one lacks.

Of cards with the same memory, count and backend the strongest is judged first: where even that one
does not do, one with less bandwidth and less arithmetic does not either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from recommender import rulebook
from recommender.advice.builds import Build
from recommender.advice.judge import Judged
from recommender.catalogue import Device

Judge = Callable[[Build], Judged]


def until_sure(rows: Sequence[Build], judge: Judge) -> Iterator[Judged]:
    """In order of size, up to the first of which even the interval's worse end does. `rows` are
    sorted by size; what is passed over would not have met the need."""
    met = False
    for _, tier in groupby(rows, key=lambda build: build.total_gib):
        for found in _tier(list(tier), judge, sure=met):
            yield found
            met = met or found.machine is not None
            if found.machine and found.machine.sure:
                return


def _tier(tier: Sequence[Build], judge: Judge, *, sure: bool) -> Iterator[Judged]:
    """Of one amount of memory. `sure`: only those are looked for that do beyond doubt."""
    known = [(strong, judge(strong)) for strong in _strongest(tier)]
    weak = [strong for strong, found in known if not _does(found, sure=sure)]
    for build in tier:
        first = next((found for strong, found in known if strong is build), None)
        if first is not None:
            yield first
        elif not any(_covers(strong, build) for strong in weak):
            yield judge(build)


def _does(found: Judged, *, sure: bool) -> bool:
    return found.machine is not None and (found.machine.sure or not sure)


def _strongest(tier: Sequence[Build]) -> Iterator[Build]:
    """The one with the most bandwidth of each kind of which there are several."""
    kinds: dict[object, list[Build]] = {}
    for build in tier:
        kinds.setdefault(_kind(build), []).append(build)
    for alike in kinds.values():
        if len(alike) > 1:
            yield max(alike, key=lambda build: build.device.bandwidth_gb_s)


def _kind(build: Build) -> object:
    """What has to agree for two machines to differ in speed alone."""
    device = build.device
    slot = "pcie" in device.id  # data-centre cards are bridged unless they say so
    alike = build.count, build.memory_gib, device.backend, device.usable_share
    return alike, slot, _barred(device)


def _barred(device: Device) -> frozenset[str]:
    """Engines that do not run on this very device."""
    limits = rulebook.load().device_limits
    return frozenset(limit.engine for limit in limits if limit.bars(device))


def _covers(strong: Build, build: Build) -> bool:
    """Whether it has at least as much of everything that speed comes from."""
    return _kind(strong) == _kind(build) and _at_least(strong.device, build.device)


def _at_least(strong: Device, device: Device) -> bool:
    return (
        strong.bandwidth_gb_s >= device.bandwidth_gb_s
        and (strong.compute_capability or 0.0) >= (device.compute_capability or 0.0)
        and set(strong.tflops) >= set(device.tflops)
        and all(strong.tflops[name] >= value for name, value in device.tflops.items())
    )
