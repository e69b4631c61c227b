"""Hardware advice in words, the same on the page, in Markdown and on the command line."""

from __future__ import annotations

from collections.abc import Iterator

from recommender import rulebook
from recommender.advice import given
from recommender.advice.shape import Advice, Family, Lacking, Machine, Margin, Money
from recommender.wording import counted, number, phrase

SURE = "the interval's worse end meets it too"
POOLED = (
    "In a pool of cache, as vLLM's, conversations grow: each is counted at half of its length, "
    "what it holds on average."
)
MIDDLE = "only the middle meets it, the interval's worse end does not"


def title(machine: Machine | Lacking) -> str:
    """ "4 × NVIDIA GeForce RTX 4090, 96 GB in all"."""
    if machine.count == 1 and f"{machine.memory_gib:g}GB" in machine.name:
        return machine.name
    if machine.count == 1:
        return f"{machine.name}, {machine.memory_gib:g} GB"
    return f"{machine.count} × {machine.name}, {machine.memory_gib:g} GB in all"


def served(machine: Machine) -> str:
    """ "vLLM with FP8"."""
    return f"{rulebook.load().engines[machine.engine].name} with {machine.quant}"


def wanted(advice: Advice) -> str:
    """What the machines have to do."""
    many = counted(advice.requests, "request")
    needs = [f"{many} at once of up to {advice.context:,} tokens each"]
    if advice.tokens_per_user is not None:
        needs.append(f"{number(advice.tokens_per_user)} tokens/s for each")
    if advice.ttft_ms is not None:
        needs.append(f"a first token within {number(advice.ttft_ms)} ms")
    what = f"{advice.model_name} in {advice.quant}" if advice.quant else advice.model_name
    return f"{what}: {phrase(needs)}."


def assumed(advice: Advice) -> Iterator[str]:
    """What nobody asked for, and was taken for granted."""
    data = given.load()
    if advice.pace_assumed:
        pace = data.pace
        yield f"No speed was asked for: {number(pace.tokens_per_user)} tokens/s is {pace.text}."
    if advice.requests > 1:
        yield POOLED
    if not advice.quant:
        yield f"Only {data.precision.text} count."


def margin(found: Margin) -> str:
    """ "43.0 of 46.1 GiB: 7 % to spare"."""
    if found.what == "memory":
        talks = "" if found.holds is None else f"; its pool holds {_talks(found.holds)}"
        return f"{found.value:.1f} of {found.limit:.1f} GiB: {spare(found)}{talks}"
    span = f" ({number(found.low)} to {number(found.high)})" if found.low and found.high else ""
    value, limit = number(found.value), number(found.limit)
    if found.what == "first-token":
        got = f"first token after {value} ms{span} where {limit} is wanted"
    else:
        got = f"{value} tokens/s for each{span} where {limit} is wanted"
    return f"{got}: {spare(found)}; {SURE if found.sure else MIDDLE}"


def _talks(many: int) -> str:
    return counted(many, "conversation")


def spare(found: Margin) -> str:
    """ "31 % to spare", "2.7 times what is wanted"."""
    if found.spare >= 1:
        return f"{1 + found.spare:.1f} times what is wanted"
    share = round(100 * found.spare)
    return f"{share} % to spare" if share > 0 else "nothing to spare"


def family(found: Family) -> Iterator[str]:
    """One line, or several for what comes after it."""
    if found.smallest is None:
        yield f"{found.label}: none. {found.why_none}"
        return
    told = ". ".join(_capital(line) for line in _told(found.smallest))
    yield f"{found.label}: {title(found.smallest)}, {served(found.smallest)}. {told}."
    if found.sure:
        yield f"To be sure: {title(found.sure)}, {served(found.sure)}."
    if found.smaller:
        yield f"Next smaller: {title(found.smaller)}: {found.smaller.text}."


def _told(machine: Machine) -> Iterator[str]:
    yield from (margin(one) for one in machine.margins)
    if machine.cost:
        yield money(machine.cost)


def money(cost: Money) -> str:
    """At the admin's prices."""
    span = f"{number(cost.low)} to {number(cost.high)}"
    return f"{number(cost.value)} {cost.currency} for a million output tokens ({span})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
