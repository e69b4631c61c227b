"""The figures of a point that are compared, and how a difference in them is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchruns.host.document import Summary


@dataclass(frozen=True, slots=True)
class Metric:
    """`more`: whether more of it is better. `words`: what of it the better one has."""

    id: str
    name: str
    unit: str
    more: bool
    words: str
    of: Callable[[Summary], float | None]


def _per_user(summary: Summary) -> float | None:
    return summary.tok_s_per_user.p50


def _first_token(summary: Summary) -> float | None:
    return summary.ttft_ms.p50


def _between_tokens(summary: Summary) -> float | None:
    return summary.itl_ms.p50


def _in_all(summary: Summary) -> float | None:
    return summary.output_tok_s


METRICS: Final = (
    Metric("output_tok_s", "Tokens/s in all", "tok/s", True, "tokens/s in all", _in_all),
    Metric("tok_s_per_user", "Tokens/s per user", "tok/s", True, "tokens/s per user", _per_user),
    Metric("ttft_ms", "Time to first token", "ms", False, "time to the first token", _first_token),
    Metric("itl_ms", "Inter-token latency", "ms", False, "time between tokens", _between_tokens),
)
"""All but the first are medians over requests."""
