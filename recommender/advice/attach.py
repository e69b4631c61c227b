"""When a recommendation says which machine to get: none is there yet, or none that will do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from recommender.advice.advise import advise
from recommender.advice.shape import Advice, Machine
from recommender.advice.words import title
from recommender.answers import Answers
from recommender.recommendation import Recommendation

NO_COMMANDS = (
    "No commands yet: weights, flags and the number of accelerators depend on the machine."
)
CHOOSE = "Choose one of the machines on this page: its recipe has its commands and files."


def advised(rec: Recommendation, answers: Answers) -> Recommendation:
    """The same with `machines`, where they help; without commands that none of them could run."""
    bought_nothing = answers.text("hardware") == "none-yet" and answers.text("device") is None
    if not (bought_nothing or rec.engine is None):
        return rec
    model = rec.model.id if rec.model else None
    told = replace(rec, machines=advise(answers, model=model))
    return _honest(told) if told.commands and told.machines else told


def _honest(rec: Recommendation) -> Recommendation:
    """Commands are written for one accelerator: they stand where an advised machine has one and
    is served in the very form they name. Elsewhere each machine has a recipe of its own."""
    assert rec.machines is not None
    suits = next((m for m in _advised(rec.machines) if _is_served_so(m, rec)), None)
    if suits:
        said = f"The commands suit a machine such as {title(suits)}. {CHOOSE}"
        return replace(rec, warnings=(*rec.warnings, said))
    said = f"{NO_COMMANDS} {CHOOSE}" if rec.machines.smallest else NO_COMMANDS
    return replace(rec, commands=(), warnings=(*rec.warnings, said))


def _advised(advice: Advice) -> Iterator[Machine]:
    for family in advice.families:
        yield from (machine for machine in (family.smallest, family.sure) if machine)


def _is_served_so(machine: Machine, rec: Recommendation) -> bool:
    served = rec.engine and rec.quant and (rec.engine.id, rec.quant.id)
    return machine.count == 1 and served == (machine.engine, machine.quant)
