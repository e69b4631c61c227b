"""The speed model against the published measurements it was fitted on: honest, not flattering.

How well it does on measurements it has not seen is a later matter (cross-validation by source).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from statistics import median
from typing import Any

from recommender import catalogue
from recommender.estimate.machine import backend_of, resolve
from recommender.estimate.step import case
from recommender.facts import Facts

CATALOGUE = catalogue.load()
ENGINES = {"llama.cpp": "llama.cpp", "vLLM": "vllm", "Ollama": "ollama", "MLX-LM": "mlx-lm"}


def rows(kind: str) -> Iterator[dict[str, Any]]:
    text = (files("recommender") / "data" / "calibration.jsonl").read_text("utf-8")
    for row in map(json.loads, text.splitlines()):
        if row["kind"] == kind and "Vulkan" not in (row["backend"] or ""):
            yield row


def estimate(row: dict[str, Any]) -> tuple[float, float, float] | None:
    """Decode tokens/s: value, low, high; None where a name is not in the catalogue."""
    model, quant = CATALOGUE.model(row["model"]), CATALOGUE.quant(row["quant"])
    device, engine = CATALOGUE.device(row["device"]), ENGINES[row["engine"]]
    if not (model and quant and device and quant.variant(engine)):
        return None
    machine = resolve(Facts(device=device.id, gpus=row["device_count"]), CATALOGUE)
    backend = backend_of(engine, machine, CATALOGUE) if machine else None
    if machine is None or backend is None:
        return None
    tokens = max(row["context"] or 0, row["prompt_tokens"] or 0) + (row["gen_tokens"] or 128) / 2
    steps = [
        case(engine, model, quant, machine, backend, guess).step(1, tokens)
        for guess in ("value", "low", "high")
    ]
    value, low, high = (1 / step for step in steps if step is not None)
    return value, low, high


def decode() -> list[tuple[float, tuple[float, float, float]]]:
    pairs = ((row["value"], estimate(row)) for row in rows("decode"))
    return [(value, guess) for value, guess in pairs if guess is not None]


def test_its_decode_is_within_a_few_per_cent_for_half_the_rows() -> None:
    errors = sorted(abs(guess[0] / value - 1) for value, guess in decode())
    assert len(errors) >= 115
    assert median(errors) < 0.10
    assert errors[int(0.9 * len(errors))] < 0.45


def test_its_intervals_hold_most_rows() -> None:
    inside = [low <= value <= high for value, (_, low, high) in decode()]
    assert 0.7 < sum(inside) / len(inside) < 1
