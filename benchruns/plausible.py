"""Whether a result can be true: it answers the plan, agrees with its own samples, obeys physics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isclose
from typing import Final

from benchruns.ceiling import per_user_tok_s
from benchruns.host.document import (
    Goodput,
    OpenPoint,
    Point,
    ResultDocument,
    Sample,
    Summary,
)
from benchruns.host.plan import Plan, Targets
from benchruns.host.statistics import summarise, summarise_open

_SLACK_S: Final = 2.0  # clocks of one machine, read one after the other
_ANOTHER_RELEASE: Final = 0.05  # may interpolate a percentile in another way
_TAILS: Final = ("p95 in ms", "p5")


def objections(plan: Plan, document: ResultDocument) -> list[str]:
    """Why this document counts for nothing, in sentences; empty when nothing speaks against it.

    What a check finds ends the search: later ones compute with what earlier ones have bounded.
    """
    try:
        return next(filter(None, (list(check(plan, document)) for check in _CHECKS)), [])
    except OverflowError:
        return ["It holds numbers that are too large to be true."]


def _answers_the_plan(plan: Plan, document: ResultDocument) -> Iterator[str]:
    if document.plan != plan:
        yield "It answers another plan than the one that was sent."
    if document.engine.id != plan.engine:
        yield f"It measured {document.engine.id}, {plan.engine} was asked for."
    if (document.model.id, document.model.quant) != (plan.model, plan.quant):
        yield (
            f"It measured {document.model.id} {document.model.quant}, "
            f"{plan.model} {plan.quant} was asked for."
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """Anything with samples: a point of the curve, a try of the search, a rate of an open loop."""

    where: str
    point: Point | OpenPoint

    @property
    def found(self) -> Summary:
        """What its samples say; of an open loop without whether its queue grew."""
        if isinstance(self.point, Point):
            return summarise(self.point.samples, self.point.clients)
        return summarise_open(self.point.samples, ())


def _seen(document: ResultDocument) -> Iterator[_Seen]:
    tries = document.goodput.tries if document.goodput else ()
    for point in (*document.points, *tries):
        yield _Seen(f"At {point.clients} clients", point)
    for offered in document.open_points:
        yield _Seen(f"At {offered.rate_per_s:g} requests/s", offered)


def _has_the_points(plan: Plan, document: ResultDocument) -> Iterator[str]:
    clients = [point.clients for point in document.points]
    rates = [point.rate_per_s for point in document.open_points]
    if not (clients or rates or document.in_process):
        yield "It has no measured point."
    elif clients != [asked for asked in dict.fromkeys(plan.clients) if asked in clients]:
        yield f"It measured {clients} clients, {list(plan.clients)} were asked for."
    if rates != [asked for asked in dict.fromkeys(plan.rates_per_s) if asked in rates]:
        yield f"It offered {rates} requests/s, {list(plan.rates_per_s)} were asked for."
    if document.goodput is not None and _asked(document.goodput) != _asked(plan.goodput):
        yield "It searched for other targets than those that were asked for."


def _asked(targets: Goodput | Targets | None) -> tuple[float | None, float | None] | None:
    return None if targets is None else (targets.ttft_ms, targets.tokens_per_user)


def _times_run_forward(plan: Plan, document: ResultDocument) -> Iterator[str]:
    del plan
    if document.finished_at < document.started_at:
        yield "It ended before it began."
    for one in _seen(document):
        if any(not _in_order(sample, one.point.duration_s) for sample in one.point.samples):
            yield f"{one.where}, times of a request run backwards or past the end."


def _in_order(sample: Sample, duration_s: float) -> bool:
    known = (sample.scheduled_s, sample.start_s, sample.first_token_s, sample.end_s)
    times = [at for at in known if at is not None]
    arrivals = list(sample.token_times_s)
    within = all(-_SLACK_S <= at <= duration_s + _SLACK_S for at in times + arrivals)
    return within and _sorted(times) and _sorted(arrivals)


def _sorted(times: list[float]) -> bool:
    return all(earlier <= later for earlier, later in pairwise(times))


def _wall_clock_holds_the_points(plan: Plan, document: ResultDocument) -> Iterator[str]:
    del plan
    wall_s = (document.finished_at - document.started_at).total_seconds()
    points_s = sum(one.point.duration_s for one in _seen(document))
    if points_s > wall_s + _SLACK_S:
        yield f"Its points took {points_s:.1f} s, the whole measurement only {wall_s:.1f} s."


def _tokens_fit_the_plan(plan: Plan, document: ResultDocument) -> Iterator[str]:
    for one in _seen(document):
        if any((s.output_tokens or 0) > plan.most_output_tokens for s in one.point.samples):
            yield (
                f"{one.where}, a request gave more than the "
                f"{plan.most_output_tokens} tokens that were asked for."
            )


def _agrees_with_its_samples(plan: Plan, document: ResultDocument) -> Iterator[str]:
    del plan
    for one in _seen(document):
        told, found = _figures(one.point.summary), _figures(one.found)
        for name in found:
            if not _alike(name, told[name], found[name]):
                yield (
                    f"{one.where}, its summary says {name} {_said(told[name])}, "
                    f"its own samples say {_said(found[name])}."
                )


def _figures(summary: Summary) -> dict[str, float | None]:
    return {
        "requests that went well": summary.ok,
        "requests that did not": summary.not_ok,
        "TTFT p50 in ms": summary.ttft_ms.p50,
        "TTFT p95 in ms": summary.ttft_ms.p95,
        "TPOT p50 in ms": summary.tpot_ms.p50,
        "tokens/s per user p50": summary.tok_s_per_user.p50,
        "tokens/s per user p5": summary.tok_s_per_user.p5,
        "tokens/s in all": summary.output_tok_s,
    }


def _alike(name: str, told: float | None, found: float | None) -> bool:
    """To state less than the samples show is no lie. A tail may be stated by a release that
    asks for fewer samples than this one, a median only where there are any.
    """
    if told is None:
        return True
    if found is None:
        return name.endswith(_TAILS)
    return isclose(told, found, rel_tol=_ANOTHER_RELEASE, abs_tol=0.01)


def _said(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"


def _under_the_ceiling(plan: Plan, document: ResultDocument) -> Iterator[str]:
    del plan
    ceiling = per_user_tok_s(document)
    if ceiling is None:
        return
    for one in _seen(document):
        yield from _too_fast(one, ceiling)


def _too_fast(one: _Seen, ceiling: float) -> Iterator[str]:
    each, together = one.point.summary.tok_s_per_user.p50, one.point.summary.output_tok_s
    if each is not None and each > ceiling:
        yield (
            f"{one.where}, {each:.0f} tokens/s per user is more than this memory "
            f"can carry ({ceiling:.0f} at most)."
        )
    most = ceiling * one.point.clients if isinstance(one.point, Point) else None
    if together is not None and most is not None and together > most:
        yield (
            f"{one.where}, {together:.0f} tokens/s in all is more than this memory "
            f"can carry ({most:.0f} at most)."
        )


_CHECKS: Final[tuple[Callable[[Plan, ResultDocument], Iterator[str]], ...]] = (
    _answers_the_plan,
    _has_the_points,
    _times_run_forward,
    _wall_clock_holds_the_points,
    _tokens_fit_the_plan,
    _agrees_with_its_samples,
    _under_the_ceiling,
)
