"""Measurements of this project, reduced to rows of the calibration data's form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from recommender import catalogue
from recommender.evidence import MeasuredPoint, Measurement

ROW_NAMES = {"llama.cpp": "llama.cpp", "ollama": "Ollama", "vllm": "vLLM", "sglang": "SGLang"}


class NotUsable(ValueError):
    """Nothing can be fitted on this measurement; the sentence says why."""


def name(measurement: Measurement) -> str:
    """What its file is called: the same for the same measurement."""
    parts = (
        measurement.device or "",
        measurement.engine,
        measurement.model,
        measurement.quant,
        measurement.variant,
        measurement.measured_at.date().isoformat(),
    )
    return re.sub(r"[^a-z0-9.]+", "-", "-".join(parts).lower()).strip("-")


def rows(measurement: Measurement) -> tuple[dict[str, Any], ...]:
    """One row for each stable point: the pace of one client, the output of several.

    Raises:
        NotUsable: the device is in no catalogue, or no point was stable.
    """
    if measurement.device is None:
        raise NotUsable(f"{measurement.machine} is in no catalogue: its bandwidth is not known.")
    found = tuple(_row(measurement, point, value) for point, value in _stable(measurement))
    if not found:
        raise NotUsable("No point was stable, undisturbed and has a rate.")
    return found


def _stable(measurement: Measurement) -> Iterator[tuple[MeasuredPoint, float]]:
    for point in measurement.points:
        alone = point.clients == 1
        value = point.tok_s_per_user_p50 if alone else point.total_tok_s
        if point.stable and not point.disturbed and value:
            yield point, value


def _row(measurement: Measurement, point: MeasuredPoint, value: float) -> dict[str, Any]:
    alone, base = point.clients == 1, name(measurement)
    slots = f", --parallel {point.clients}" if measurement.variant == "tuned" else ""
    weights = "synthetic" if measurement.synthetic_weights else "real"
    device = catalogue.load().devices[measurement.device or ""]
    return {
        "id": f"own-{base}-{point.clients}",
        "set": "measured",
        "kind": "decode" if alone else "concurrent",
        "engine": ROW_NAMES.get(measurement.engine, measurement.engine),
        "engine_version": measurement.engine_version,
        "device": device.name,
        "device_count": max(1, measurement.accelerators),
        "device_mem_gib": measurement.memory_gib,
        "model": measurement.model,
        "quant": measurement.quant,
        "prompt_tokens": measurement.prompt_tokens,
        "gen_tokens": measurement.output_tokens,
        "concurrency": point.clients,
        "value": round(value, 3),
        "unit": "tok/s" if alone else "tok/s (output)",
        "conditions": f"closed loop over HTTP, {measurement.variant}, {weights} weights{slots}",
        "date": measurement.measured_at.date().isoformat(),
        "source": f"measured with this project: {base}",
    }
