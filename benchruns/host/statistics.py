"""From raw samples to a summary. Failures are counted, never averaged in; nothing is None, not 0.

Definitions: TTFT is from sending to the first chunk with text (open loop: from when the request
was due). ITL is the gap between chunks with text. TPOT is (last text − first text) /
(output tokens − 1): it excludes the first token. Tokens come from `usage`, or else as the sample
says. Latencies are of steady requests (`load.window` says which). Rates are over the window in
which the load was full: what arrived within it, of whichever request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from benchruns.host.blocks import blocks, by_end
from benchruns.host.blocks import in_flight as at_a_time
from benchruns.host.bootstrap import INTERVAL_NEEDS, distribution, half_width
from benchruns.host.document import Distribution, Sample, Summary
from benchruns.host.load.window import Window, full
from benchruns.host.verdict import STABLE, TOO_FEW, judge, queue_grew

__all__ = [
    "INTERVAL_NEEDS", "TOO_FEW", "busy_window", "distribution", "e2e_ms", "half_width", "itl_ms",
    "judge", "summarise", "summarise_open", "tpot_ms", "ttft_ms",
]  # fmt: skip


def summarise(samples: Iterable[Sample], clients: int, *, in_step: bool = False) -> Summary:
    """Of a closed loop. `in_step`: the sequences of one batch, which are one value together."""
    everything = sorted(samples, key=lambda s: s.start_s)
    steady = _steady(everything)
    verdict = judge(_per_user(steady), not_ok=_not_ok(everything), together=clients)
    summary = _summary(everything, busy_window(everything, clients), verdict, clients)
    return _of_batches(summary, steady, clients) if in_step else summary


def _of_batches(summary: Summary, steady: Sequence[Sample], sequences: int) -> Summary:
    """Each batch is one value: as many stand in `n`, and tails take that many."""
    batches = blocks(by_end(steady), sequences)
    figures = {"ttft_ms": ttft_ms, "tpot_ms": tpot_ms, "e2e_ms": e2e_ms, "tok_s_per_user": _tok_s}
    told = {name: _of(figure, batches, units=len(batches)) for name, figure in figures.items()}
    return summary.model_copy(
        update={name: found.model_copy(update={"n": len(batches)}) for name, found in told.items()}
        | {"itl_ms": _of_gaps(batches, units=len(batches))}
    )


def summarise_open(samples: Iterable[Sample], in_flight: Sequence[tuple[float, int]]) -> Summary:
    """Of an open loop. `in_flight`: (time, requests in flight) whenever one was due."""
    everything = sorted(samples, key=lambda s: s.scheduled_s or s.start_s)
    due = [s.scheduled_s for s in everything if s.part != "ramp" and s.scheduled_s is not None]
    window = (min(due), max(due)) if len(due) > 1 else None
    together = at_a_time(_good(everything))
    steady = _steady(everything)
    verdict = judge(_per_user(steady), not_ok=_not_ok(everything), together=together)
    summary = _summary(everything, window, queue_grew(in_flight) or verdict, together)
    sent = _of(_sent_ms, blocks(by_end(steady), together))
    return summary.model_copy(update={"ttft_sent_ms": sent})


def _summary(
    everything: Sequence[Sample], window: Window | None, verdict: str, together: int
) -> Summary:
    """`together`: requests at a time, which shared the same batches."""
    steady, good = _steady(everything), _good(everything)
    shared = blocks(by_end(steady), together)
    return Summary(
        ok=len(good),
        not_ok=_not_ok(everything),
        **{name: _count(everything, outcome) for name, outcome in _OUTCOMES.items()},
        outside=len(good) - len(steady),
        ttft_ms=_of(ttft_ms, shared),
        itl_ms=_of_gaps(shared),
        tpot_ms=_of(tpot_ms, shared),
        e2e_ms=_of(e2e_ms, shared),
        tok_s_per_user=_of(_tok_s, shared),
        output_tok_s=_rate(good, window, _output_within),
        total_tok_s=_rate(good, window, _all_within),
        requests_s=_rate(good, window, _share_within),
        stable=verdict == STABLE,
        verdict=verdict,
    )


_OUTCOMES = {"short": "short", "failed": "failed", "timeouts": "timeout"}


def _good(samples: Sequence[Sample]) -> list[Sample]:
    return [s for s in samples if s.outcome == "ok"]


def _steady(samples: Sequence[Sample]) -> list[Sample]:
    return [s for s in samples if s.outcome == "ok" and s.part == "steady"]


def _not_ok(samples: Sequence[Sample]) -> int:
    return len(samples) - len(_good(samples))


def _count(samples: Sequence[Sample], outcome: str) -> int:
    return sum(s.outcome == outcome for s in samples)


def _per_user(steady: Sequence[Sample]) -> list[float]:
    return [rate for rate in map(_tok_s, steady) if rate is not None]


def _tok_s(sample: Sample) -> float | None:
    tpot = tpot_ms(sample)
    return 1000 / tpot if tpot else None


def _of(
    figure: Callable[[Sample], float | None],
    shared: Sequence[Sequence[Sample]],
    units: int | None = None,
) -> Distribution:
    """One value for each request, how well they are known by blocks of requests."""
    known = [[value for s in block if (value := figure(s)) is not None] for block in shared]
    return distribution(known, units=sum(map(len, known)) if units is None else units)


def _of_gaps(shared: Sequence[Sequence[Sample]], units: int | None = None) -> Distribution:
    """Many values for each request: a tail takes many requests, not many gaps of one."""
    known = [[gap for s in block for gap in itl_ms(s)] for block in shared]
    return distribution(known, units=sum(map(len, shared)) if units is None else units)


def _since(begin_s: float, end_s: float | None) -> float | None:
    return None if end_s is None else (end_s - begin_s) * 1000


def _begun_s(sample: Sample) -> float:
    """In an open loop a request that goes out late has been waiting since it was due."""
    return sample.start_s if sample.scheduled_s is None else sample.scheduled_s


def _sent_ms(sample: Sample) -> float | None:
    return _since(sample.start_s, sample.first_token_s)


def ttft_ms(sample: Sample) -> float | None:
    return _since(_begun_s(sample), sample.first_token_s)


def e2e_ms(sample: Sample) -> float | None:
    return _since(_begun_s(sample), sample.end_s)


def itl_ms(sample: Sample) -> list[float]:
    times = sample.token_times_s
    return [(b - a) * 1000 for a, b in pairwise(times)]


def tpot_ms(sample: Sample) -> float | None:
    """None where tokens were not counted or there was only one."""
    if sample.output_tokens is None or sample.output_tokens < 2 or not sample.token_times_s:
        return None
    span = sample.token_times_s[-1] - sample.token_times_s[0]
    return span * 1000 / (sample.output_tokens - 1) if span > 0 else None


def busy_window(samples: Sequence[Sample], clients: int) -> Window | None:
    """From the first request after the ramp to the end of "all clients busy"."""
    begun = [s.start_s for s in samples if s.part != "ramp"]
    ramped = any(s.part == "ramp" for s in samples)
    return full(samples, clients, min(begun, default=0.0) if ramped else 0.0)


def _rate(
    good: Sequence[Sample],
    window: Window | None,
    within: Callable[[Sample, Window], float | None],
) -> float | None:
    """None where there is no window, or nothing that could be counted fell into it."""
    if window is None:
        return None
    found = sum(count for s in good if (count := within(s, window)) is not None)
    return round(found / (window[1] - window[0]), 4) if found else None


def _output_within(sample: Sample, window: Window) -> float | None:
    """A chunk may hold several tokens: each chunk stands for its share of all of them."""
    if sample.output_tokens is None or not sample.token_times_s:
        return None
    arrived = sum(window[0] <= at <= window[1] for at in sample.token_times_s)
    return sample.output_tokens * arrived / len(sample.token_times_s)


def _all_within(sample: Sample, window: Window) -> float | None:
    """The prompt's tokens too, when the first token shows that they have been read."""
    output = _output_within(sample, window)
    if output is None or sample.prompt_tokens is None or sample.first_token_s is None:
        return None
    read = window[0] <= sample.first_token_s <= window[1]
    return output + (sample.prompt_tokens if read else 0)


def _share_within(sample: Sample, window: Window) -> float | None:
    """A request that the window cuts counts with its share in it."""
    if sample.end_s is None:
        return None
    length = sample.end_s - sample.start_s
    inside = min(sample.end_s, window[1]) - max(sample.start_s, window[0])
    if length <= 0:
        return float(window[0] <= sample.start_s <= window[1])
    return max(0.0, inside) / length
