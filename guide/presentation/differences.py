"""What today's rules and measurements answer differently from what was shared."""

from __future__ import annotations

from collections.abc import Iterator

from benchruns.evidence import DatabaseEvidence
from guide.models import SharedRecommendation
from recommender.answers import AnswerError, parse
from recommender.recommend import recommend
from recommender.recommendation import Figure, Recommendation


def differences_today(kept: SharedRecommendation) -> tuple[str, ...]:
    """Sentences; none when today's answer is the same."""
    try:
        answers = parse(kept.pairs())
    except AnswerError as error:
        return (f"Today's questions no longer take one of these answers: {error}",)
    today = recommend(answers, evidence=DatabaseEvidence())
    return tuple(differences(kept.recommendation(), today))


def differences(then: Recommendation, today: Recommendation) -> Iterator[str]:
    for what, before, now in (
        ("engine", _name(then.engine), _name(today.engine)),
        ("model", _name(then.model), _name(today.model)),
        ("quantisation", _name(then.quant), _name(today.quant)),
    ):
        if before != now:
            yield f"The {what} would be {now} today; it was {before}."
    yield from _speed(then, today)


def _name(choice: object) -> str:
    return str(getattr(choice, "name", "none"))


def _speed(then: Recommendation, today: Recommendation) -> Iterator[str]:
    before = then.speed.tok_s_per_user if then.speed else None
    now = today.speed.tok_s_per_user if today.speed else None
    if _words(before) != _words(now):
        yield f"Speed per user is {_words(now)} today; it was {_words(before)}."


def _words(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "not known"
    return f"{figure.value:.3g} {figure.unit} ({figure.basis.value.replace('-', ' ')})"
