"""What has changed since something was shared: today's rules and measurements against the snapshot.

Sentences that stand alone. First what is answered differently, then why: what speaks for it now,
who votes differently, what was measured since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchruns.evidence import DatabaseEvidence
from guide.models import SharedRecommendation
from guide.templatetags.guide_marks import engine_name
from recommender.answers import AnswerError, parse
from recommender.recommend import recommend
from recommender.recommendation import Figure, Memory, Recommendation, Speed

MOST_REASONS = 6


@dataclass(frozen=True, slots=True)
class Since:
    """`answers`: what is answered differently; `why`: what stands behind it. Both are empty when
    nothing changed. `today` is None where today's questions no longer take the answers."""

    answers: tuple[str, ...]
    why: tuple[str, ...]
    then: Recommendation
    today: Recommendation | None


def since(kept: SharedRecommendation) -> Since:
    """Raises SnapshotError: it was kept in a form that can no longer be read."""
    then = kept.recommendation()
    try:
        answers = parse(kept.pairs())
    except AnswerError as error:
        said = f"Today's questions no longer take one of these answers: {error}"
        return Since((said,), (), then, None)
    today = recommend(answers, evidence=DatabaseEvidence())
    return Since(tuple(differences(then, today)), tuple(grounds(then, today)), then, today)


def differences_today(kept: SharedRecommendation) -> tuple[str, ...]:
    """Sentences; none when today's answer is the same."""
    return since(kept).answers


def differences(then: Recommendation, today: Recommendation) -> Iterator[str]:
    for what, before, now in (
        ("engine", _name(then.engine), _name(today.engine)),
        ("model", _name(then.model), _name(today.model)),
        ("quantisation", _name(then.quant), _name(today.quant)),
    ):
        if before != now:
            yield f"The {what} would be {now} today; it was {before}."
    yield from _speed(then, today)
    yield from _first_token(then, today)
    yield from _memory(then.memory, today.memory)


def _name(choice: object) -> str:
    return str(getattr(choice, "name", "none"))


def _speed(then: Recommendation, today: Recommendation) -> Iterator[str]:
    before = then.speed.tok_s_per_user if then.speed else None
    now = today.speed.tok_s_per_user if today.speed else None
    if _words(before) != _words(now):
        yield f"Speed per user is {_words(now)} today; it was {_words(before)}."


def _first_token(then: Recommendation, today: Recommendation) -> Iterator[str]:
    before = then.speed.ttft_ms if then.speed else None
    now = today.speed.ttft_ms if today.speed else None
    if _words(before) != _words(now):
        yield f"The first token comes after {_words(now)} today; it was {_words(before)}."


def _words(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "not known"
    return f"{figure.value:.3g} {figure.unit} ({figure.basis.value.replace('-', ' ')})"


def _memory(then: Memory | None, today: Memory | None) -> Iterator[str]:
    if then is None or today is None:
        return
    if then.fits != today.fits and today.fits is not None:
        yield f"It {'fits' if today.fits else 'does not fit'} the memory by today's count."
    if abs(then.total_gib - today.total_gib) >= 0.05:
        yield (
            f"It takes {today.total_gib:.1f} GiB by today's count; it was {then.total_gib:.1f} GiB."
        )


def grounds(then: Recommendation, today: Recommendation) -> Iterator[str]:
    """Why today's answer may differ; also said where it came out the same."""
    if then.rulebook_version != today.rulebook_version:
        yield f"The rule book is {today.rulebook_version} now; it was {then.rulebook_version}."
    yield from _votes(then, today)
    yield from _ruled_out(then, today)
    yield from _measured(then.speed, today.speed)
    yield from _reasons(then, today)


def _votes(then: Recommendation, today: Recommendation) -> Iterator[str]:
    before = {opinion.article: opinion.engine for opinion in then.opinions}
    for opinion in today.opinions:
        was = before.get(opinion.article)
        if opinion.article in before and was != opinion.engine:
            now, earlier = _engine(opinion.engine), _engine(was)
            yield f"By its rules article {opinion.article} now takes {now}; it took {earlier}."


def _engine(engine: str | None) -> str:
    return engine_name(engine) if engine else "none"


def _ruled_out(then: Recommendation, today: Recommendation) -> Iterator[str]:
    before = {out.engine: out.reasons for out in then.rejected}
    now = {out.engine: out.reasons for out in today.rejected}
    for engine in sorted(now.keys() - before.keys()):
        said = now[engine][0].text if now[engine] else ""
        yield f"{engine_name(engine)} cannot run here by today's rules. {said}".rstrip()
    for engine in sorted(before.keys() - now.keys()):
        yield f"{engine_name(engine)} can run here by today's rules; it could not."


def _measured(then: Speed | None, today: Speed | None) -> Iterator[str]:
    before = then.measured_where if then else ""
    now = today.measured_where if today else ""
    if now and not before:
        yield f"It has been measured since: {now}."
    elif now and now != before:
        yield f"A newer measurement counts: {now}; it was {before}."
    elif before and not now:
        yield f"The measurement on {before} counts no longer."


def _reasons(then: Recommendation, today: Recommendation) -> Iterator[str]:
    """Of the rules that speak for the choice, those that did not speak then, and the reverse."""
    if then.engine is None or today.engine is None:
        return
    before = {reason.rule: reason.text for reason in then.because}
    now = {reason.rule: reason.text for reason in today.because}
    new = [now[rule] for rule in now if rule not in before]
    gone = [before[rule] for rule in before if rule not in now]
    yield from (f"Speaks for {today.engine.name} now: {text}" for text in new[:MOST_REASONS])
    yield from (f"Spoke for {then.engine.name} then: {text}" for text in gone[:MOST_REASONS])


def beside(then: Recommendation, today: Recommendation) -> tuple[tuple[str, str, str], ...]:
    """The same lines of both: what it is, then, today."""
    lines = (_lines(then), _lines(today))
    return tuple((name, lines[0][name], lines[1][name]) for name in lines[0])


def _lines(rec: Recommendation) -> dict[str, str]:
    speed, memory = rec.speed, rec.memory
    return {
        "Engine": _name(rec.engine),
        "Model": _name(rec.model),
        "Quantisation": _name(rec.quant),
        "Speed for each user": _words(speed.tok_s_per_user if speed else None),
        "First token": _words(speed.ttft_ms if speed else None),
        "Memory": f"{memory.total_gib:.1f} GiB" if memory else "not known",
        "Measured": (speed.measured_where if speed else "") or "not measured",
        "Articles that agree": _agreeing(rec),
        "Rule book": rec.rulebook_version,
    }


def _agreeing(rec: Recommendation) -> str:
    if rec.engine is None:
        return "none"
    found = [one.article for one in rec.opinions if one.engine == rec.engine.id]
    return ", ".join(found) or "none"
