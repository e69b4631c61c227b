"""The accuracy page: errors on rows the fit had not seen, grouped, pictured, the worst named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, get_args

from benchruns.pictures.picture import Picture
from guide.presentation.accuracy_chart import scatter
from guide.presentation.pictures import accuracy_picture
from recommender import rulebook
from recommender.accuracy import (
    LARGEST,
    SIZES,
    UNKNOWN,
    By,
    Kind,
    Row,
    Summary,
    grouped,
    load,
    of_kind,
    summary,
    worst,
)
from recommender.wording import counted, number

TITLES: Final[dict[Kind, str]] = {
    "decode": "Decoding for one user",
    "prefill": "Reading the prompt",
    "concurrent": "Many requests at once",
    "memory_weights": "Memory of the weights",
    "memory_kv": "Memory of the KV cache",
    "memory_total": "Memory in all",
    "kv_tokens": "Tokens that the KV cache holds",
}
SAYS: Final[dict[Kind, str]] = {
    "decode": "Output tokens/s that one user sees.",
    "prefill": "Prompt tokens/s before the first token comes.",
    "concurrent": "Tokens/s of all clients together.",
    "memory_weights": "What the loaded weights take.",
    "memory_kv": "What the cache takes for so many tokens.",
    "memory_total": "What the engine takes altogether.",
    "kv_tokens": "How many tokens an engine says it has room for.",
}
GROUPS: Final[dict[By, str]] = {
    "engine": "Engine",
    "backend": "Backend",
    "device_class": "Kind of memory",
    "model_size": "Parameters of the model",
}
CLASSES: Final = {
    "gddr": "GDDR (cards)",
    "hbm": "HBM (data centre)",
    "unified": "unified",
    "cpu": "system memory (processors)",
}
ORDER: Final = (*(name for _, name in SIZES), LARGEST, UNKNOWN)
NOBODY_KNOWS: Final = "Nothing in the data tells why."
LIKE_IT = 1.3
"""Times by which the rows of one source are off in the middle before the source is named as why."""
TWICE = 2.0
"""Times by which a row is off to be counted as one like the worst."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table of errors."""

    label: str
    sources: int
    errors: Summary
    href: str = ""
    width: float | None = None  # half of the middle interval's width, as a share of its prediction

    @property
    def better(self) -> bool | None:
        """Than the plain roofline, in the middle. None where that has no figure."""
        ours, plain = self.errors.median, self.errors.baseline_median
        return None if ours is None or plain is None else ours < plain


@dataclass(frozen=True, slots=True)
class Grouping:
    label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class KindView:
    """One kind of figure: its own line, its groups, its picture."""

    kind: Kind
    title: str
    says: str
    line: Line
    groupings: tuple[Grouping, ...]
    picture: Picture

    @property
    def plain(self) -> bool:
        """Whether the plain roofline has such a figure."""
        return self.line.errors.baseline_median is not None


@dataclass(frozen=True, slots=True)
class Worst:
    row: Row
    title: str
    off: str
    why: str


def accuracy_context() -> dict[str, Any]:
    """Everything `/accuracy/` shows; no figure of it stands anywhere but in the data."""
    found = load()
    speeds = of_kind(found.rows, "decode", "prefill", "concurrent")
    kinds = [kind for kind in get_args(Kind) if of_kind(found.rows, kind)]
    return {
        "edition": found.edition,
        "made_with": found.made_with,
        "speeds": len(speeds),
        "memories": len(found.rows) - len(speeds),
        "sources": _sources(speeds),
        "lines": [_line(TITLES[kind], of_kind(found.rows, kind), f"#{kind}") for kind in kinds],
        "kinds": [_view(kind, of_kind(found.rows, kind)) for kind in kinds],
        "worst": [_worst(row, found.rows) for row in worst(found.rows)],
    }


def kind_view(kind: str) -> KindView:
    """Raises ValueError with a sentence: there are no rows of this kind."""
    rows = load().rows
    present = {row.kind: row.kind for row in rows}
    if kind not in present:
        msg = f"There are no rows of kind {kind!r}. There are: {', '.join(present)}."
        raise ValueError(msg)
    return _view(present[kind], of_kind(rows, present[kind]))


def rows_of(kind: str) -> tuple[Row, ...]:
    """Of one kind, the worst first; "" is every kind. Raises ValueError with a sentence."""
    rows = load().rows
    if kind and kind not in get_args(Kind):
        msg = f"There is no kind {kind!r}. There are: {', '.join(get_args(Kind))}."
        raise ValueError(msg)
    wanted = [row for row in rows if not kind or row.kind == kind]
    return tuple(sorted(wanted, key=lambda row: -(row.error or 0.0)))


