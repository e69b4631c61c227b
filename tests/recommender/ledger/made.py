"""Measurements made by hand, for stories about verdicts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from recommender.evidence import MeasuredPoint, Measurement


def point(
    clients: int, total: float | None, *, each: float | None = None, **changes: Any
) -> MeasuredPoint:
    """`total` and `each` in tokens/s: of all together, and of one answer while it is written."""
    fields: dict[str, Any] = {
        "clients": clients,
        "ttft_p50_ms": 100.0,
        "ttft_p95_ms": 200.0,
        "tok_s_per_user_p50": each if each is not None or total is None else total / clients,
        "tok_s_per_user_p5": None,
        "total_tok_s": total,
        "stable": True,
    }
    return MeasuredPoint(**(fields | changes))


def measurement(engine: str, *points: MeasuredPoint, **changes: Any) -> Measurement:
    fields: dict[str, Any] = {
        "engine": engine,
        "model": "smollm2-135m",
        "quant": "F16",
        "hardware": "cpu",
        "device": None,
        "machine": "AMD EPYC, 2 cores",
        "host": "alice",
        "engine_version": "1",
        "variant": "as-shipped",
        "prompt_tokens": 64,
        "output_tokens": 64,
        "synthetic_weights": True,
        "measured_at": datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
        "url": "/runs/1/",
        "points": points,
    }
    return Measurement(**(fields | changes))
