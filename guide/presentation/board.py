"""The board beside the questions: one lane for each engine, always in the same order.

The articles' marks stand in the lane of the engine they would take, and move when they change
sides. An engine that is out stays in its lane, faded, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recommender import rulebook
from recommender.answers import questions
from recommender.questions import Question
from recommender.recommendation import Opinion, Recommendation


@dataclass(frozen=True, slots=True)
class Lane:
    """`engine` None: the articles that say nothing of these answers. `why_out`: "" while it can
    run."""

    engine: str | None
    opinions: tuple[Opinion, ...]
    is_verdict: bool
    why_out: str


@dataclass(frozen=True, slots=True)
class Open:
    """A question whose answer can still make another engine win, and which ones. `decides`: it can
    change the answer most; then `engines` may be empty, where it does so only with others."""

    question: Question
    engines: tuple[str, ...]
    decides: bool


def board(rec: Recommendation) -> tuple[Lane, ...]:
    """Every engine from the least to look after to the most, then the silent articles, if any."""
    lanes = tuple(_lane(rec, engine) for engine in rulebook.load().engines)
    silent = _lane(rec, None)
    return (*lanes, silent) if silent.opinions else lanes


def _lane(rec: Recommendation, engine: str | None) -> Lane:
    out = next((out.reasons for out in rec.rejected if out.engine == engine), ())
    return Lane(
        engine=engine,
        opinions=tuple(one for one in rec.opinions if one.engine == engine),
        is_verdict=rec.engine is not None and engine == rec.engine.id,
        why_out=out[0].text if out else "",
    )


def still_open(rec: Recommendation) -> tuple[Open, ...]:
    """The most telling first, the others in the order of the page; none once it is settled."""
    if rec.settled:
        return ()
    found = sorted(_open(rec), key=lambda one: not one.decides)
    return tuple(found)


def _open(rec: Recommendation) -> Iterator[Open]:
    answered = {name for name, _ in rec.answers}
    for question in questions():
        flips = (f.engine for f in rec.flips if f.answers[0][0] == question.id)
        engines = tuple(dict.fromkeys(flips))
        decides = question.id == rec.next_question
        if question.id not in answered and (engines or decides):
            yield Open(question, engines, decides)
