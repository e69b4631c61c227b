"""Measures arms in turns: each round all of them, every other round backwards.

What drifts (a machine that warms up, a neighbour that comes) then falls on all of them alike.
Prompts differ from round to round, never between the arms of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchruns.host.compare.arms import Arm
from benchruns.host.compare.document import Turn
from benchruns.host.document import ResultDocument
from benchruns.host.plan import Plan

Measure = Callable[[Plan], ResultDocument]
Say = Callable[[str], None]


def order(arms: Sequence[Arm], rounds: int) -> Iterator[tuple[int, Arm]]:
    """(round from 1, arm)."""
    for number in range(1, rounds + 1):
        yield from ((number, arm) for arm in (arms if number % 2 else reversed(arms)))


def in_turns(
    arms: Sequence[Arm], rounds: int, like: Plan, measure: Measure, say: Say
) -> tuple[Turn, ...]:
    """Raises what `measure` raises: an engine that fails has no rounds to compare."""
    turns = []
    for number, arm in order(arms, rounds):
        say(f"Round {number} of {rounds}: {arm.label}")
        document = measure(arm.plan(like, like.seed + number))
        turns.append(Turn(arm=arm.label, round=number, document=document))
    return tuple(turns)
