"""What a claim implies: in its own figures, beside other claims, and as an explanation."""

from __future__ import annotations

from collections.abc import Iterator

from recommender.ledger import arithmetic
from recommender.ledger.checks.limits import Checked
from recommender.ledger.finding import Stance
from recommender.ledger.load import Ledger
from recommender.ledger.schema import Claim, Deficit, Pair, Quantity, Ratio, Speed
from recommender.ledger.words import Range, said_range, times

GOOD_WILL = 0.05
"""Ranges that miss each other by less are not called a contradiction."""


def checked(ledger: Ledger, claim: Claim) -> Iterator[Checked]:
    yield from _direction(ledger, claim)
    for part, quantity in enumerate(claim.quantities):
        if isinstance(quantity, Pair | Deficit) and not _trivial(quantity):
            yield Stance.BEARS, _reading(quantity), part
        if isinstance(quantity, Pair | Deficit | Ratio):
            yield from _with_itself(claim, part, quantity)
            yield from _with_others(ledger, claim, part, quantity)


def _trivial(quantity: Pair | Deficit) -> bool:
    return isinstance(quantity, Deficit) and quantity.either_way


def _reading(quantity: Pair | Deficit) -> str:
    if isinstance(quantity, Pair):
        return f"{quantity.value:g} over {quantity.against_value:g} is {quantity.ratio:.1f} times."
    low, high = (arithmetic.ratio_of_deficit(share) for share in (quantity.low, quantity.high))
    return (
        f"{quantity.low * 100:.0f} to {quantity.high * 100:.0f} % lower, read the other way round, "
        f"is {low:.2f} to {high:.2f} times."
    )


def _with_itself(claim: Claim, part: int, one: Quantity) -> Iterator[Checked]:
    """What excludes itself is contradicted, whatever anybody measures."""
    for other in claim.quantities[part + 1 :]:
        if _exclude_each_other(one, other):
            text = f"It excludes itself: {_times(one)}, and for the same load {_times(other)}."
            yield Stance.CONTRADICTS, text, None


def _with_others(ledger: Ledger, claim: Claim, part: int, one: Quantity) -> Iterator[Checked]:
    """Claims that cannot be true beside this one. Which of the two is wrong stays open."""
    for other in ledger.claims.values():
        clash = next((q for q in other.quantities if _exclude_each_other(one, q)), None)
        if other.id != claim.id and clash is not None:
            same = " of the same article" if other.article == claim.article else ""
            text = f"Excludes {other.id}{same}: here {_times(one)}, there {_times(clash)}."
            yield Stance.BEARS, text, part


def _times(quantity: Quantity) -> str:
    assert isinstance(quantity, Ratio | Deficit | Pair)
    return times(quantity)


def _exclude_each_other(one: Quantity, other: Quantity) -> bool:
    """About the same two engines, the same load and the same measure, without a common value."""
    compared = (Ratio, Deficit, Pair)
    if not (isinstance(one, compared) and isinstance(other, compared)):
        return False
    if {one.engine, one.against} != {other.engine, other.against} or one.measure != other.measure:
        return False
    if not arithmetic.overlap(one.clients, other.clients):
        return False
    return not arithmetic.overlap(_wide(one), _wide(other))


def _wide(quantity: Ratio | Deficit | Pair) -> Range:
    said = said_range(quantity)
    assert said is not None
    low, high = said
    return low * (1 - GOOD_WILL), None if high is None else high * (1 + GOOD_WILL)


def _direction(ledger: Ledger, claim: Claim) -> Iterator[Checked]:
    """An explanation by size must point the way in which size acts: fewer bytes, more tokens/s."""
    explained = ledger.claims[claim.explains].quantities if claim.explains else ()
    speeds = [quantity for quantity in explained if isinstance(quantity, Speed)]
    if len(speeds) < 2:
        return
    heavy, light = (end(speeds, key=lambda s: s.bits[0]) for end in (max, min))
    factor = heavy.bits[0] / light.bits[0]
    wrong = heavy.value > light.value
    text = (
        f"{heavy.bits[0]:g} bits move {factor:.1f} times the bytes of {light.bits[0]:g} bits for "
        f"each token, so the format alone would put the smaller one up to {factor:.1f} times "
        f"ahead; in {claim.explains} the larger one is {'ahead' if wrong else 'behind'} "
        f"({heavy.value:.0f} against {light.value:.0f} tok/s)."
    )
    yield (Stance.CONTRADICTS if wrong else Stance.SUPPORTS), text, None
