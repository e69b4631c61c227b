"""The recommendation: facts, rule book, catalogue and evidence in, one immutable answer out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from recommender import (
    absence,
    contest,
    domain,
    explain,
    limits,
    opinions,
    outlook,
    recalled,
    remarks,
    rulebook,
    speeds,
)
from recommender import table as tables
from recommender.answers import Answers
from recommender.catalogue import Model
from recommender.choose import why_model, why_quant
from recommender.contest import Case
from recommender.estimate.weights import bits_per_weight, variant_of
from recommender.evidence import Evidence, NoEvidence, Remembered
from recommender.house import Decision
from recommender.implied import derive
from recommender.outlook import Outlook
from recommender.recommendation import (
    Command,
    EngineChoice,
    Flip,
    ModelChoice,
    Opinion,
    QuantChoice,
    Reason,
    Recommendation,
)
from recommender.rulebook import Rulebook
from recommender.table import Table

NO_EVIDENCE = NoEvidence()
PERHAPS = "That is no clear miss for an estimate: measure it before you rely on it."
GGUF_ADVICE = frozenset({"a2.r8"})
"""Rules of the articles that speak of GGUF files only."""


def recommend(answers: Answers, *, evidence: Evidence = NO_EVIDENCE) -> Recommendation:
    """What fits these answers, and why. The first call loads or builds the table."""
    book, seen = rulebook.load(), Remembered(evidence)
    case = contest.judge(answers, book, seen)
    view = _look(case, tables.load(book), seen)
    said = opinions.opinions(book, domain.closed(case.derived.known))
    if case.winner is None:
        return _nothing(case, said, view)
    told = _answer(case, said, view)
    return replace(told, warnings=(*_said_first(case, seen), *told.warnings))


def _said_first(case: Case, evidence: Evidence) -> tuple[str, ...]:
    """What the named answers cost, before all other warnings."""
    rig, facts = case.winner, case.facts
    assert rig is not None
    assert rig.choice is not None
    if remarks.kindless(case.answers):
        return (remarks.ask_kind(case.answers),)
    if remarks.without_machine(facts):
        return (remarks.unknown_machine(facts),)

    def winner(answers: Answers) -> str | None:
        return contest.winner(answers, case.book, evidence)

    first = case.decision.possible()[0] == rig.engine
    named = () if first else remarks.forced(case.answers, case.book, rig.engine, facts, winner)
    return (
        *named,
        *remarks.ask_arithmetic(facts, case.catalogue),
        *remarks.spread(facts),
        *remarks.queue(rig.engine, *rig.choice, facts, case.catalogue),
    )


def _look(case: Case, table: Table, evidence: Evidence) -> Outlook:
    struck = frozenset(case.struck)
    kept = frozenset(case.strikes.fit) if case.facts.hardware in (None, "none-yet") else frozenset()
    view = outlook.look(case.book, table, domain.closed(case.derived.known), struck, kept)
    if _unknown_decides(case):
        view = replace(view, settled=False)
    if remarks.kindless(case.answers):
        view = replace(view, settled=False, next_question="hardware")
    if not struck and not _particular(case):
        return view
    return replace(view, flips=tuple(_verified(case, view.flips, evidence)))


def _unknown_decides(case: Case) -> bool:
    """Whether a better ranked engine is out only because we know of no weights for it."""
    for engine in case.decision.possible():
        if case.winner and engine == case.winner.engine:
            return False
        why = case.struck.get(engine)
        if why and why.rule == absence.UNPUBLISHED:
            return True
    return False


def _particular(case: Case) -> bool:
    """Whether something is said that can strike engines out in one case and not in another."""
    known = case.derived.known
    named = (known.model, known.quant, known.device, known.memory_gb)
    wanted = (known.tokens_per_user, known.ttft_ms)
    return bool(case.found) or any(said is not None for said in (*named, *wanted))


def _verified(case: Case, flips: Iterable[Flip], evidence: Evidence) -> Iterator[Flip]:
    """Each changed case really decided: the flips that hold, with the engine that really wins."""
    here = case.winner.engine if case.winner else None
    short = here is None and any(why.rule == "limit.memory" for why in case.struck.values())
    for flip in flips:
        changed = case.answers.replaced(*flip.answers)
        if short and case.derived.known.device and derive(changed, case.book).known.device is None:
            continue  # of an unnamed machine nobody knows whether it would fit there
        winner = contest.winner(changed, case.book, evidence)
        if winner not in (None, here):
            yield flip if winner == flip.engine else replace(flip, engine=winner)


def _answer(case: Case, said: tuple[Opinion, ...], view: Outlook) -> Recommendation:
    rig, book, facts = case.winner, case.book, case.facts
    assert rig is not None
    assert rig.choice is not None
    model, quant = rig.choice
    bits = bits_per_weight(model, variant_of(rig.engine, quant))
    speed, odd = speeds.speed(rig, facts, case.catalogue)
    base = _nothing(case, said, view)
    return replace(
        base,
        headline=_headline(case),
        engine=_engine(book, rig.engine),
        model=_model(case),
        quant=QuantChoice(quant.id, quant.name, round(bits, 2), why_quant(quant, model, facts)),
        because=(
            *speeds.proof(rig, facts),
            *explain.because(*_trace(case), said, case.derived.whole),
        ),
        runners_up=base.runners_up,
        memory=recalled.memory(rig.engine, rig.choice, facts, case.catalogue),
        speed=speed,
        commands=_commands(case),
        facts=facts,
        assumed=(*base.assumed, *_assumed_context(case, model)),
        advice=_advice(case, base.advice),
        gives=_gives(case),
        warnings=(*base.warnings, *odd),
        agreement=explain.agreement(said, rig.engine, speeds.standing(speed)),
    )


def _assumed_context(case: Case, model: Model) -> Iterable[Reason]:
    said = case.derived.known.context is not None
    return () if said else remarks.context(case.book, model, case.facts)


def _commands(case: Case) -> tuple[Command, ...]:
    """None where they would be a guess."""
    rig = case.winner
    assert rig is not None
    assert rig.choice is not None
    if remarks.kindless(case.answers) or remarks.without_machine(case.facts):
        return ()
    return recalled.commands(rig.engine, rig.choice, case.facts, case.catalogue)


def _advice(case: Case, advice: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Without what is said of GGUF files where none is loaded."""
    assert case.winner is not None
    assert case.winner.choice is not None
    model, quant = case.winner.choice
    variant = quant.variant(case.winner.engine)
    if variant and variant.format == "gguf" and not model.embedding_only:
        return advice
    return tuple(a for a in advice if a.rule not in GGUF_ADVICE)


