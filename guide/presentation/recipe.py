"""Everything the recipe page shows beside the recommendation itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from guide.presentation.machines import machines
from guide.presentation.memory_bar import memory_bar
from guide.presentation.pictures import recipe_pictures
from guide.presentation.rests_on import grounds
from guide.presentation.speed_chart import speed_chart
from guide.presentation.votes import sides
from guide.templatetags.guide_marks import milliseconds
from recommender.answers import questions
from recommender.own.words import label
from recommender.recommendation import Basis, Flip, Recommendation, Speed, SpeedPoint, WayOut
from recommender.wording import QUESTION_OF

_TOLD_BY = {**QUESTION_OF, "at-once": "users"}
"""The question that says what was assumed, where it has another name."""

LONGER = 3
"""Times as long a first token takes with many as with few, from which the figure needs a word."""

MEASURED = {Basis.MEASURED_HERE, Basis.MEASURED_SAME_DEVICE}


@dataclass(frozen=True, slots=True)
class SpeedRow:
    """Measured beside estimated, at one number of users."""

    clients: int
    measured: SpeedPoint | None
    estimated: SpeedPoint | None


@dataclass(frozen=True, slots=True)
class Change:
    flip: Flip
    query: str


@dataclass(frozen=True, slots=True)
class Way:
    """`query` is empty where no question asks for it."""

    way: WayOut
    query: str


@dataclass(frozen=True, slots=True)
class Held:
    """`asked`: the length of conversation that was answered."""

    context: int
    users: int
    asked: bool


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning; `cases` where the same is said of several."""

    text: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """One answer in the words of its question."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was taken for granted, and the question that would say it."""

    text: str
    question: str


LATER_STEPS = ("load-test", "cross-check", "watch", "upgrade")
"""Steps for when it runs: their headings stay in sight, what is under them opens."""


def recipe_context(rec: Recommendation) -> dict[str, Any]:
    sentence = speed_sentence(rec.speed, users(rec)) if rec.speed else ""
    return {
        "rec": rec,
        "later_steps": LATER_STEPS,
        "warnings": warnings(rec),
        "sides": sides(rec),
        "given": given(rec),
        "assumed": assumed(rec),
        "machine": machine(rec),
        "grounds": grounds(rec),
        "bar": memory_bar(rec.memory) if rec.memory else None,
        "chart": speed_chart(rec.speed) if rec.speed else None,
        "estimated_basis": estimated_basis(rec.speed) if rec.speed else Basis.UNKNOWN,
        "bases": bases(rec.speed) if rec.speed else (),
        "rows": speed_rows(rec.speed) if rec.speed else (),
        "speed_sentence": sentence,
        "pictures": recipe_pictures(rec, sentence),
        "first_token_sentence": first_token_sentence(rec.speed) if rec.speed else "",
        "changes": changes(rec),
        "ways": ways(rec),
        "holds": holds(rec),
        "machines": machines(rec),
    }


def machine(rec: Recommendation) -> str:
    """The machine of the headline: "one NVIDIA GeForce RTX 4090"; "" where nobody named it."""
    said = dict(rec.answers)
    if "device" not in said:
        return ""
    count = said.get("gpus", "1")
    return f"{'one' if count == '1' else f'{count} ×'} {_words('device', said['device'])}"


def warnings(rec: Recommendation) -> tuple[Warned, ...]:
    """Warnings that begin alike are one: "Measured slower than estimated", and where."""
    found: dict[str, list[str]] = {}
    for line in rec.warnings:
        found.setdefault(line.partition(": ")[0], []).append(line)
    return tuple(_warned(lead, lines) for lead, lines in found.items())


def _warned(lead: str, lines: list[str]) -> Warned:
    if len(lines) == 1:
        return Warned(lines[0], ())
    return Warned(f"{lead}:", tuple(line.partition(": ")[2] for line in lines))


def speed_rows(speed: Speed) -> tuple[SpeedRow, ...]:
    estimated = {point.clients: point for point in speed.estimated}
    measured = {point.clients: point for point in speed.measured}
    return tuple(
        SpeedRow(n, measured.get(n), estimated.get(n)) for n in sorted({*estimated, *measured})
    )


def estimated_basis(speed: Speed) -> Basis:
    """The weakest basis of the estimated column: a heading must not promise more."""
    order = list(Basis)
    found = [point.tok_s_per_user.basis for point in speed.estimated]
    return max(found, key=order.index, default=Basis.UNKNOWN)


