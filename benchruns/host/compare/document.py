"""The comparison document: what was compared in which order, and what came of it.

| version | date | change |
|---|---|---|
| 1 | 2026-11-21 | first |
| 2 | 2026-11-21 | findings judged together: `p`, `p_adjusted`, `judged` are new |

The result documents of its rounds stand in it whole, so that every ratio can be computed again.
"""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from typing import Final, Literal

from pydantic import Field

from benchruns.host.compare.verdict import Compared, compared, how_judged, sentences
from benchruns.host.document import ResultDocument
from benchruns.host.schema.part import Part

SCHEMA_VERSION: Final = 2


class Turn(Part):
    """One measurement, in the order in which they were made."""

    arm: str
    round: int = Field(ge=1)
    document: ResultDocument


class Finding(Part):
    """`value`: `of` over `to`; `p`, `p_adjusted` and `differs` null: too few rounds to tell.

    `p` is of this finding alone, `p_adjusted` and `differs` keep all the others in mind.
    """

    of: str
    to: str
    metric: str
    clients: int
    value: float
    low: float | None
    high: float | None
    rounds: int
    p: float | None
    p_adjusted: float | None
    differs: bool | None


class ComparisonDocument(Part):
    kind: Literal["rigguide.comparison"] = "rigguide.comparison"
    schema_version: Literal[2] = SCHEMA_VERSION
    rigguide_version: str
    finished_at: datetime
    arms: tuple[str, ...]
    turns: tuple[Turn, ...]
    findings: tuple[Finding, ...]
    verdict: tuple[str, ...]
    judged: str  # how, in words
    command: str


def comparison(turns: tuple[Turn, ...], command: str) -> ComparisonDocument:
    """Computes the findings from the turns. Raises ValueError without any."""
    if not turns:
        raise ValueError("nothing was measured, so there is nothing to compare")
    arms = tuple(dict.fromkeys(turn.arm for turn in turns))
    found = compared({arm: rounds(turns, arm) for arm in arms})
    return ComparisonDocument(
        rigguide_version=version("rigguide"),
        finished_at=max(turn.document.finished_at for turn in turns),
        arms=arms,
        turns=turns,
        findings=tuple(_finding(one) for one in found),
        verdict=sentences(found),
        judged=how_judged(found),
        command=command,
    )


def rounds(turns: tuple[Turn, ...], arm: str) -> tuple[ResultDocument, ...]:
    mine = sorted((turn for turn in turns if turn.arm == arm), key=lambda turn: turn.round)
    return tuple(turn.document for turn in mine)


def _finding(one: Compared) -> Finding:
    return Finding(
        of=one.of,
        to=one.to,
        metric=one.metric.id,
        clients=one.clients,
        value=one.ratio.value,
        low=one.ratio.low,
        high=one.ratio.high,
        rounds=one.ratio.rounds,
        p=one.ratio.p,
        p_adjusted=one.p_adjusted,
        differs=one.differs,
    )
