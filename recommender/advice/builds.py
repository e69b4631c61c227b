"""Every machine that could be got: a device of the catalogue, its memory, how many of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from recommender.advice import given
from recommender.catalogue import Catalogue, Device

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Build:
    """`memory_gib` is of one accelerator, of the whole machine where it is unified."""

    family: str
    device: Device
    memory_gib: float
    count: int

    @property
    def total_gib(self) -> float:
        return self.memory_gib * self.count

    @property
    def usable_gib(self) -> float:
        return self.total_gib * self.device.usable_share

    @property
    def size(self) -> tuple[float, float, float, int, str]:
        """What "smaller" means here: memory of all, then bandwidth of all, then the power they may
        draw where it is known, then fewer of them. Nobody here knows a price."""
        bandwidth = self.device.bandwidth_gb_s * self.count
        power = inf if self.device.power_w is None else self.device.power_w * self.count
        return self.total_gib, bandwidth, power, self.count, self.device.id

    @property
    def answers(self) -> Pairs:
        """What a visitor would answer who has it."""
        built_in = self.device.memory_gib is not None and not self.device.memory_options_gib
        memory = () if built_in else (("memory_gb", f"{self.memory_gib:g}"),)
        many = () if self.count == 1 else (("gpus", str(self.count)),)
        return (("device", self.device.id), *many, *memory)


@lru_cache(maxsize=4)
def builds(catalogue: Catalogue) -> dict[str, tuple[Build, ...]]:
    """By family, smallest first."""
    found: dict[str, list[Build]] = {row.id: [] for row in given.load().family}
    for device in catalogue.devices.values():
        for build in _of(device):
            found[build.family].append(build)
    return {family: tuple(sorted(rows, key=lambda b: b.size)) for family, rows in found.items()}


def _of(device: Device) -> Iterator[Build]:
    if _retired(device):
        return
    counts = (1,) if device.unified or device.alone else given.load().counts.accelerators
    for memory in _memories(device):
        for count in counts:
            yield Build(_family(device, count), device, memory, count)


def _retired(device: Device) -> bool:
    least = given.load().retired.compute_capability_below
    return device.compute_capability is not None and device.compute_capability < least


def _memories(device: Device) -> tuple[float, ...]:
    if device.memory_options_gib:
        return device.memory_options_gib
    if device.memory_gib is not None:
        return (device.memory_gib,)
    return _beside_processor(device) if device.hardware == "cpu" else ()


def _beside_processor(device: Device) -> tuple[float, ...]:
    return next(
        row.memory_gib
        for row in given.load().processor
        if row.bandwidth_up_to_gb_s is None or device.bandwidth_gb_s <= row.bandwidth_up_to_gb_s
    )


def _family(device: Device, count: int) -> str:
    if device.hardware == "apple":
        return "apple"
    if device.backend == "cpu":
        return "cpu"
    if device.unified:
        return "unified"
    if device.hardware != "nvidia":
        return device.hardware
    if device.datacentre:
        return "datacentre"
    return "nvidia-one" if count == 1 else "nvidia-several"
