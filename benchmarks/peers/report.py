"""Medians over the rounds, and ratios with intervals, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from benchmarks.peers.figures import UNITS, Figures
from benchruns.host.compare.ratio import Ratio, ratio
from benchruns.host.compare.verdict import interval

REFERENCE: Final = {"vllm bench serve", "llama-bench", "llama-batched-bench"}
"""Peers that RigGuide shall agree with; beside others it is only shown."""

WITHIN: Final = {
    "output_tok_s": 0.03,
    "ttft_ms": 0.05,
    "itl_ms": 0.05,
    "pp_tok_s": 0.05,
    "tg_tok_s": 0.05,
}
"""How far the medians of both may lie apart."""


@dataclass(frozen=True, slots=True)
class Row:
    """RigGuide against one other tool, or against the truth."""

    scenario: str
    figure: str
    clients: int
    other: str
    mine: float
    theirs: float
    ratio: Ratio | None
    within: float | None

    @property
    def apart(self) -> float:
        return self.mine / self.theirs - 1

    @property
    def agrees(self) -> bool | None:
        return None if self.within is None else abs(self.apart) <= self.within


def rows(scenario: str, found: Sequence[Figures], truth: dict[str, float]) -> Iterator[Row]:
    """One for each figure and number of clients that RigGuide and another both tell."""
    mine_by = {name for name in _tools(found) if name.startswith("RigGuide")}
    for mine in sorted(mine_by):
        for clients in sorted({f.clients for f in found if f.tool == mine}):
            for figure in UNITS:
                own = _values(found, mine, clients, figure)
                for other in _tools(found):
                    if other not in mine_by:
                        theirs = _values(found, other, clients, figure)
                        yield from _row(scenario, figure, clients, other, own, theirs)
                if figure in truth:
                    yield from _true(scenario, figure, clients, own, truth[figure])


def not_compared(scenarios: Iterable[str], rows: Iterable[Row]) -> list[str]:
    """Scenarios in which RigGuide stands beside no tool that it shall agree with."""
    compared = {row.scenario for row in rows if row.other in REFERENCE}
    return [name for name in scenarios if name not in compared]


def _tools(found: Sequence[Figures]) -> list[str]:
    return list(dict.fromkeys(f.tool for f in found))


def _values(
    found: Sequence[Figures], tool: str, clients: int, figure: str
) -> dict[int, float | None]:
    """Round -> value."""
    return {f.round: f.values.get(figure) for f in found if f.tool == tool and f.clients == clients}


def _row(
    scenario: str,
    figure: str,
    clients: int,
    other: str,
    own: dict[int, float | None],
    theirs: dict[int, float | None],
) -> Iterator[Row]:
    rounds = sorted(own.keys() & theirs.keys())
    both = ratio([own[n] for n in rounds], [theirs[n] for n in rounds])
    if both is None:
        return
    within = WITHIN.get(figure) if other in REFERENCE else None
    yield Row(scenario, figure, clients, other, _median(own), _median(theirs), both, within)


def _true(
    scenario: str, figure: str, clients: int, own: dict[int, float | None], truth: float
) -> Iterator[Row]:
    if any(value is not None for value in own.values()):
        within = 0.05 if figure in WITHIN else None
        yield Row(scenario, figure, clients, "the truth", _median(own), truth, None, within)


def _median(values: dict[int, float | None]) -> float:
    return median(value for value in values.values() if value is not None)


HEAD: Final = (
    f"{'scenario':<12} {'figure':<22} {'clients':>7} {'RigGuide':>10}  "
    f"{'beside':<20} {'value':>10}  {'apart':>7}  ratio over the rounds"
)


def line(row: Row) -> str:
    said = "" if row.ratio is None else interval(row.ratio)
    mark = {True: "", False: f"  NOT within {row.within:.0%}" if row.within else "", None: ""}
    figure = f"{row.figure} ({UNITS[row.figure]})" if "(" not in row.figure else row.figure
    return (
        f"{row.scenario:<12} {figure:<22} {row.clients:>7} {row.mine:>10.4g}  "
        f"{row.other:<20} {row.theirs:>10.4g}  {row.apart:>+7.1%}  {said}{mark[row.agrees]}"
    )


def as_json(row: Row) -> dict[str, Any]:
    interval_of = None if row.ratio is None else [row.ratio.low, row.ratio.high]
    return {
        "scenario": row.scenario,
        "figure": row.figure,
        "unit": UNITS[row.figure],
        "clients": row.clients,
        "other": row.other,
        "rigguide": row.mine,
        "value": row.theirs,
        "apart": round(row.apart, 5),
        "ratio": None if row.ratio is None else row.ratio.value,
        "interval": interval_of,
        "rounds": None if row.ratio is None else row.ratio.rounds,
        "within": row.within,
        "agrees": row.agrees,
    }
