"""What the rounds say: for each pair, figure and number of clients a ratio, and it in words.

All comparisons of one set of rounds are one family: they are told together, so they are judged
together (`together`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from benchruns.host.compare.metrics import METRICS, Metric
from benchruns.host.compare.ratio import FEWEST, Ratio, ratio
from benchruns.host.compare.together import LEVEL, stepped_down
from benchruns.host.document import Point, ResultDocument

Rounds = Sequence[ResultDocument]


@dataclass(frozen=True, slots=True)
class Compared:
    """`of` against `to`, both as their arms are called.

    `p_adjusted`: the ratio's `p` as it counts among all comparisons that are told together.
    """

    of: str
    to: str
    metric: Metric
    clients: int
    ratio: Ratio
    p_adjusted: float | None = None

    @property
    def differs(self) -> bool | None:
        """Whether the data shows a difference, with all that was compared beside it kept in mind;
        None where it is too little to say."""
        if self.ratio.differs is None or self.p_adjusted is None:
            return None
        return self.ratio.differs and self.p_adjusted <= LEVEL

    @property
    def only_alone(self) -> bool:
        """Whether it would show a difference, had nothing been compared beside it."""
        return bool(self.ratio.differs) and not self.differs


def compared(arms: Mapping[str, Rounds]) -> tuple[Compared, ...]:
    """Every pair of arms; each arm's documents in the order of their rounds.

    A round that one arm lacks counts for none. Points whose figures a guard refused count for
    nothing.
    """
    return _judged([found for pair in combinations(arms, 2) for found in _pair(*pair, arms)])


def _judged(found: Sequence[Compared]) -> tuple[Compared, ...]:
    chances = stepped_down([one.ratio.p for one in found if one.ratio.p is not None])
    left = iter(chances)
    return tuple(
        one if one.ratio.p is None else replace(one, p_adjusted=next(left)) for one in found
    )


def _pair(of: str, to: str, arms: Mapping[str, Rounds]) -> Iterator[Compared]:
    rounds = min(len(arms[of]), len(arms[to]))
    for metric in METRICS:
        for clients in _shared_clients(arms[of], arms[to]):
            left = [_value(metric, document, clients) for document in arms[of][:rounds]]
            right = [_value(metric, document, clients) for document in arms[to][:rounds]]
            found = ratio(left, right)
            if found is not None:
                yield Compared(of, to, metric, clients, found)


def _shared_clients(of: Rounds, to: Rounds) -> list[int]:
    measured = [{p.clients for document in arm for p in document.points} for arm in (of, to)]
    return sorted(measured[0] & measured[1])


def _value(metric: Metric, document: ResultDocument, clients: int) -> float | None:
    point = next((p for p in document.points if p.clients == clients), None)
    return None if point is None or _refused(point) else metric.of(point.summary) or None


def _refused(point: Point) -> bool:
    return bool(point.refused)


# ------------------------------------------------------------------ in words


def how_judged(found: Sequence[Compared]) -> str:
    """How many comparisons were judged together; "" where that is one or none."""
    together = sum(one.p_adjusted is not None for one in found)
    if together < 2:
        return ""
    return (
        f"The {together} comparisons are judged together (Holm's step-down procedure): were all "
        f"alike, the chance that even one difference is named would be {100 * LEVEL:g} % at most."
    )


def sentences(found: Sequence[Compared]) -> tuple[str, ...]:
    """One for each pair and figure."""
    groups: dict[tuple[str, str, str], list[Compared]] = {}
    for one in found:
        groups.setdefault((one.of, one.to, one.metric.id), []).append(one)
    return tuple(_sentence(group) for group in groups.values())


def _sentence(group: Sequence[Compared]) -> str:
    one = group[0]
    told = [*_differences(group)]
    rest = [*_no_difference(group), *_only_alone(group), *_too_few(group)]
    if not told:
        return f"{one.metric.name} of {one.of} and {one.to}: {'; '.join(rest)}."
    return f"{'; '.join([*told, *rest])}."


def _differences(group: Sequence[Compared]) -> Iterator[str]:
    """Each from the better one's side; what it is better in is said once."""
    sides: dict[tuple[str, str], list[tuple[int, Ratio]]] = {}
    for one in group:
        if one.differs:
            ahead = (one.ratio.value > 1) == one.metric.more
            side = (one.of, one.to) if ahead else (one.to, one.of)
            said = one.ratio if ahead else one.ratio.inverse
            sides.setdefault(side, []).append((one.clients, said))
    for (better, other), ((count, said), *more) in sides.items():
        what = f"{group[0].metric.words} of {other}"
        first = f"{interval(said)} the {what} at {clients(count)}"
        yield f"{better} has {_listed([first, *(f'{interval(r)} at {at}' for at, r in more)])}"


def interval(found: Ratio) -> str:
    """`1.31× (95 %: 1.22–1.40)`."""
    if found.low is None or found.high is None:
        return f"{found.value:.2f}×"
    return f"{found.value:.2f}× (95 %: {found.low:.2f}–{found.high:.2f})"


def clients(count: int) -> str:
    return f"{count} client{'' if count == 1 else 's'}"


def _no_difference(group: Sequence[Compared]) -> Iterator[str]:
    same = [str(one.clients) for one in group if one.differs is False and not one.only_alone]
    if same:
        yield f"no difference that this data shows at {_listed(same)}"


def _only_alone(group: Sequence[Compared]) -> Iterator[str]:
    """What an interval that lies beside 1 would suggest to whoever sees it."""
    alone = [one for one in group if one.only_alone]
    if alone:
        at = _listed([f"{one.clients} ({interval(one.ratio)})" for one in alone])
        yield f"too little to be sure among so many comparisons at {at}"


def _too_few(group: Sequence[Compared]) -> Iterator[str]:
    unknown = [one for one in group if one.differs is None]
    if unknown:
        at = _listed([str(one.clients) for one in unknown])
        rounds = min(one.ratio.rounds for one in unknown)
        yield f"{_rounds(rounds)} of each cannot tell at {at}, {FEWEST} are needed"


def _rounds(count: int) -> str:
    return f"{count} round{'' if count == 1 else 's'}"


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
