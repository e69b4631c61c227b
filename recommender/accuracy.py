"""How far the estimates are from what others published.

`data/accuracy.json` is written by `rigguide calibrate --write` and never by hand. Each prediction
of a speed comes from a fit on the other sources alone. Sizes are not fitted, but a few of their
constants were compared with rows that are here, so their errors flatter (docs/adr/0012). An error
is |predicted / published - 1|.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal[
    "decode",
    "prefill",
    "concurrent",
    "memory_weights",
    "memory_kv",
    "memory_total",
    "kv_tokens",
]
By = Literal["kind", "engine", "backend", "device_class", "model_size"]
SIZES = ((4, "up to 4 B"), (10, "4 to 10 B"), (40, "10 to 40 B"), (130, "40 to 130 B"))
THREADS = ("pull", "issues", "discussions")
LARGEST, UNKNOWN = "more than 130 B", "not told"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(_Entry):
    """One published measurement and what was foretold of it, all in `unit`.

    `baseline`: the plain roofline times one efficiency, fitted on the same other sources. None:
    it has no such figure; `reason` says why there is no prediction.
    """

    id: str
    kind: Kind
    engine: str
    backend: str | None
    device_class: Literal["gddr", "hbm", "unified", "cpu"] | None
    device: str | None
    model: str
    params_b: float | None
    quant: str | None
    concurrency: int | None
    published: float
    predicted: float | None
    low: float | None
    high: float | None
    baseline: float | None
    unit: str
    source: str
    reason: str = ""

    @property
    def error(self) -> float | None:
        """Share of the published value by which the prediction is off."""
        return None if self.predicted is None else abs(self.predicted / self.published - 1)

    @property
    def baseline_error(self) -> float | None:
        return None if self.baseline is None else abs(self.baseline / self.published - 1)

    @property
    def inside(self) -> bool | None:
        """Whether the published value lies in the interval that was foretold."""
        if self.low is None or self.high is None:
            return None
        return self.low <= self.published <= self.high

    @property
    def group(self) -> str:
        """Who measured: a repository, or one thread of an issue tracker with many authors. Its
        rows were foretold by a fit that saw none of them."""
        parts = self.source.split("#")[0].split("/")[3:]
        whole = len(parts) > 3 and parts[2] in THREADS
        return "/".join(parts[:4] if whole else parts[:2])

    @property
    def model_size(self) -> str:
        if self.params_b is None:
            return UNKNOWN
        return next((name for most, name in SIZES if self.params_b <= most), LARGEST)


class Accuracy(_Entry):
    """`edition`: the day it was made. `made_with`: what of, name to SHA-256."""

    edition: str
    made_with: dict[str, str]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Errors as shares: 0.1 is 10 %. `n` rows have a prediction, `missing` have none.

    `coverage`: share of published values inside their interval (80 % is meant). The baseline's
    errors are over those rows that have one.
    """

    n: int
    missing: int
    median: float | None
    p90: float | None
    coverage: float | None
    baseline_median: float | None
    baseline_p90: float | None


@cache
def load() -> Accuracy:
    """The shipped edition.

    Raises:
        pydantic.ValidationError: the file is not what `rigguide calibrate --write` writes.
    """
    text = (files("recommender") / "data" / "accuracy.json").read_text("utf-8")
    return Accuracy.model_validate_json(text)


def summary(rows: Iterable[Row]) -> Summary:
    """Of all rows given; figures are None where there is no row to take them from."""
    found = tuple(rows)
    errors = [error for row in found if (error := row.error) is not None]
    plain = [error for row in found if (error := row.baseline_error) is not None]
    inside = [known for row in found if (known := row.inside) is not None]
    return Summary(
        n=len(errors),
        missing=len(found) - len(errors),
        median=median(errors) if errors else None,
        p90=quantile(errors, 0.9),
        coverage=sum(inside) / len(inside) if inside else None,
        baseline_median=median(plain) if plain else None,
        baseline_p90=quantile(plain, 0.9),
    )


def grouped(rows: Iterable[Row], by: By) -> Mapping[str, Summary]:
    """A summary for each engine, backend …, the largest group first."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, by) or UNKNOWN, []).append(row)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {name: summary(group) for name, group in ordered}


def worst(rows: Iterable[Row], n: int = 10) -> tuple[Row, ...]:
    """The largest errors first, as factors: half as much is as bad as twice as much."""
    known = [row for row in rows if row.predicted]
    return tuple(sorted(known, key=_factor, reverse=True)[:n])


def of_kind(rows: Iterable[Row], *kinds: Kind) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.kind in kinds)


def quantile(values: Sequence[float], share: float) -> float | None:
    """Linear between neighbours; None of nothing."""
    if not values:
        return None
    ordered, place = sorted(values), share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _factor(row: Row) -> float:
    assert row.predicted
    return max(row.predicted / row.published, row.published / row.predicted)