def _view(kind: Kind, rows: Sequence[Row]) -> KindView:
    return KindView(
        kind=kind,
        title=TITLES[kind],
        says=SAYS[kind],
        line=_line(TITLES[kind], rows),
        groupings=tuple(
            found
            for by, label in GROUPS.items()
            if not _untold(found := _grouping(by, label, rows))
        ),
        picture=accuracy_picture(kind, TITLES[kind], SAYS[kind], rows, scatter(rows)),
    )


def _grouping(by: By, label: str, rows: Sequence[Row]) -> Grouping:
    lines = []
    found = grouped(rows, by)
    for name in sorted(found, key=ORDER.index) if by == "model_size" else found:
        mine = [row for row in rows if (getattr(row, by) or UNKNOWN) == name]
        lines.append(Line(_named(by, name), _sources(mine), found[name]))
    return Grouping(label, tuple(lines))


def _untold(grouping: Grouping) -> bool:
    return [line.label for line in grouping.lines] == [UNKNOWN]


def _named(by: By, name: str) -> str:
    if by == "engine" and name in rulebook.load().engines:
        return rulebook.load().engines[name].name
    return CLASSES.get(name, name) if by == "device_class" else name


def _line(label: str, rows: Sequence[Row], href: str = "") -> Line:
    return Line(label, _sources(rows), summary(rows), href, _width(rows))


def _width(rows: Iterable[Row]) -> float | None:
    """How much an interval promises: a wide one holds everything."""
    found = [
        (row.high - row.low) / 2 / row.predicted
        for row in rows
        if row.predicted and row.low is not None and row.high is not None
    ]
    return median(found) if found else None


def _sources(rows: Iterable[Row]) -> int:
    return len({row.group for row in rows})


def title(row: Row) -> str:
    """What was measured, as its author wrote it."""
    load_ = f"{row.concurrency} at once" if row.concurrency and row.concurrency > 1 else ""
    engine = _named("engine", row.engine)
    parts = (f"{row.model} {row.quant or ''}".strip(), engine, row.device or "", load_)
    return ", ".join(part for part in parts if part)


def _worst(row: Row, rows: Sequence[Row]) -> Worst:
    assert row.predicted
    factor = row.predicted / row.published
    off = f"{number(max(factor, 1 / factor))} times too {'much' if factor > 1 else 'little'}"
    return Worst(row, title(row), off, " ".join(_why(row, rows)) or NOBODY_KNOWS)


def _why(row: Row, rows: Sequence[Row]) -> Iterator[str]:
    """What the data itself tells of it: whether anybody else tried it, whether this source is off
    as a whole, whether plain arithmetic does as badly."""
    like = [r for r in rows if (r.kind, r.engine, r.backend) == (row.kind, row.engine, row.backend)]
    if all(r.group == row.group for r in like):
        where = f" on {row.backend}" if row.backend else ""
        yield f"No other source in the data has {_named('engine', row.engine)}{where}."
    together = _together(row, rows)
    if together:
        yield together
    if row.baseline:
        plain = max(row.baseline / row.published, row.published / row.baseline)
        yield f"The plain roofline is off by a factor of {number(plain)}."


def _together(row: Row, rows: Sequence[Row]) -> str:
    """That the others of its source lean the same way: something the source does not tell."""
    others = [r for r in rows if r.group == row.group and r.kind == row.kind and r != row]
    factors = [r.predicted / r.published for r in others if r.predicted]
    if len(factors) < 2 or not row.predicted:
        return ""
    middle, mine = median(factors), row.predicted / row.published
    leans = middle >= LIKE_IT if mine > 1 else middle <= 1 / LIKE_IT
    if not leans:
        return _alone(row.group, factors, mine)
    way = "high" if mine > 1 else "low"
    return (
        f"{row.group}'s other {counted(len(factors), 'row')} are foretold too {way} as well: "
        "a setting that it does not tell, or a kind of machine the fit knows too little of."
    )


def _alone(group: str, factors: Sequence[float], mine: float) -> str:
    """How many of its source's other rows are among those that are off by `TWICE` the same way."""
    same = [one for one in factors if (one if mine > 1 else 1 / one) >= TWICE]
    of = f"{group}'s other {counted(len(factors), 'row')}"
    if not same:
        return f"{of} are not off like this one."
    way = "much" if mine > 1 else "little"
    are = "is" if len(same) == 1 else "are"
    return f"Of {of}, {len(same)} {are} foretold at least {TWICE:g} times too {way} as well."
