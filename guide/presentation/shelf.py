"""What the catalogue knows of models and devices, as tables with their sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from recommender import catalogue
from recommender.catalogue import Device, Model, Source
from recommender.entries import Precision
from recommender.estimate import kv

TOKENS = 8192
LONGEST = 60


class ShelfError(ValueError):
    """What was asked of a table cannot be. A sentence says what can."""


@dataclass(frozen=True, slots=True)
class Head:
    """Of a column. `unit` stands beside its title; numbers are set flush right."""

    title: str
    unit: str = ""
    number: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` is "" where nobody knows. `head`: its column and unit, for narrow screens."""

    text: str
    number: bool
    head: str


@dataclass(frozen=True, slots=True)
class Row:
    """`cells`: one for each head after the name. `ask`: the question page with it answered."""

    id: str
    name: str
    cells: tuple[Cell, ...]
    note: str
    ask: str
    sources: tuple[Source, ...]

    @property
    def checked(self) -> str:
        """The latest day somebody compared it; "" where that was not noted."""
        return max((source.checked or "" for source in self.sources), default="")


@dataclass(frozen=True, slots=True)
class Shelf:
    """One table. `kinds`: what it can be narrowed to; `kind` and `text`: what it was."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    total: int
    kinds: Mapping[str, str]
    kind: str
    text: str


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


def models(text: str, kind: str) -> Shelf:
    """Raises ShelfError for a kind that is none, or too long a text."""
    _check(kind, MODEL_KINDS, text)
    known = catalogue.load().models.values()
    found = [m for m in known if _named(m.names, text) and kind in ("", _kind(m))]
    rows = tuple(map(_model, found))
    return Shelf(MODEL_HEADS, rows, len(known), MODEL_KINDS, kind, text)


def devices(text: str, kind: str) -> Shelf:
    """Raises ShelfError for a kind that is none, or too long a text."""
    _check(kind, DEVICE_KINDS, text)
    known = catalogue.load().devices.values()
    found = [d for d in known if _named(d.names, text) and kind in ("", d.hardware)]
    order = list(DEVICE_KINDS)
    found.sort(key=lambda d: (order.index(d.hardware), d.name))
    rows = tuple(map(_device, found))
    return Shelf(DEVICE_HEADS, rows, len(known), DEVICE_KINDS, kind, text)


SHELVES: Mapping[str, Callable[[str, str], Shelf]] = {"models": models, "devices": devices}


def _check(kind: str, kinds: Mapping[str, str], text: str) -> None:
    if kind and kind not in kinds:
        raise ShelfError(f"kind is {kind[:40]!r}; it takes one of: {', '.join(kinds)}.")
    if len(text) > LONGEST:
        raise ShelfError(f"q has {len(text):,} letters; it takes at most {LONGEST}.")


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
