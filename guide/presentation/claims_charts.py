"""Claims as pictures: against the physical limit, and against what was published and measured.

Geometry only; every picture is also a table. Claimed figures are dashed and hollow, published ones
small and solid, measured ones large and solid, as everywhere on the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import log

from recommender.evidence import Measurement
from recommender.ledger import measured, published, words
from recommender.ledger.checks.limits import ceiling_tok_s
from recommender.ledger.finding import Finding
from recommender.ledger.load import Ledger
from recommender.ledger.schema import Claim, Deficit, Pair, Ratio, Speed

WIDTH, LEFT, RIGHT, TOP, STEP = 720, 262, 690, 34, 30
TALL = 54
"""A row whose marks carry their labels above and below."""

BEYOND = 2.0
"""Claims of more than twice the limit are drawn at the edge, with their number."""

AXIS = (1.0, 50.0)
TICKS = (1, 2, 5, 10, 20, 50)


@dataclass(frozen=True, slots=True)
class Mark:
    kind: str  # claimed | published | measured
    x: float
    label: str
    to: float | None = None  # the end of a band
    open_end: bool = False  # "at least": goes on beyond the edge
    label_x: float = 0.0
    label_dy: int = 4
    anchor: str = "start"
    value: float = 0.0  # where `x` is, in the unit of the axis
    end_value: float | None = None  # where `to` is


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    href: str
    y: float
    marks: tuple[Mark, ...]
    told: str  # the row in words, for the table


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    id: str
    title: str
    sentence: str
    axis: str
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    ceiling: float | None  # x of the physical limit
    height: float

    @property
    def bottom(self) -> float:
        return self.height - 26


# ------------------------------------------------------------------ against the physical limit


def limits_chart(ledger: Ledger) -> Chart:
    rows = tuple(
        _limit_row(claim, speed, TOP + 10 + index * TALL)
        for index, (claim, speed) in enumerate(_speeds(ledger))
    )
    return Chart(
        "chart-limits",
        "Claimed speed against the physical limit",
        "No engine reads weights faster than the memory delivers them; what stands right of the "
        "line cannot be.",
        "share of what the memory allows",
        rows,
        tuple(Tick(_share_x(s), f"{s * 100:.0f} %") for s in (0, 0.5, 1, 1.5, 2)),
        _share_x(1.0),
        TOP + len(rows) * TALL + 26,
    )


def _speeds(ledger: Ledger) -> Iterator[tuple[Claim, Speed]]:
    for claim in ledger.claims.values():
        yield from ((claim, q) for q in claim.quantities if isinstance(q, Speed))


def _share_x(share: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * min(share, BEYOND) / BEYOND, 1)


def _limit_row(claim: Claim, speed: Speed, y: float) -> Row:
    ceiling = ceiling_tok_s(speed)
    found = [f for f in published.speeds.found(speed) if f.value is not None]
    best = max(found, key=lambda f: f.value or 0, default=None)
    marks = [_limit_mark("claimed", speed.value, ceiling, f"{speed.value:g} tok/s claimed")]
    if best is not None and best.value is not None:
        marks.append(_limit_mark("published", best.value, ceiling, _published(best)))
    at_most = f"at most {ceiling:.0f} tok/s are possible"
    reached = f", {best.value:.0f} was the most published" if best and best.value else ""
    label = f"{claim.id} {words.engine(speed.engine)}{_load(speed)}"
    told = f"{speed.value:g} tok/s claimed, {at_most}{reached}"
    return Row(label, f"#{claim.id}", y, tuple(_stacked(mark) for mark in marks), told)


def _published(best: Finding) -> str:
    return f"{best.value or 0:.0f} published for {words.engine(best.engine)}"


def _load(speed: Speed) -> str:
    return f", {speed.clients} at once" if speed.clients > 1 else ""


def _limit_mark(kind: str, value: float, ceiling: float, label: str) -> Mark:
    share = value / ceiling
    beyond = f", {share:.1f}× the limit" if share > BEYOND else ""
    return Mark(kind, _share_x(share), label + beyond, value=share)


def _stacked(mark: Mark) -> Mark:
    """Claims are labelled above their mark, what was published below it."""
    at_edge = mark.x > RIGHT - 100
    dy = -11 if mark.kind == "claimed" else 19
    x, anchor = (mark.x + 6, "end") if at_edge else (mark.x, "middle")
    return replace(mark, label_x=x, label_dy=dy, anchor=anchor)


def _beside(mark: Mark) -> Mark:
    """Labelled to the right where there is room, else to the left."""
    right = mark.to or mark.x
    if right < RIGHT - 110:
        return replace(mark, label_x=right + 11, anchor="start")
    return replace(mark, label_x=mark.x - 11, anchor="end")


# ------------------------------------------------------------------ so many times faster


def ratio_chart(ledger: Ledger, fast: str, slow: str, measurements: Sequence[Measurement]) -> Chart:
    claimed = [*_claimed(ledger, fast, slow)]
    tested = [*_tested(ledger, fast, slow, measurements)]
    named = f"{words.engine(fast)} over {words.engine(slow)}"
    rows = tuple(
        Row(label, href, TOP + index * STEP, (_beside(mark),), told)
        for index, (label, href, mark, told) in enumerate([*claimed, *tested])
    )
    return Chart(
        f"chart-{fast}-{slow}".replace(".", ""),
        f"{named} with several requests at once",
        f"{_span(claimed)}; what was published and measured depends on slots, precision and load.",
        "times as many tokens/s in all",
        rows,
        tuple(Tick(_times_x(tick), f"{tick}×") for tick in TICKS),
        None,
        TOP + len(rows) * STEP + 30,
    )


Entry = tuple[str, str, Mark, str]


def _span(claimed: Sequence[Entry]) -> str:
    labels = list(dict.fromkeys(mark.label for _, _, mark, _ in claimed))
    if len(labels) == 1:
        return f"One article puts it at {labels[0]}"
    return f"The articles put it anywhere from {labels[0]} to {labels[-1]}"


def _times_x(times: float) -> float:
    low, high = AXIS
    inside = min(max(times, low), high)
    return round(LEFT + (RIGHT - LEFT) * log(inside / low) / log(high / low), 1)


def _claimed(ledger: Ledger, fast: str, slow: str) -> Iterator[Entry]:
    """Smallest first."""
    found = [
        (said, claim)
        for claim in ledger.claims.values()
        for quantity in claim.quantities
        if (said := _about(quantity, fast, slow)) is not None
    ]
    for (low, high, told), claim in sorted(found, key=lambda entry: entry[0][0]):
        yield f"{claim.id} claims", f"#{claim.id}", _band(low, high), f"claimed: {told}"


def _about(quantity: object, fast: str, slow: str) -> tuple[float, float | None, str] | None:
    if not isinstance(quantity, Ratio | Deficit | Pair) or quantity.measure != "total_tok_s":
        return None
    said = words.said_range(quantity)
    if said is None or {quantity.engine, quantity.against} != {fast, slow}:
        return None
    return said[0], said[1], words.times(quantity)


def _band(low: float, high: float | None) -> Mark:
    if high is None:
        label = f"{low:g}× or more"
        return replace(_marked("claimed", label, low, AXIS[1]), open_end=True)
    label = f"{low:.3g}×" if low == high else f"{low:.3g}–{high:.3g}×"
    return _marked("claimed", label, low, high if high > low else None)


def _marked(kind: str, label: str, low: float, high: float | None) -> Mark:
    to = None if high is None else _times_x(high)
    return Mark(kind, _times_x(low), label, to, value=low, end_value=high)


def _tested(
    ledger: Ledger, fast: str, slow: str, measurements: Sequence[Measurement]
) -> Iterator[Entry]:
    """Every ratio anybody found under load, smallest first; this site's own below the others'."""
    anything = Ratio(kind="ratio", engine=fast, against=slow, low=1e-9)
    some_claim = next(iter(ledger.claims.values()))
    yield from _entries("published", published.ratios.found(ledger, some_claim, anything))
    runs = [
        finding
        for plan in ledger.tests.values()
        for finding in measured.findings(plan, measurements)
        if finding.text.startswith(f"{words.engine(fast)} ") and words.engine(slow) in finding.text
    ]
    yield from _entries("measured", {(f.url, f.scope.clients): f for f in runs}.values())


def _entries(kind: str, findings: Iterable[Finding]) -> Iterator[Entry]:
    """Several ratios from one machine at one load are one row, from the least to the most."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda f: f.value or 0):
        load = "peak" if finding.scope.clients is None else words.clients(finding.scope.clients)
        alike.setdefault((f"{finding.scope.where}, {load}", finding.url), []).append(finding)
    for (label, url), found in alike.items():
        values = [finding.value for finding in found if finding.value is not None]
        mark = _marked(kind, _about_times(values), values[0], _end(values))
        yield label, url, mark, f"{kind}: {'; '.join(finding.text for finding in found)}"


def _about_times(values: Sequence[float]) -> str:
    least, most = f"{values[0]:.3g}", f"{values[-1]:.3g}"
    return f"{least}×" if least == most else f"{least}–{most}×"


def _end(values: Sequence[float]) -> float | None:
    return values[-1] if len(values) > 1 else None