def bases(speed: Speed) -> tuple[Basis, ...]:
    """Every basis that stands on the page, strongest first, for the line that explains them."""
    points = [*speed.measured, *speed.estimated]
    found = {f.basis for p in points for f in (p.tok_s_per_user, p.total_tok_s, p.ttft_ms)}
    return tuple(basis for basis in Basis if basis in found)


def users(rec: Recommendation) -> str:
    """Who gets the speed: "each of 50 users"."""
    said = dict(rec.answers).get("users")
    return "each user" if said is None else "one user" if said == "1" else f"each of {said} users"


def speed_sentence(speed: Speed, users: str) -> str:
    """What the chart shows, in words."""
    rate = speed.tok_s_per_user
    if rate.value is None:
        return rate.note or "How quick it would be is not known yet."
    source = "Measured" if rate.basis in MEASURED else "Estimated"
    sentence = f"{source}: {rate.value:.3g} tokens/s for {users}"
    if rate.low is not None and rate.high is not None:
        sentence += f", between {rate.low:.3g} and {rate.high:.3g}"
    return f"{sentence}{_against_target(speed)}."


def first_token_sentence(speed: Speed) -> str:
    """Who waits in a queue is not in tokens/s: the wait of few beside the wait of many."""
    points = speed.measured if len(speed.measured) > 1 else speed.estimated
    known = [(p.clients, p.ttft_ms.value) for p in points if p.ttft_ms.value is not None]
    if len(known) < 2 or known[-1][1] < LONGER * known[0][1]:
        return ""
    (few, quick), (many, slow) = known[0], known[-1]
    return (
        f"The first token comes after {milliseconds(quick)} with {few} at once and after "
        f"{milliseconds(slow)} with {many}: waiting is not in the figure."
    )


def _against_target(speed: Speed) -> str:
    if speed.target_tok_s_per_user is None:
        return ""
    met = {True: "meets", False: "misses", None: "cannot yet be compared with"}[speed.meets_target]
    return f", which {met} the target of {speed.target_tok_s_per_user:g}"


def changes(rec: Recommendation) -> dict[str, tuple[Change, ...]]:
    """By the engine that would win."""
    return {
        engine: tuple(Change(f, changed_query(rec, f)) for f in rec.flips if f.engine == engine)
        for engine in dict.fromkeys(flip.engine for flip in rec.flips)
    }


def changed_query(rec: Recommendation, flip: Flip) -> str:
    """These answers with the flip's in their place."""
    return _replaced(rec, flip.answers)


def _replaced(rec: Recommendation, answers: tuple[tuple[str, str], ...]) -> str:
    replaced = {name for name, _ in answers}
    kept = [(name, value) for name, value in rec.answers if name not in replaced]
    return urlencode([*kept, *((name, value) for name, value in answers if value)])


def ways(rec: Recommendation) -> tuple[Way, ...]:
    """What would make it fit, each with the address of its recipe where a question asks for it."""
    found = rec.memory.ways_out if rec.memory else ()
    return tuple(Way(way, _replaced(rec, way.answers) if way.answers else "") for way in found)


def holds(rec: Recommendation) -> tuple[Held, ...]:
    """For how many users the cache is enough; nothing where it is for nobody."""
    found = rec.memory.holds if rec.memory else ()
    if not any(row.users for row in found):
        return ()
    said = dict(rec.answers).get("context")
    return tuple(Held(row.context, row.users, str(row.context) == said) for row in found)


def given(rec: Recommendation) -> tuple[Given, ...]:
    return tuple(
        Given(question.text, ", ".join(_words(question.id, value) for value in values))
        for question in questions()
        if (values := [value for name, value in rec.answers if name == question.id])
    )


def assumed(rec: Recommendation) -> tuple[Assumed, ...]:
    facts = [(reason.text, reason.rule.removeprefix("assume.")) for reason in rec.assumed]
    return tuple(Assumed(text, _TOLD_BY.get(fact, fact)) for text, fact in facts)


def _words(question: str, value: str) -> str:
    own = label(question, value)
    if own is not None:
        return own
    known = next(q for q in questions() if q.id == question)
    words = next((option.label for option in known.options if option.value == value), value)
    return f"{words} {known.unit}" if known.unit and words == value else words