def _trace(case: Case) -> tuple[Rulebook, Decision, str, tuple[str, ...]]:
    assert case.winner is not None
    return case.book, case.decision, case.winner.engine, case.left


def _headline(case: Case) -> str:
    if case.compromise:
        assert case.winner is not None
        name = case.book.engines[case.winner.engine].name
        return f"{name}: no engine meets your target here; this one comes closest."
    known = case.derived.known
    said = replace(case.derived.whole, hardware=known.hardware, os=known.os)
    return explain.headline(*_trace(case), said)


def _gives(case: Case) -> tuple[str, ...]:
    assert case.winner is not None
    own = explain.gives(case.book, case.decision, case.winner.engine)
    doubt = case.strikes.missed.get(case.winner.engine)
    if not case.compromise:
        return (f"{doubt.text} {PERHAPS}", *own) if doubt else own
    help_ = "A smaller model, fewer people at once, a lower target or a faster machine would help."
    return (case.compromise, help_, *own)


def _nothing(case: Case, said: tuple[Opinion, ...], view: Outlook) -> Recommendation:
    """What is true whether or not an engine is left."""
    rejected = limits.rejections(case.book, case.decision, case.struck)
    winner = case.winner.engine if case.winner else None
    others = explain.runners_up(*_trace(case)) if winner else ()
    out = {r.engine: r.why_not for r in others}
    why, help_ = ("", ()) if winner else absence.headline(case.struck, case.facts, case.catalogue)
    out |= {r.engine: r.reasons[0].text for r in rejected}
    return Recommendation(
        answers=case.answers.pairs(),
        headline=why,
        engine=None,
        model=None,
        quant=None,
        settled=view.settled,
        next_question=view.next_question,
        opinions=said,
        because=(),
        dissent=explain.dissent(case.book, said, winner, out),
        rejected=rejected,
        runners_up=others,
        flips=view.flips,
        memory=None if winner else absence.shortage(case.struck, case.facts, case.catalogue),
        speed=None,
        commands=(),
        rulebook_version=case.book.version,
        gives=help_,
        assumed=explain.assumed(case.book, case.derived),
        advice=(
            *explain.advice(case.book, winner, case.derived.whole),
            *opinions.advice(case.book, case.derived.known),
        ),
        warnings=tuple(contradiction.text for contradiction in case.derived.contradictions),
    )


def _engine(book: Rulebook, engine_id: str) -> EngineChoice:
    engine = book.engines[engine_id]
    return EngineChoice(engine.id, engine.name, engine.summary, engine.url)


def _model(case: Case) -> ModelChoice:
    assert case.winner is not None
    assert case.winner.choice is not None
    model, _ = case.winner.choice
    why = why_model(model, case.facts, case.catalogue)
    url = f"https://huggingface.co/{model.hf_id}" if model.hf_id else ""
    return ModelChoice(model.id, model.name, round(model.params_b, 2), why, url)
