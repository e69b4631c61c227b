"""Results that are rounds of one measurement become one arm; arms are what is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchruns.comparing.facts import NAMED, Row, identity, rows
from benchruns.host.compare.metrics import METRICS, Metric
from benchruns.host.compare.verdict import Compared, compared, how_judged, sentences
from benchruns.host.document import Distribution, ResultDocument, Summary

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NOT_IN_TURNS: Final = (
    "These were not measured in turns on one machine with one load, so no verdict is computed: "
    "what else changed between them may be what made the difference."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One result. `host`: what its machine is called here. `uploaded`: brought by its owner."""

    id: str
    host: str
    document: ResultDocument
    uploaded: bool = False
    tier: str = ""  # how far others bear it out, a `recommender.trust.Tier`
    disputed: bool = False
    host_id: int = 0  # tells hosts of one name apart; 0: not known

    @property
    def where(self) -> tuple[str, str]:
        """The same for the same host: a name is one team's own."""
        return self.host, str(self.host_id)


@dataclass(frozen=True, slots=True)
class Value:
    """`low` and `high`: of several rounds the least and the most, of one its 95 % interval."""

    clients: int
    value: float
    low: float | None
    high: float | None
    stable: bool


@dataclass(frozen=True, slots=True)
class Arm:
    letter: str
    name: str
    shown: tuple[Shown, ...]  # its rounds, oldest first

    @property
    def engine(self) -> str:
        return self.document.engine.id

    @property
    def document(self) -> ResultDocument:
        return self.shown[-1].document

    @property
    def documents(self) -> tuple[ResultDocument, ...]:
        return tuple(one.document for one in self.shown)

    def values(self, metric: Metric) -> tuple[Value, ...]:
        """One for each number of clients at which it is known."""
        counts = sorted({p.clients for d in self.documents for p in d.points})
        found = (self._value(metric, clients) for clients in counts)
        return tuple(value for value in found if value is not None)

    def _value(self, metric: Metric, clients: int) -> Value | None:
        points = [p for d in self.documents for p in d.points if p.clients == clients]
        usable = [p.summary for p in points if not p.refused and metric.of(p.summary) is not None]
        values = [value for s in usable if (value := metric.of(s)) is not None]
        if not values:
            return None
        low, high = (min(values), max(values)) if len(values) > 1 else _known(metric, usable[0])
        return Value(clients, median(values), low, high, all(s.stable for s in usable))


def _known(metric: Metric, summary: Summary) -> tuple[float | None, float | None]:
    """The interval of a single round, where the figure has one."""
    of = getattr(summary, metric.id)
    return (of.low, of.high) if isinstance(of, Distribution) else (None, None)


@dataclass(frozen=True, slots=True)
class Ratios:
    """One figure of one pair, a ratio for each number of clients."""

    of: str
    to: str
    metric: str
    found: tuple[Compared, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    arms: tuple[Arm, ...]
    differing: tuple[Row, ...]
    same: tuple[Row, ...]
    found: tuple[Compared, ...]  # of what was measured in turns
    in_turns: bool

    @property
    def uploaded(self) -> bool:
        """Whether anything of it was brought by a machine's owner."""
        return any(shown.uploaded for arm in self.arms for shown in arm.shown)

    @property
    def verdict(self) -> tuple[str, ...]:
        """Of each pair what it comes to: how much is answered in all."""
        return sentences([one for one in self.found if one.metric == METRICS[0]])

    @property
    def judged(self) -> str:
        """How many comparisons the verdict keeps in mind; "" where there is one or none."""
        return how_judged(self.found)

    @property
    def ratios(self) -> tuple[Ratios, ...]:
        groups: dict[tuple[str, str, str], list[Compared]] = {}
        for one in self.found:
            groups.setdefault((one.of, one.to, one.metric.name), []).append(one)
        return tuple(Ratios(*key, tuple(group)) for key, group in groups.items())

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of clients at which anything was compared."""
        return tuple(sorted({one.clients for one in self.found}))


def comparison(shown: Iterable[Shown]) -> Comparison:
    arms = _arms(tuple(shown))
    found = rows([arm.document for arm in arms])
    turns = in_turns(arms)
    return Comparison(
        arms,
        tuple(row for row in found if row.differs),
        tuple(row for row in found if not row.differs and row.values and row.values[0]),
        compared({arm.name: arm.documents for arm in arms}) if turns else (),
        turns,
    )


def _arms(shown: tuple[Shown, ...]) -> tuple[Arm, ...]:
    """In the order in which they were asked for."""
    groups: dict[tuple[str, ...], list[Shown]] = {}
    for one in shown:
        groups.setdefault((*one.where, *identity(one.document)), []).append(one)
    rounds = [sorted(group, key=lambda one: one.document.started_at) for group in groups.values()]
    names = _names([group[-1] for group in rounds])
    return tuple(
        Arm(LETTERS[index], names[index], tuple(group)) for index, group in enumerate(rounds)
    )


def _names(of: Sequence[Shown]) -> list[str]:
    """The engine, and of what differs only as much as it takes to tell them apart."""
    facts = [(one.host, *(identity(one.document)[index] for index in NAMED)) for one in of]
    said: list[tuple[str, ...]] = [(one.document.engine.name,) for one in of]
    for column in [*range(1, len(NAMED) + 1), 0]:
        alike = [{facts[i][column] for i in _same(said, each)} for each in said]
        said = [
            (*each, facts[i][column] or "not known") if len(alike[i]) > 1 else each
            for i, each in enumerate(said)
        ]
    # What only flags tell apart is told apart by its letter.
    lettered = [(*e, LETTERS[i]) if said.count(e) > 1 else e for i, e in enumerate(said)]
    return [f"{name} ({', '.join(rest)})" if rest else name for name, *rest in lettered]


def _same(said: Sequence[tuple[str, ...]], wanted: tuple[str, ...]) -> list[int]:
    return [index for index, each in enumerate(said) if each == wanted]


def in_turns(arms: Sequence[Arm]) -> bool:
    """Whether each round of all arms came before the next round of any, on one machine and load."""
    if len(arms) < 2 or len({len(arm.shown) for arm in arms}) > 1 or not _comparable(arms):
        return False
    made = [(one.document.started_at, arm.letter) for arm in arms for one in arm.shown]
    order = [letter for _, letter in sorted(made)]
    size = len(arms)
    return all(len(set(order[i : i + size])) == size for i in range(0, len(order), size))


def _comparable(arms: Sequence[Arm]) -> bool:
    loads = {_load(arm.document) for arm in arms}
    return len(loads) == 1 and len({arm.shown[0].where for arm in arms}) == 1


def _load(document: ResultDocument) -> tuple[object, ...]:
    plan = document.plan
    lengths = (plan.prompt_lengths, plan.output_lengths)
    return (plan.prompt_tokens, plan.output_tokens, *map(str, lengths))
