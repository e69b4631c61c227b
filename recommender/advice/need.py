"""What a machine has to do: the answers without a machine in them, and one model."""

from __future__ import annotations

from dataclasses import dataclass

from recommender import domain, rulebook
from recommender import table as tables
from recommender.advice import given
from recommender.answers import Answers
from recommender.catalogue import Catalogue, Model
from recommender.choose import choose
from recommender.estimate import load
from recommender.facts import Facts
from recommender.implied import derive, estimated
from recommender.measured import Target

MACHINE = ("hardware", "device", "gpus", "memory_gb", "arch")
"""Answers that describe a machine which is not the one to be got."""


@dataclass(frozen=True, slots=True)
class Need:
    """`answers` name the model. `floor`: tokens/s for each user that were assumed, not asked."""

    answers: Answers
    model: Model
    target: Target
    floor: float | None
    requests: int
    context: int

    @property
    def tokens_per_user(self) -> float | None:
        asked = self.target.tok_s_per_user
        return self.floor if asked is None else asked


def need(answers: Answers, model: str | None, catalogue: Catalogue) -> Need | None:
    """None where no model can be named.

    Raises:
        ValueError: a model or quantisation that the catalogue does not have.
    """
    bare = answers.without(*MACHINE)
    facts = _facts(bare)
    named = facts.model or model or _suggested(bare, catalogue)
    found = catalogue.model(named) if named else None
    if found is None:
        return None
    target = Target(facts.tokens_per_user, facts.ttft_ms)
    return Need(
        answers=Answers((*bare.without("model").given, ("model", (found.id,)))),
        model=found,
        target=target,
        floor=_floor(facts, found, target),
        requests=facts.users or 1,
        context=load.context(facts, found),
    )


def _facts(answers: Answers) -> Facts:
    book = rulebook.load()
    return estimated(book, derive(answers, book))


def _suggested(bare: Answers, catalogue: Catalogue) -> str | None:
    """What the recommendation would suggest while no machine is known."""
    book = rulebook.load()
    derived = derive(Answers((*bare.given, ("hardware", ("none-yet",)))), book)
    facts = estimated(book, derived)
    for engine in tables.load(book).ranking(domain.place(derived.whole)):
        choice = choose(engine, facts, catalogue)
        if choice is not None:
            return choice[0].id
    return None


def _floor(facts: Facts, model: Model, target: Target) -> float | None:
    pace = given.load().pace
    waited_for = facts.purpose not in pace.not_for and not model.embedding_only
    return pace.tokens_per_user if waited_for and target.tok_s_per_user is None else None
