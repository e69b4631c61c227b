"""What the catalogue holds of machines, and of what engines make of them.

Units are in the names: GiB is 2**30 bytes, GB/s is 10**9 bytes a second, TFLOP/s is dense.
"""

from __future__ import annotations

from typing import Literal

from recommender.entries import Entry, Precision, Sources

Guess = Literal["value", "low", "high"]


class Device(Entry):
    """An accelerator, a machine with unified memory, or a kind of CPU by its memory channels."""

    id: str
    name: str
    hardware: Literal["cpu", "nvidia", "amd", "apple", "intel", "edge"]
    arch: Literal["x86_64", "arm64"] | None = None  # of the processor it comes with; None: any
    backend: str  # which constants of `backends.toml` apply: cuda, rocm, metal, cpu …
    aliases: tuple[str, ...] = ()
    memory_gib: float | None = None  # None: as much as was built in
    memory_options_gib: tuple[float, ...] = ()
    bandwidth_gb_s: float
    tflops: dict[Precision, float] = {}
    unified: bool = False
    alone: bool = False  # a machine never has more than one: a laptop's
    usable_share: float = 1.0  # of the memory, for weights and cache
    datacentre: bool = False
    power_w: float | None = None  # what the whole card may draw as shipped
    compute_capability: float | None = None  # of NVIDIA GPUs
    gfx: str | None = None  # of AMD GPUs: the target that code is compiled for, such as gfx1100
    sources: Sources

    @property
    def names(self) -> tuple[str, ...]:
        """Everything this device is called."""
        return (self.id, self.name, *self.aliases)


class Spread(Entry):
    """A fitted constant: `low` and `high` hold about 80 % of what was seen."""

    value: float
    low: float
    high: float

    def at(self, guess: Guess) -> float:
        """One of the three."""
        return {"value": self.value, "low": self.low, "high": self.high}[guess]


class Backend(Entry):
    """That one engine runs on one kind of device. How fast is fitted (`estimate.fitted`)."""

    engine: str
    backend: str
    computes_in: Precision | None = None  # whatever the quantisation; None: as that says
    overhead_gib: float
    sources: Sources


class Engine(Entry):
    """What an engine does with several people at once, and with memory."""

    id: str
    slots_as_shipped: int
    slots_limit: int
    slots_large: int | None = None  # as shipped on devices of 70 GiB and more, A100 apart
    slots_unsaid: int | None = None  # in published measurements that do not name their own
    kv: Literal["slots", "pool", "grow"]
    memory_share: float  # of the device's memory that it may take
    embeds: bool = False  # serves embedding models
    prefers: tuple[str, ...]  # quantisations, most wanted first
    sources: Sources
