"""Before anything counts: find the dialect, learn how many words make a prompt, get warm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

from benchruns.host.document import Sample
from benchruns.host.errors import EngineFailed
from benchruns.host.load.closed_loop import ClosedLoop, Sender, Tally
from benchruns.host.load.dialect import Dialect
from benchruns.host.load.prompts import WARM_UP, Prompts, words_for
from benchruns.host.load.request import Target, ask
from benchruns.host.statistics import tpot_ms

STEADY = 0.05  # two answers in a row this close: warm
AT_MOST = 5
_SHORT = 4  # tokens of the little answers that warm up a number of clients


@dataclass(frozen=True, slots=True)
class Warm:
    """What the warm-up found out. `request_s`: one request alone."""

    target: Target
    prompts: Prompts
    request_s: float

    def sender(self, point: int | str) -> Sender:
        return Sender(self.target, self.prompts, point)


async def warm_up(
    target: Target, dialects: tuple[Dialect, ...], prompts: Prompts, budget_s: float
) -> Warm:
    """`dialects` are tried in order. Raises EngineFailed when none is answered properly."""
    began, wanted, last, found, proper = perf_counter(), prompts.words, None, None, 0.0
    alike = replace(prompts, lengths=None)  # as long as the typical one, to learn from
    for index in range(AT_MOST):
        if found is None:
            target, found = await _first(target, dialects, alike)
        else:
            found = await ask(target, alike.prompt(WARM_UP, 0, index), zero=perf_counter())
        proper = _span_s(found) or proper  # one that fails later is for the points to count
        exact = alike.words
        alike = replace(alike, words=words_for(wanted, exact, found.prompt_tokens))
        if _steady(last, found) and alike.words == exact:
            break
        last = found
        if perf_counter() - began > budget_s:
            break
    return Warm(target, replace(alike, lengths=prompts.lengths), proper)


async def _first(
    target: Target, candidates: tuple[Dialect, ...], prompts: Prompts
) -> tuple[Target, Sample]:
    for dialect in candidates:
        worded = replace(target, dialect=dialect)
        sample = await ask(worded, prompts.prompt(WARM_UP, 0, 0), zero=perf_counter())
        if sample.outcome in {"ok", "short"}:
            return worded, sample
    raise EngineFailed(f"The engine does not answer completions: {sample.error}")


def _steady(last: Sample | None, now: Sample) -> bool:
    before, after = last and tpot_ms(last), tpot_ms(now)
    return bool(before and after and abs(after - before) <= STEADY * before)


def _span_s(found: Sample) -> float | None:
    if found.end_s is None or found.outcome not in {"ok", "short"}:
        return None
    return found.end_s - found.start_s


async def warm_clients(warm: Warm, clients: int) -> None:
    """A short wave, so that the first batch of this size is not one that counts."""
    short = replace(warm.target, output_tokens=min(_SHORT, warm.target.output_tokens))
    few = Prompts(warm.prompts.seed, min(8, warm.prompts.words))
    sender = Sender(short, few, f"{WARM_UP}-{clients}")
    await ClosedLoop(sender, clients, lambda _samples, _s: False).run(Tally())
