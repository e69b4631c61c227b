"""Recommendations made by hand, for stories about pages that only render them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from recommender.recommendation import (
    Basis,
    EngineChoice,
    Figure,
    Memory,
    MemoryPart,
    Opinion,
    Reason,
    Recommendation,
    Rejection,
    Speed,
    SpeedPoint,
)

UNKNOWN = Figure(None, None, None, "tokens/s", Basis.UNKNOWN)


def figure(value: float | None, basis: Basis = Basis.ESTIMATED, spread: float = 0.2) -> Figure:
    if value is None:
        return UNKNOWN
    return Figure(value, value * (1 - spread), value * (1 + spread), "tokens/s", basis)


def point(clients: int, rate: float | None, basis: Basis = Basis.ESTIMATED) -> SpeedPoint:
    total = figure(None if rate is None else rate * clients, basis)
    return SpeedPoint(clients, figure(rate, basis), total, figure(120.0, basis))


def speed(**changes: Any) -> Speed:
    estimated = tuple(point(n, 60 / n) for n in (1, 2, 4, 8))
    made = Speed(estimated[0].tok_s_per_user, estimated[0].ttft_ms, estimated)
    return replace(made, **changes)


def memory(*gib: float, available: float | None = 24.0) -> Memory:
    parts = tuple(MemoryPart(f"p{i}", f"Part {i}", g) for i, g in enumerate(gib))
    total = sum(gib)
    return Memory(parts, total, available, None if available is None else total <= available)


def opinion(article: str, engine: str | None) -> Opinion:
    rules = (Reason(f"{article}.r1", article, "because"),) if engine else ()
    return Opinion(article, f"Article {article}", "https://example.org/", engine, rules)


def recommendation(**changes: Any) -> Recommendation:
    made = Recommendation(
        answers=(("users", "30"), ("hardware", "nvidia")),
        headline="Run it on vLLM.",
        engine=EngineChoice("vllm", "vLLM", "Many at once.", "https://example.org/"),
        model=None,
        quant=None,
        settled=True,
        next_question=None,
        opinions=(
            opinion("a1", "ollama"),
            opinion("a2", "vllm"),
            opinion("a3", "vllm"),
            opinion("a4", None),
            opinion("a5", "llama.cpp"),
        ),
        because=(),
        dissent=(),
        rejected=(Rejection("llama.cpp", (Reason("limit.x", "s", "not here"),)),),
        runners_up=(),
        flips=(),
        memory=memory(4.0, 2.0),
        speed=speed(),
        commands=(),
        rulebook_version="test",
    )
    return replace(made, **changes)
