"""Memory against users at once: what stays, the cache that grows, and where the memory ends.

Only from what the recommendation says of itself: its parts, and what a thousand tokens take.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from benchruns.pictures.plot import Axis, Label, Plot, Reading, Rule, Series
from guide.presentation.speed_chart import nice_step
from recommender.recommendation import Memory, MemoryPart, Recommendation

WIDTH, HEIGHT = 480, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 466, 26, 206
USUAL_TOKENS = 8192
"""Of one conversation, where nobody said and the model takes as many."""
LIMIT_X = 124
"""Middle of the words on the limit: to the left, where columns are low."""
PADDING = 0.2
MOST_COLUMNS = 9
CACHE = "kv-cache"


@dataclass(frozen=True, slots=True)
class Block:
    part: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    users: int
    x: float  # its middle
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Growth:
    """`sentence`: what the picture shows. `fit`: users whose conversations fit at full length."""

    plot: Plot
    sentence: str
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    limit_y: float
    limit_label: str
    fit: int


@dataclass(frozen=True, slots=True)
class _Need:
    """GiB of the parts that stay, of one more conversation, and of what there is. `numbers`: of
    the parts and, last, of the cache, as the bar above colours them."""

    parts: tuple[MemoryPart, ...]
    numbers: tuple[int, ...]
    each_gib: float
    available_gib: float
    tokens: int

    @property
    def fixed_gib(self) -> float:
        return sum(part.gib for part in self.parts)

    @property
    def fit(self) -> int:
        return max(0, int((self.available_gib - self.fixed_gib) / self.each_gib + 1e-9))


def memory_growth(rec: Recommendation) -> Growth | None:
    """None where what the cache takes or what the machine has is not known."""
    need = _need(rec.memory, dict(rec.answers).get("context")) if rec.memory else None
    if need is None:
        return None
    counts = _counts(need, _wanted(rec))
    top = max(need.available_gib * 1.15, min(_total(need, counts[-1]), 2 * need.available_gib))
    step = nice_step(top / 4)
    return _drawn(need, counts, step * ceil(top / step), step)


def _need(memory: Memory, asked: str | None) -> _Need | None:
    each = memory.kv_gib_per_1k_tokens
    cached = any(part.id == CACHE for part in memory.parts)
    if not each or not memory.available_gib or not memory.holds or not cached:
        return None
    longest = max(row.context for row in memory.holds)
    tokens = int(asked) if asked and asked.isdigit() else min(USUAL_TOKENS, longest)
    ordered = sorted(enumerate(memory.parts, 1), key=lambda one: one[1].id == CACHE)
    parts = tuple(part for _, part in ordered if part.id != CACHE)
    numbers = tuple(number for number, _ in ordered)
    return _Need(parts, numbers, each * tokens / 1000, memory.available_gib, tokens)


def _wanted(rec: Recommendation) -> int:
    said = dict(rec.answers).get("users", "")
    return int(said) if said.isdigit() else (rec.speed.clients if rec.speed else None) or 1


def _counts(need: _Need, wanted: int) -> tuple[int, ...]:
    """Doublings up to beyond what fits and what is wanted, and as many as are wanted themselves."""
    most = max(2 * max(need.fit, 1), wanted, 4)
    doublings = [2**k for k in range(most.bit_length()) if 2**k <= most]
    every = ceil(len(doublings) / MOST_COLUMNS)
    return tuple(sorted({*doublings[::-every], wanted}))


def _total(need: _Need, users: int) -> float:
    return need.fixed_gib + users * need.each_gib


def _drawn(need: _Need, counts: tuple[int, ...], top: float, step: float) -> Growth:
    columns = tuple(_columns(need, counts, top))
    return Growth(
        plot=_plot(need, counts, top, step),
        sentence=_sentence(need),
        columns=columns,
        ticks=tuple(Tick(_y(k * step, top), f"{k * step:g}") for k in range(round(top / step) + 1)),
        limit_y=_y(need.available_gib, top),
        limit_label=_limit(need),
        fit=need.fit,
    )


def _limit(need: _Need) -> str:
    return f"{need.available_gib:.3g} GiB can be used"


def _y(gib: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * min(gib, top) / top, 1)


def _sentence(need: _Need) -> str:
    each = f"Each conversation of {need.tokens:,} tokens takes {need.each_gib:.2g} GiB of cache"
    if need.fit == 0:
        return f"{each}; beside the rest there is room for none."
    people = "one user" if need.fit == 1 else f"{need.fit:,} users"
    return f"{each}: {people} fit at that length; more wait or have shorter ones."


def _sizes(need: _Need, users: int) -> tuple[float, ...]:
    return (*(part.gib for part in need.parts), users * need.each_gib)


def _columns(need: _Need, counts: tuple[int, ...], top: float) -> Iterator[Column]:
    """Spaced as d3.scaleBand spaces them, so that the script draws the same."""
    step = (RIGHT - LEFT) / (len(counts) + PADDING)
    width = round(step * (1 - PADDING), 1)
    for index, users in enumerate(counts):
        x = round(LEFT + step * PADDING + index * step, 1)
        yield Column(users, round(x + width / 2, 1), tuple(_blocks(need, users, x, width, top)))


def _blocks(need: _Need, users: int, x: float, width: float, top: float) -> Iterator[Block]:
    below = 0.0
    for number, gib in zip(need.numbers, _sizes(need, users), strict=True):
        upper, lower = _y(below + gib, top), _y(below, top)
        yield Block(number, x, upper, width, round(lower - upper, 1))
        below += gib


def _plot(need: _Need, counts: tuple[int, ...], top: float, step: float) -> Plot:
    ticks = tuple(k * step for k in range(round(top / step) + 1))
    return Plot(
        id="memory",
        kind="columns",
        title="Memory against users at once",
        width=WIDTH,
        height=HEIGHT,
        x=Axis("users at once", "", counts[0], counts[-1], LEFT, RIGHT, short="users"),
        y=Axis("memory", "GiB", 0.0, top, BOTTOM, TOP, short="GiB", ticks=ticks),
        series=tuple(_series(need, counts)),
        rules=(Rule("ceiling", _limit(need), y=need.available_gib, label_x=LIMIT_X),),
        labels=(
            Label("axis", 0, 12, "GiB"),
            Label("axis", RIGHT, 245, "users at once", "end"),
        ),
        tick_below=20,
        hint=f"With conversations of {need.tokens:,} tokens each; the line is where memory ends.",
    )


def _series(need: _Need, counts: tuple[int, ...]) -> Iterator[Series]:
    names = [*(part.label for part in need.parts), "KV cache"]
    for index, name in enumerate(names):
        readings = tuple(
            Reading(users, round(_sizes(need, users)[index], 3), _said(need, users, name, index))
            for users in counts
        )
        css = f"part-{need.numbers[index]}"
        yield Series(css, name, "estimated", readings, css)


def _said(need: _Need, users: int, name: str, index: int) -> str:
    total = _total(need, users)
    left = need.available_gib - total
    room = f"{left:.1f} GiB stay free" if left >= 0 else f"{-left:.1f} GiB too much"
    people = "1 user" if users == 1 else f"{users:,} users at once"
    gib = _sizes(need, users)[index]
    return f"{people}: {name} {gib:.1f} GiB, in all {total:.1f} GiB; {room}."
