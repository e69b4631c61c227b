"""What to call a model or device of one's own on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from recommender.own import device, model
from recommender.own.errors import OwnError


def label(question: str, value: str) -> str | None:
    """For people, who should not read the whole answer; None where it names a catalogue entry."""
    if question not in _LABELS or not model.is_own(value):
        return None
    try:
        return _LABELS[question](value)
    except OwnError:
        return None


def _model(value: str) -> str:
    found = model.decode(value)
    return f"{found.name}, your own ({found.params_b:.3g} billion parameters)"


def _device(value: str) -> str:
    found = device.decode(value)
    return f"{found.name}, your own ({found.bandwidth_gb_s:g} GB/s, {found.memory_gib:g} GB)"


_LABELS: Mapping[str, Callable[[str], str]] = {"model": _model, "device": _device}
