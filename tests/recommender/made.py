"""Measurements and answers for stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from recommender.answers import parse
from recommender.evidence import MeasuredPoint, Measurement
from recommender.recommend import recommend
from recommender.recommendation import Recommendation

DAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def point(clients: int, tok_s: float | None, ttft_ms: float | None = 200.0) -> MeasuredPoint:
    """Everybody got the same: medians and tails are equal."""
    total = None if tok_s is None else tok_s * clients
    return MeasuredPoint(clients, ttft_ms, ttft_ms, tok_s, tok_s, total, stable=True)


def measurement(engine: str, *points: MeasuredPoint, **changed: Any) -> Measurement:
    """On a host called attic: a processor with two cores."""
    made = Measurement(
        engine=engine,
        model="llama-3.2-3b",
        quant="Q4_K_M",
        hardware="cpu",
        device=None,
        machine="AMD EPYC 7B13, 2 cores",
        host="attic",
        engine_version="b1",
        variant="tuned",
        prompt_tokens=64,
        output_tokens=32,
        synthetic_weights=True,
        measured_at=DAY,
        url=f"/runs/{engine}/",
        points=points,
        os="linux",
        arch="x86_64",
        memory_gib=24.0,
    )
    return replace(made, **changed)


class Notebook:
    """Evidence that answers with everything that is in it."""

    def __init__(self, *measurements: Measurement) -> None:
        self.kept: Sequence[Measurement] = measurements

    def measurements(
        self, *, hardware: str | None, device: str | None, model: str | None
    ) -> tuple[Measurement, ...]:
        del device, model
        return () if hardware is None else tuple(self.kept)


def told(query: str, *measurements: Measurement) -> Recommendation:
    """What is recommended for this query string with these measurements."""
    return recommend(parse(parse_qsl(query)), evidence=Notebook(*measurements))


def engine(rec: Recommendation) -> str | None:
    return rec.engine.id if rec.engine else None
