"""The shape of a table of the catalogue, and what can be asked of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.catalogue import Source

LONGEST = 60


class ShelfError(ValueError):
    """What was asked of a table cannot be. A sentence says what can."""


@dataclass(frozen=True, slots=True)
class Head:
    """Of a column. `unit` stands beside its title; numbers are set flush right."""

    title: str
    unit: str = ""
    number: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` is "" where nobody knows. `head`: its column and unit, for narrow screens."""

    text: str
    number: bool
    head: str


@dataclass(frozen=True, slots=True)
class Row:
    """`cells`: one for each head after the name. `ask`: the question page with it answered."""

    id: str
    name: str
    cells: tuple[Cell, ...]
    note: str
    ask: str
    sources: tuple[Source, ...]

    @property
    def checked(self) -> str:
        """The latest day somebody compared it; "" where that was not noted."""
        return max((source.checked or "" for source in self.sources), default="")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together. `says`: how many, and between what they lie."""

    id: str
    title: str
    says: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a shelf was asked for. `size`: devices with at least so many GB, models with at most
    so many billion parameters; None for all. `all`: every group open."""

    text: str = ""
    kind: str = ""
    size: float | None = None
    all: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """One table, in groups. `kinds`: what it can be narrowed to. `size_label`: what `size` is."""

    heads: tuple[Head, ...]
    groups: tuple[Group, ...]
    total: int
    kinds: Mapping[str, str]
    size_label: str
    asked: Asked

    @property
    def shown(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @property
    def open(self) -> bool:
        """Whether its groups stand open: few enough to look through, or asked for."""
        asked = self.asked
        narrowed = bool(asked.text or asked.size is not None)
        return asked.all or self.shown <= FEW or (narrowed and self.shown <= SOME)


FEW, SOME = 12, 40


def asked(query: Mapping[str, str]) -> Asked:
    """Reads `q`, `kind`, `size` and `all`.

    Raises ShelfError for too long a text or a size that is no number."""
    text, size = query.get("q", "").strip(), query.get("size", "").strip()
    if len(text) > LONGEST:
        raise ShelfError(f"q has {len(text):,} letters; it takes at most {LONGEST}.")
    kind = query.get("kind", "").strip()
    return Asked(text, kind, _size(size) if size else None, query.get("all") == "1")


def _size(text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 < value < 1e6:
        raise ShelfError(f"size is {text[:20]!r}; it takes a number above 0, such as 24.")
    return value
