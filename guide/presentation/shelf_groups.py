"""Rows of the catalogue in groups that a phone can hold: models by size, devices by maker and
memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from guide.presentation.shelf_shape import Group, Row
from recommender.catalogue import Device, Model

SIZES = (4, 14, 40, 120)
"""Billions of parameters: the first fits that is not smaller."""

MEMORIES = (12, 24, 48)
"""GB of one device. Makers with more than SPLIT devices are split by it."""

SPLIT = 24
EMBEDDING = "Embedding models"


def model_groups(models: Iterable[Model], row: Callable[[Model], Row]) -> tuple[Group, ...]:
    """The smallest first; embedding models, which write nothing, last."""
    titles = [*(f"Up to {most} billion parameters" for most in SIZES), "Larger ones", EMBEDDING]
    found: dict[str, list[Model]] = {title: [] for title in titles}
    for model in sorted(models, key=lambda model: (model.params_b, model.name)):
        place = next((n for n, most in enumerate(SIZES) if model.params_b <= most), len(SIZES))
        found[EMBEDDING if model.embedding_only else titles[place]].append(model)
    return tuple(
        Group(f"size-{n}", title, _models(group), tuple(map(row, group)))
        for n, (title, group) in enumerate(found.items())
        if group
    )


def device_groups(
    devices: Iterable[Device], row: Callable[[Device], Row], kinds: Mapping[str, str]
) -> tuple[Group, ...]:
    """By maker or kind, in the order of `kinds`; within large ones by memory."""
    listed = tuple(devices)
    found: dict[tuple[str, str], list[Device]] = {}
    for kind, title in kinds.items():
        of_kind = [device for device in listed if device.hardware == kind]
        for device in sorted(of_kind, key=_by_memory):
            more = f", {_memory(device)}" if len(of_kind) > SPLIT else ""
            found.setdefault((kind, title + more), []).append(device)
    return tuple(
        Group(f"{kind}-{n}", title, _devices(group), tuple(map(row, group)))
        for n, ((kind, title), group) in enumerate(found.items())
    )


def memory_gb(device: Device) -> float | None:
    """The most that can be had; None: as much as is built in."""
    return max(device.memory_options_gib, default=device.memory_gib or 0.0) or None


def _by_memory(device: Device) -> tuple[float, str]:
    return (memory_gb(device) or 0.0, device.name)


def _memory(device: Device) -> str:
    size = memory_gb(device) or 0.0
    most = next((most for most in MEMORIES if size <= most), None)
    return f"up to {most} GB" if most else "more"


def _models(group: Sequence[Model]) -> str:
    return f"{len(group)} · {_span([m.params_b for m in group])} billion"


def _devices(group: Sequence[Device]) -> str:
    sizes = [size for device in group if (size := memory_gb(device))]
    memory = f"{_span(sizes)} GB · " if sizes else ""
    return f"{len(group)} · {memory}{_span([d.bandwidth_gb_s for d in group])} GB/s"


def _span(values: Sequence[float]) -> str:
    low, high = (_short(end) for end in (min(values), max(values)))
    return low if low == high else f"{low}–{high}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
