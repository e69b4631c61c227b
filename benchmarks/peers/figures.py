"""What every tool tells of one load, in the same units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNITS: Final = {
    "output_tok_s": "tok/s",
    "ttft_ms": "ms",
    "itl_ms": "ms",
    "pp_tok_s": "tok/s",
    "tg_tok_s": "tok/s",
    "cpu_s_per_1000_tokens": "s",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """One tool, one round, one number of clients. None: the tool does not say.

    Latencies are medians as each tool takes them: of all gaps with RigGuide and vLLM, of each
    request's mean gap with GuideLLM.
    """

    tool: str
    round: int
    clients: int
    values: dict[str, float | None]
    requests: int | None = None
    cpu_s: float | None = None  # of the tool's whole process tree, its start included
