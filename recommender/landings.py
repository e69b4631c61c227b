"""Common questions, each answered by the live rule book. Their words and cases are data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recommender import rulebook
from recommender.answers import AnswerError, Answers, parse
from recommender.evidence import Evidence, Measurement, NoEvidence
from recommender.ledger import load as ledger
from recommender.ledger.finding import Status, Verdict
from recommender.ledger.verdict import judge
from recommender.recommend import recommend
from recommender.recommendation import Reason, Recommendation
from recommender.schema import EngineId, Text

NO_EVIDENCE = NoEvidence()


class LandingError(ValueError):
    """The data is wrong; the sentence says which entry."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Case(_Row):
    """One reader's situation. A value may be a list where a question takes several."""

    label: Text
    answers: dict[str, str]

    @property
    def parsed(self) -> Answers:
        return parse(self.answers.items())


class Landing(_Row):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    question: Text
    about: Text
    kind: Literal["which", "faster", "which-run", "can-run", "most-users", "quant", "rules"]
    engine: EngineId | None = None
    rules: tuple[str, ...]
    claims: tuple[str, ...]
    decides: tuple[str, ...] = ()
    case: Annotated[tuple[Case, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_its_engine(self) -> Landing:
        if (self.kind in ("can-run", "most-users")) != (self.engine is not None):
            msg = f"{self.slug}: can-run and most-users need `engine`, nothing else does"
            raise ValueError(msg)
        if (self.kind == "faster") != bool(self.decides) or not {*self.decides} <= {*self.claims}:
            msg = f"{self.slug}: faster needs `decides`, some of its claims; nothing else does"
            raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True)
class Answered:
    """One case with what the rule book answers to it now. `why_not`: the asked engine is out."""

    case: Case
    rec: Recommendation
    query: str
    why_not: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Page:
    landing: Landing
    sentence: str
    answered: tuple[Answered, ...]

    @property
    def never(self) -> bool:
        """The engine one asks for is out in every case; the sentence then says why."""
        return all(one.why_not for one in self.answered)


@cache
def load() -> Mapping[str, Landing]:
    """The shipped questions by slug, in their order.

    Raises:
        LandingError: the data is wrong.
    """
    return build((files("recommender") / "data" / "landings.toml").read_text("utf-8"))


def build(text: str) -> Mapping[str, Landing]:
    found: dict[str, Landing] = {}
    for raw in tomllib.loads(text).get("landing", []):
        try:
            one = Landing.model_validate(raw)
        except ValidationError as error:
            msg = f"landings.toml, {raw.get('slug', 'an entry without a slug')}: {error}"
            raise LandingError(msg) from error
        if one.slug in found:
            msg = f"landings.toml has {one.slug} twice"
            raise LandingError(msg)
        _check(one)
        found[one.slug] = one
    return found


def _check(one: Landing) -> None:
    unknown = [rule for rule in one.rules if rule not in rulebook.load().rules]
    unknown += [claim for claim in one.claims if claim not in ledger.load().claims]
    if unknown:
        msg = f"landings.toml, {one.slug} names {', '.join(unknown)}, which nobody says"
        raise LandingError(msg)
    for case in one.case:
        try:
            assert case.parsed
        except AnswerError as error:
            msg = f"landings.toml, {one.slug}, {case.label}: {error}"
            raise LandingError(msg) from error


def answer(
    one: Landing, evidence: Evidence = NO_EVIDENCE, runs: Sequence[Measurement] = ()
) -> Page:
    """What the rule book and the measurements say now. `runs` bear on the claims it rests on."""
    answered = tuple(_answered(one, case, evidence) for case in one.case)
    sentence = _faster(one, runs) if one.decides else _sentence(one, answered)
    return Page(one, sentence, answered)


def _answered(one: Landing, case: Case, evidence: Evidence) -> Answered:
    rec = recommend(case.parsed, evidence=evidence)
    out = next((r.reasons for r in rec.rejected if r.engine == one.engine), ())
    return Answered(case, rec, case.parsed.urlencode(), out)


def _sentence(one: Landing, answered: tuple[Answered, ...]) -> str:
    if one.kind == "can-run":
        return _can_run(one, answered)
    if one.kind == "most-users":
        return _most_users(one, answered)
    if one.kind == "which-run":
        return _which_run(answered)
    if one.kind == "rules":
        return " ".join(rulebook.load().rules[rule].text for rule in one.rules)
    return _by_choice(answered, quant=one.kind == "quant")


def _by_choice(answered: tuple[Answered, ...], *, quant: bool) -> str:
    """ "Ollama for one person; vLLM for fifty." The same for all: said once."""
    chosen: dict[str, list[str]] = {}
    for one in answered:
        choice = _quant(one.rec) if quant else _engine(one.rec)
        chosen.setdefault(choice, []).append(one.case.label)
    if len(chosen) == 1:
        return f"{next(iter(chosen))} in every one of these cases."
    return "; ".join(f"{choice} for {_and(labels)}" for choice, labels in chosen.items()) + "."


def _engine(rec: Recommendation) -> str:
    return rec.engine.name if rec.engine else "No engine"


def _quant(rec: Recommendation) -> str:
    return rec.quant.id if rec.quant else "None that fits"


def _can_run(one: Landing, answered: tuple[Answered, ...]) -> str:
    name = _name(one)
    out = [case for case in answered if case.why_not]
    taken = [a for a in answered if a.rec.engine and a.rec.engine.id == one.engine]
    if len(out) == len(answered):
        return f"No. {out[0].why_not[0].text}"
    if not out and not taken:
        return f"It can, but something else fits better: {_by_choice(answered, quant=False)}"
    if not out:
        return f"Yes. {name} is what we take for {_and(a.case.label for a in taken)}."
    able = _and(a.case.label for a in answered if not a.why_not)
    return f"It can for {able}, not for {_and(a.case.label for a in out)}."


def _which_run(answered: tuple[Answered, ...]) -> str:
    """ "vLLM and Ollama: one person, thirty people; Ollama: Windows." No preference counts here."""
    able: dict[str, list[str]] = {}
    for one in answered:
        out = {rejection.engine for rejection in one.rec.rejected}
        names = [e.name for e in rulebook.load().engines.values() if e.id not in out]
        able.setdefault(_and(names) if names else "None", []).append(one.case.label)
    return "; ".join(f"{names} for {_and(labels)}" for names, labels in able.items()) + "."


def _faster(one: Landing, runs: Sequence[Measurement]) -> str:
    """The first of the deciding claims says that the two are close: where it holds, "No."."""
    verdicts = [judge(claim, runs) for claim in one.decides]
    close = verdicts[0].status in (Status.HOLDS, Status.HOLDS_ONLY_IF)
    told = " ".join(_judged(verdict) for verdict in verdicts)
    return f"{'No.' if close else 'In everything tested so far.'} {told}"


def _judged(verdict: Verdict) -> str:
    claim = ledger.load().claims[verdict.claim].text.rstrip(".")
    sentence = verdict.sentence.rstrip(".")
    return f"“{claim}”: {sentence[0].lower()}{sentence[1:]} ({verdict.claim})."


def _most_users(one: Landing, answered: tuple[Answered, ...]) -> str:
    """Read from the cases, which name growing numbers of users."""
    name = _name(one)
    taken = [_users(a) for a in answered if a.rec.engine and a.rec.engine.id == one.engine]
    beyond = [a for a in answered if _users(a) > max(taken, default=0)]
    if not taken:
        return f"We do not take {name} in any of these cases."
    if not beyond:
        return f"We take {name} for as many as {max(taken)} at once."
    after = beyond[0]
    people = "one person" if max(taken) == 1 else f"up to {max(taken)} people"
    return f"We take {name} for {people} at once, and from {_users(after)} on {_engine(after.rec)}."


def _users(one: Answered) -> int:
    return int(one.case.answers["users"])


def _name(one: Landing) -> str:
    return rulebook.load().engines[one.engine or ""].name


def _and(labels: Iterable[str]) -> str:
    found = list(labels)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
