"""Points of a result document: figures and what the guards say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchruns.host.document import Finding, Goodput, OpenPoint, Point, Summary
from benchruns.host.guards import answers, found, machine, rates
from benchruns.host.load.curve import Curve, RawPoint
from benchruns.host.plan import Plan
from benchruns.host.statistics import summarise, summarise_open


@dataclass(frozen=True, slots=True)
class Maker:
    """`ceiling_tok_s`: tokens/s per user that this machine cannot exceed; None: nobody knows."""

    plan: Plan
    slots: int | None
    ceiling_tok_s: float | None

    def closed(self, raw: RawPoint) -> Point:
        summary = _judged(summarise(raw.samples, raw.clients, in_step=raw.in_step), raw)
        return Point(
            clients=raw.clients,
            slots=self.slots,
            duration_s=raw.duration_s,
            samples=raw.samples,
            summary=summary,
            guards=tuple(self._guards(raw, summary)),
            client_lag_p99_ms=_rounded(raw.lag_p99_ms),
            cpu_percent_others=raw.cpu_percent_others,
            client=raw.client,
        )

    def sound(self, raw: RawPoint) -> bool:
        """Whether a try tells anything of the engine: nobody disturbed it, no guard refused it.

        That most requests failed is no fault of the figures: it is what the engine did.
        """
        refused = {f.guard for f in self.closed(raw).guards if f.severity == "refuse"}
        return not machine.disturbed(raw.cpu_percent_others) and not refused - {"failures"}

    def open(self, raw: RawPoint) -> OpenPoint:
        assert raw.rate_per_s is not None
        summary = _judged(summarise_open(raw.samples, raw.in_flight), raw)
        due = [s.scheduled_s for s in raw.samples if s.scheduled_s is not None]
        in_flight = [count for _, count in raw.in_flight]
        return OpenPoint(
            rate_per_s=raw.rate_per_s,
            sent_per_s=round(len(due) / max(due), 4) if due and max(due) > 0 else None,
            in_flight_p50=median(in_flight) if in_flight else None,
            in_flight_max=max(in_flight, default=None),
            late_p99_ms=_late_p99_ms(raw),
            duration_s=raw.duration_s,
            samples=raw.samples,
            summary=summary,
            guards=tuple(self._guards(raw, summary)),
            client_lag_p99_ms=_rounded(raw.lag_p99_ms),
            cpu_percent_others=raw.cpu_percent_others,
            client=raw.client,
        )

    def goodput(self, curve: Curve) -> Goodput | None:
        """None where the plan asks for none, or nothing could be told."""
        targets, search = self.plan.goodput, curve.search
        if targets is None or search is None:
            return None
        tries = tuple(map(self.closed, curve.tries))
        done = search.next() is None
        clients = search.held if done else None
        same = [p.summary for p in tries if p.clients == clients]
        same += [summarise(p.samples, p.clients) for p in curve.points if p.clients == clients]
        at = same[0] if same else None
        return Goodput(
            ttft_ms=targets.ttft_ms,
            tokens_per_user=targets.tokens_per_user,
            clients=clients,
            bounded=search.missed is not None,
            output_tok_s=at.output_tok_s if at else None,
            requests_s=at.requests_s if at else None,
            tries=tries,
            guards=() if done else (*_refusals(tries), _unfinished(curve)),
        )

    def _guards(self, raw: RawPoint, summary: Summary) -> Iterator[Finding]:
        plan = self.plan
        yield from answers.of_samples(
            raw.samples, plan.prompt_tokens, lengths_differ=plan.prompt_lengths is not None
        )
        yield from answers.of_counters(raw.cached_tokens, raw.samples, plan.prompt_tokens)
        yield from rates.of_rates(summary, self.ceiling_tok_s)
        yield from rates.of_client(raw.lag_p99_ms, raw.client)
        yield from machine.of_others(raw.cpu_percent_others)
        if raw.cut:
            yield found("time-limit", "cut off by the plan's time limit")


def _refusals(tries: Sequence[Point]) -> Iterator[Finding]:
    """Each guard's last, with the clients it was about."""
    last = {f.guard: (p.clients, f) for p in tries for f in p.guards if f.severity == "refuse"}
    for clients, finding in last.values():
        yield finding.model_copy(update={"sentence": f"at {clients} clients {finding.sentence}"})


def _unfinished(curve: Curve) -> Finding:
    tried = {p.clients: p for p in curve.tries}
    others = next((w for p in tried.values() if (w := machine.disturbed(p.cpu_percent_others))), "")
    said = f"the search for goodput did not come to an end: {_gap(curve)}"
    return found("time-limit", f"{said}; {others}" if others else said)


def _gap(curve: Curve) -> str:
    search = curve.search
    assert search is not None
    upper = f"fewer than {search.missed}" if search.missed else "nobody knows how many at most"
    return f"at least {search.held} clients get it, {upper}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _late_p99_ms(raw: RawPoint) -> float | None:
    late = sorted(s.start_s - s.scheduled_s for s in raw.samples if s.scheduled_s is not None)
    return round(1000 * late[int(0.99 * len(late))], 3) if len(late) >= 100 else None


def _judged(summary: Summary, raw: RawPoint) -> Summary:
    verdict = machine.disturbed(raw.cpu_percent_others)
    if not verdict or not summary.stable:
        return summary
    return summary.model_copy(update={"stable": False, "verdict": verdict})
