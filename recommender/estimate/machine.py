"""Which machine the answers mean: a catalogue device, or the middle of those it could be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import median
from typing import Literal

from recommender.catalogue import Backend, Catalogue, Device, Spread
from recommender.facts import Facts
from recommender.own.model import is_own

_Said = tuple[str | None, str | None, int | None, float | None, str | None]
"""Hardware, device, accelerators, GiB of one of them, class of GPU."""

Precision = Literal["fp16", "fp8", "int8", "fp4"]
WORDS = {
    "cpu": "processors by their memory channels",
    "nvidia": "NVIDIA GPUs",
    "amd": "AMD GPUs",
    "apple": "Apple silicon",
    "intel": "Intel GPUs",
    "edge": "edge devices",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """What a decode step runs on. `memory_gib` is of all accelerators together, None: not known.

    `bandwidth` and `tflops` are of one of them. `note` says what was assumed.
    """

    hardware: str
    backend: str
    gpus: int
    memory_gib: float | None
    usable_gib: float | None
    bandwidth: Spread
    tflops: dict[str, Spread]
    unified: bool
    note: str
    device: Device | None


def resolve(facts: Facts, catalogue: Catalogue) -> Machine | None:
    """The machine these answers describe; None while nothing is known of it.

    Raises:
        ValueError: the device is not in the catalogue.
    """
    machine = facts.hardware, facts.device, facts.gpus, facts.memory_gb, facts.gpu_class
    return _resolve(machine, catalogue)


@lru_cache(maxsize=4096)
def _resolve(said: _Said, catalogue: Catalogue) -> Machine | None:
    """Remembered by nothing but what is said of the machine: whoever uses it changes more often."""
    hardware, device, gpus, memory_gb, gpu_class = said
    facts = Facts(
        hardware=hardware, device=device, gpus=gpus, memory_gb=memory_gb, gpu_class=gpu_class
    )
    if facts.device is not None:
        known = _device(facts.device, facts.hardware, catalogue)
        found = of_device(known, gpus=facts.gpus or 1, memory_gib=facts.memory_gb)
        return replace(found, note=_own_note(known, facts)) if is_own(known.id) else found
    if facts.hardware in (None, "none-yet"):
        return None
    return _assumed(facts, catalogue)


def backend_of(engine_id: str, machine: Machine, catalogue: Catalogue) -> Backend | None:
    """The constants of this engine there; the nearest backend where it has none of its own."""
    kinds = (machine.backend, machine.backend.split("-", maxsplit=1)[0])
    return next((found for k in kinds if (found := catalogue.backends.get((engine_id, k)))), None)


def _own_note(device: Device, facts: Facts) -> str:
    kind = WORDS[device.hardware]
    if facts.hardware in WORDS:
        return f"{device.name} is taken to do with its bandwidth as other {kind} do."
    return f"Nobody said what kind of device {device.name} is: taken to do as {kind} do."


def _device(name: str, hardware: str | None, catalogue: Catalogue) -> Device:
    device = catalogue.device(name, hardware)
    if device is None:
        msg = f"device {name!r} is not in the catalogue"
        raise ValueError(msg)
    return device


def of_device(device: Device, *, gpus: int = 1, memory_gib: float | None = None) -> Machine:
    """So many of this device. `memory_gib`: of one of them, as built in where that varies."""
    memory = memory_gib or device.memory_gib
    total = None if memory is None else memory * gpus
    return Machine(
        hardware=device.hardware,
        backend=device.backend,
        gpus=gpus,
        memory_gib=total,
        usable_gib=None if total is None else total * device.usable_share,
        bandwidth=_exactly(device.bandwidth_gb_s),
        tflops={name: _exactly(value) for name, value in device.tflops.items()},
        unified=device.unified,
        note="",
        device=device,
    )


def on_backend(machine: Machine, backend: str) -> Machine:
    """The same machine driven through another interface (Vulkan), or by its processor alone."""
    return replace(machine, backend=backend)


def _assumed(facts: Facts, catalogue: Catalogue) -> Machine:
    like = _candidates(facts, catalogue)
    middle = sorted(like, key=lambda d: d.bandwidth_gb_s)[(len(like) - 1) // 2]
    gpus = facts.gpus or 1
    total = None if facts.memory_gb is None else facts.memory_gb * gpus
    return Machine(
        hardware=middle.hardware,
        backend=middle.backend,
        gpus=gpus,
        memory_gib=total,
        usable_gib=None if total is None else total * middle.usable_share,
        bandwidth=_range([d.bandwidth_gb_s for d in like], cautious=middle.hardware == "cpu"),
        tflops=_tflops(like, cautious=middle.hardware == "cpu"),
        unified=middle.unified,
        note=_note(facts, like),
        device=None,
    )


def _candidates(facts: Facts, catalogue: Catalogue) -> Sequence[Device]:
    """Devices of that kind, those with about that much memory where any have it."""
    kind = [d for d in catalogue.devices.values() if d.hardware == facts.hardware]
    if facts.gpu_class is not None:
        kind = [d for d in kind if d.datacentre == (facts.gpu_class == "datacenter")] or kind
    memory = facts.memory_gb
    if memory is None:
        return kind
    near = [d for d in kind if _has_about(d, memory)]
    return near or kind


def _has_about(device: Device, memory_gib: float) -> bool:
    sizes = device.memory_options_gib or ((device.memory_gib,) if device.memory_gib else ())
    return any(abs(size - memory_gib) <= 0.15 * memory_gib for size in sizes)


def _note(facts: Facts, like: Sequence[Device]) -> str:
    slow, fast = (pick(d.bandwidth_gb_s for d in like) for pick in (min, max))
    kind = WORDS.get(like[0].hardware, like[0].hardware)
    which = f"{kind} with {facts.memory_gb:g} GB" if facts.memory_gb else kind
    taken = "the slowest" if like[0].hardware == "cpu" else "the middle"
    return (
        f"The device is not known. Of {which}, {taken} is taken; they reach {slow:g} to {fast:g} "
        "GB/s of memory bandwidth."
    )


def _exactly(value: float) -> Spread:
    return Spread(value=value, low=value, high=value)


def _range(values: Sequence[float], *, cautious: bool) -> Spread:
    """The middle of what it could be; the slowest where guessing high would disappoint most."""
    value = min(v for v in values) if cautious else median(values)
    return Spread(value=value, low=0.6 * value if cautious else min(values), high=max(values))


def _tflops(like: Sequence[Device], *, cautious: bool) -> dict[str, Spread]:
    names = {name for device in like for name in device.tflops}
    return {
        name: _range([d.tflops[name] for d in like if name in d.tflops], cautious=cautious)
        for name in sorted(names)
        if sum(name in d.tflops for d in like) * 2 > len(like)
    }
