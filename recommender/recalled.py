"""What was worked out before, for all cases that differ only in what it does not rest on.

A visitor's next answer seldom changes the machine or the load: estimates and commands are then
those of the answer before. Models and quantisations are named by id, which every catalogue entry
and every model of one's own has.
"""

from __future__ import annotations

from functools import lru_cache

from recommender import recipe
from recommender.catalogue import Catalogue, Model, Quant
from recommender.estimate import speed, ways
from recommender.facts import Facts
from recommender.recommendation import Command, Memory, SpeedPoint

Choice = tuple[Model, Quant]


def estimate(engine: str, choice: Choice, facts: Facts, catalogue: Catalogue) -> SpeedPoint | None:
    """The speed at the stated users alone; None where nothing can be said."""
    return _estimate(engine, choice[0].id, choice[1].id, load(facts), catalogue)


def expected(
    engine: str, choice: Choice, facts: Facts, catalogue: Catalogue
) -> tuple[float | None, float | None]:
    """Tokens/s for each and ms to the first token: the values of `estimate`. None: not known."""
    return _expected(engine, choice[0].id, choice[1].id, load(facts), catalogue)


def curve(
    engine: str, choice: Choice, facts: Facts, catalogue: Catalogue
) -> tuple[SpeedPoint, ...]:
    """The speed over clients."""
    return _curve(engine, choice[0].id, choice[1].id, load(facts), catalogue)


def memory(engine: str, choice: Choice, facts: Facts, catalogue: Catalogue) -> Memory:
    """The memory, with how much the cache holds and what would make it fit."""
    return _memory(engine, choice[0].id, choice[1].id, load(facts), catalogue)


def commands(
    engine: str, choice: Choice, facts: Facts, catalogue: Catalogue
) -> tuple[Command, ...]:
    """The recipe's commands."""
    return _commands(engine, choice[0].id, choice[1].id, _system(facts), catalogue)


@lru_cache(maxsize=8192)
def load(facts: Facts) -> Facts:
    """Of the facts those on which an estimate rests once model and quantisation are chosen."""
    return Facts(
        users=facts.users,
        hardware=facts.hardware,
        device=facts.device,
        gpus=facts.gpus,
        memory_gb=facts.memory_gb,
        context=facts.context,
        gpu_class=facts.gpu_class,
    )


@lru_cache(maxsize=4096)
def _system(facts: Facts) -> Facts:
    """Of the facts those on which commands rest: the load, the system and what it must do."""
    return Facts(
        users=facts.users,
        hardware=facts.hardware,
        device=facts.device,
        gpus=facts.gpus,
        memory_gb=facts.memory_gb,
        context=facts.context,
        gpu_class=facts.gpu_class,
        os=facts.os,
        arch=facts.arch,
        needs=facts.needs,
        privacy=facts.privacy,
    )


@lru_cache(maxsize=4096)
def _estimate(
    engine: str, model: str, quant: str, facts: Facts, catalogue: Catalogue
) -> SpeedPoint | None:
    chosen, only = _chosen(model, quant, catalogue), (facts.users or 1,)
    return next(iter(speed.points(engine, *chosen, facts, catalogue, clients=only)), None)


@lru_cache(maxsize=16384)
def _expected(
    engine: str, model: str, quant: str, facts: Facts, catalogue: Catalogue
) -> tuple[float | None, float | None]:
    served = speed.middle(engine, *_chosen(model, quant, catalogue), facts, catalogue)
    return (served.user, served.ttft_ms) if served else (None, None)


@lru_cache(maxsize=2048)
def _curve(
    engine: str, model: str, quant: str, facts: Facts, catalogue: Catalogue
) -> tuple[SpeedPoint, ...]:
    return speed.points(engine, *_chosen(model, quant, catalogue), facts, catalogue)


@lru_cache(maxsize=2048)
def _memory(engine: str, model: str, quant: str, facts: Facts, catalogue: Catalogue) -> Memory:
    return ways.explained(engine, *_chosen(model, quant, catalogue), facts, catalogue)


@lru_cache(maxsize=2048)
def _commands(
    engine: str, model: str, quant: str, facts: Facts, catalogue: Catalogue
) -> tuple[Command, ...]:
    return recipe.commands(engine, *_chosen(model, quant, catalogue), facts, catalogue)


def _chosen(model: str, quant: str, catalogue: Catalogue) -> Choice:
    known = catalogue.model(model)
    assert known is not None, "it was chosen from here"
    return known, catalogue.quants[quant]
