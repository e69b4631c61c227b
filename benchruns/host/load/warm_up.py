"""Before anything counts: find the dialect, learn how many words make a prompt, get warm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import aiohttp

from benchruns.host.document import Sample
from benchruns.host.errors import EngineFailed
from benchruns.host.load.closed_loop import ClosedLoop, Tally
from benchruns.host.load.dialect import CANDIDATES, Dialect
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


async def warm_up(
    http: aiohttp.ClientSession,
    target: Target,
    dialect: Dialect | None,
    prompts: Prompts,
    budget_s: float,
) -> Warm:
    """Raises EngineFailed when no request is answered properly."""
    began, wanted, last, found = perf_counter(), prompts.words, None, None
    candidates = CANDIDATES if dialect is None else (dialect,)
    for index in range(AT_MOST):
        if found is None:
            target, found = await _first(http, target, candidates, prompts)
        else:
            text = prompts.prompt(WARM_UP, 0, index)
            found = await ask(http, target, text, zero=perf_counter())
        exact = prompts.words
        prompts = replace(prompts, words=words_for(wanted, exact, found.prompt_tokens))
        if _steady(last, found) and prompts.words == exact:
            break
        last = found
        if perf_counter() - began > budget_s:
            break
    return Warm(target, prompts, _proper(found))


async def _first(
    http: aiohttp.ClientSession,
    target: Target,
    candidates: tuple[Dialect, ...],
    prompts: Prompts,
) -> tuple[Target, Sample]:
    for dialect in candidates:
        worded = replace(target, dialect=dialect)
        sample = await ask(http, worded, prompts.prompt(WARM_UP, 0, 0), zero=perf_counter())
        if sample.outcome in {"ok", "short"}:
            return worded, sample
    raise EngineFailed(f"The engine does not answer completions: {sample.error}")


def _steady(last: Sample | None, now: Sample) -> bool:
    before, after = last and tpot_ms(last), tpot_ms(now)
    return bool(before and after and abs(after - before) <= STEADY * before)


def _proper(found: Sample | None) -> float:
    if found is None or found.end_s is None or found.outcome not in {"ok", "short"}:
        raise EngineFailed(f"The engine does not answer: {found.error if found else 'nothing'}")
    return found.end_s - found.start_s


async def warm_clients(http: aiohttp.ClientSession, warm: Warm, clients: int) -> None:
    """A short wave, so that the first batch of this size is not one that counts."""
    short = replace(warm.target, output_tokens=min(_SHORT, warm.target.output_tokens))
    few = replace(warm.prompts, words=min(8, warm.prompts.words))
    loop = ClosedLoop(short, few, f"{WARM_UP}-{clients}", clients, lambda _samples, _s: False)
    await loop.run(http, Tally())
