"""What a recipe rests on: each kind of evidence with its basis, where it is read and its date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recommender import accuracy, rulebook
from recommender.recommendation import Basis, Recommendation, Speed


@dataclass(frozen=True, slots=True)
class Ground:
    """`when` as it is read, "" where nobody noted it; `basis` None for a source of rules."""

    what: str
    text: str
    basis: Basis | None
    when: str
    url: str


def grounds(rec: Recommendation) -> tuple[Ground, ...]:
    """Figures first, strongest first; then the sources of the rules that fired, once each."""
    figures = _speed(rec.speed) if rec.speed else ()
    memory = _memory(rec) if rec.memory else ()
    return (*figures, *memory, *_sources(rec))


def _speed(speed: Speed) -> Iterator[Ground]:
    if speed.measured:
        basis = speed.measured[0].tok_s_per_user.basis
        text = f"{speed.measured_where}, with {speed.measured_weights or 'weights not told'}"
        yield Ground("Speed", text, basis, "", speed.measured_url)
    if speed.estimated:
        basis = speed.estimated[0].tok_s_per_user.basis
        text = "a model of bandwidth and arithmetic, fitted on published measurements"
        yield Ground("Speed", text, basis, accuracy.load().edition, "/accuracy/")


def _memory(rec: Recommendation) -> Iterator[Ground]:
    model = rec.model.name if rec.model else "the model"
    text = f"added up from the shape of {model} and the bits its files really have"
    yield Ground("Memory", text, Basis.ESTIMATED, accuracy.load().edition, "/accuracy/#method")


def _sources(rec: Recommendation) -> Iterator[Ground]:
    known = rulebook.load().sources
    for source in dict.fromkeys(reason.source for reason in rec.because):
        reason = next(one for one in rec.because if one.source == source)
        found = known.get(source)
        when = f"{found.checked:%Y-%m-%d}" if found else ""
        yield Ground("Rules", reason.title or source, None, when, reason.url)
