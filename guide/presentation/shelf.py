"""What the catalogue knows of models and devices, as tables with their sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlencode

from guide.presentation.shelf_groups import device_groups, memory_gb, model_groups
from guide.presentation.shelf_shape import Asked, Cell, Head, Row, Shelf, ShelfError
from recommender import catalogue
from recommender.catalogue import Device, Model
from recommender.entries import Precision
from recommender.estimate import kv

TOKENS = 8192


MODEL_KINDS = {"dense": "Dense", "mixture": "Mixtures of experts", "embedding": "Embedding models"}
DEVICE_KINDS = {
    "nvidia": "NVIDIA",
    "amd": "AMD",
    "apple": "Apple",
    "intel": "Intel",
    "cpu": "Processors",
    "edge": "Small boards",
}
MODEL_HEADS = (
    Head("Parameters", "billion"),
    Head("Active", "billion"),
    Head("Layers"),
    Head("Attention", number=False),
    Head("Cache a token", "KiB"),
    Head("Context", "tokens"),
)
DEVICE_HEADS = (
    Head("Memory", "GB"),
    Head("Bandwidth", "GB/s"),
    Head("fp16", "TFLOPS"),
    Head("fp8", "TFLOPS"),
    Head("fp4", "TFLOPS"),
    Head("To the next one", "GB/s"),
)


def models(asked: Asked) -> Shelf:
    """Raises ShelfError for a kind that is none."""
    _check(asked.kind, MODEL_KINDS)
    known = catalogue.load().models.values()
    found = [m for m in known if _named(m.names, asked.text) and asked.kind in ("", _kind(m))]
    if asked.size is not None:
        found = [m for m in found if m.params_b <= asked.size]
    groups = model_groups(found, _model)
    return Shelf(MODEL_HEADS, groups, len(known), MODEL_KINDS, "At most, in billions", asked)


def devices(asked: Asked) -> Shelf:
    """Raises ShelfError for a kind that is none. A processor has the memory that is built in."""
    _check(asked.kind, DEVICE_KINDS)
    known = catalogue.load().devices.values()
    found = [d for d in known if _named(d.names, asked.text) and asked.kind in ("", d.hardware)]
    if asked.size is not None:
        found = [d for d in found if (memory_gb(d) or asked.size) >= asked.size]
    groups = device_groups(found, _device, DEVICE_KINDS)
    return Shelf(DEVICE_HEADS, groups, len(known), DEVICE_KINDS, "At least, in GB", asked)


SHELVES: Mapping[str, Callable[[Asked], Shelf]] = {"models": models, "devices": devices}


def _check(kind: str, kinds: Mapping[str, str]) -> None:
    if kind and kind not in kinds:
        raise ShelfError(f"kind is {kind[:40]!r}; it takes one of: {', '.join(kinds)}.")


def _named(names: Iterable[str], text: str) -> bool:
    """Every word of the text is in one of the names."""
    whole = " ".join(names).lower()
    return all(word in whole for word in text.lower().split())


def _kind(model: Model) -> str:
    if model.embedding_only:
        return "embedding"
    return "mixture" if model.experts else "dense"


def _model(model: Model) -> Row:
    cells = (
        f"{model.params_b:,.3g}" if model.params_b < 1000 else f"{model.params_b:,.0f}",
        f"{model.active / 1e9:.3g}" if model.experts else "all",
        f"{model.layers}",
        _attention(model),
        f"{kv.per_token(model, min(TOKENS, model.context_max)) / 1024:,.0f}",
        f"{model.context_max:,}",
    )
    ask = urlencode({"model": model.id})
    set_out = _set_out(cells, MODEL_HEADS)
    return Row(model.id, model.name, set_out, model.note, ask, model.sources)


def _attention(model: Model) -> str:
    memory = model.attention
    return {
        "full": "all layers",
        "sliding": f"{memory.full_layers} layers, others {memory.window or 0:,} tokens",
        "mla": f"latent vector of {memory.latent}",
        "hybrid": f"{memory.full_layers} layers, others a state",
    }[memory.kind]


def _device(device: Device) -> Row:
    link = catalogue.load().connects(device.id)
    cells = (
        _memory(device),
        f"{device.bandwidth_gb_s:,.6g}",
        *(_flops(device, precision) for precision in ("fp16", "fp8", "fp4")),
        f"{link.gb_s:g} ({link.name})" if link else "",
    )
    ask = urlencode({"hardware": device.hardware, "device": device.id})
    return Row(device.id, device.name, _set_out(cells, DEVICE_HEADS), "", ask, device.sources)


def _set_out(texts: tuple[str, ...], heads: tuple[Head, ...]) -> tuple[Cell, ...]:
    named = (f"{head.title}, {head.unit}" if head.unit else head.title for head in heads)
    return tuple(Cell(t, h.number, n) for t, h, n in zip(texts, heads, named, strict=True))


FIRST: Mapping[Precision, float] = {"fp8": 8.9, "fp4": 10.0}
"""From which generation on NVIDIA's cards multiply in that precision."""


def _flops(device: Device, precision: Precision) -> str:
    value, generation = device.tflops.get(precision), device.compute_capability
    if value is not None:
        return f"{value:,.5g}"
    return "none" if generation and generation < FIRST.get(precision, 0.0) else ""


def _memory(device: Device) -> str:
    if device.memory_options_gib:
        return ", ".join(f"{size:g}" for size in device.memory_options_gib)
    return f"{device.memory_gib:g}" if device.memory_gib else "as built in"
