"""From raw samples to a summary. Failures are counted, never averaged in; nothing is None, not 0.

Definitions: TTFT is from sending to the first chunk with text. ITL is the gap between chunks with
text. TPOT is (last text − first text) / (output tokens − 1): it excludes the first token. Tokens
come from `usage`. The busy window runs from the first request to the moment when, for good, fewer
than all clients are being answered, so that the tail of a closed loop does not dilute the rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchruns.host.document import Distribution, Sample, Summary

Values = NDArray[np.float64]
# A percentile needs samples beyond it: at least ten for p90, twenty for p95, a hundred for p99.
_NEEDED = {50: 1, 90: 10, 95: 20, 99: 100, 5: 20}
_RESAMPLES = 1000
INTERVAL_NEEDS = 5
MANY = 20_000  # values from which fewer resamples do
TOO_FEW = 3
WIDTH_LIMIT = 0.10
DRIFT_LIMIT = 0.10


def distribution(groups: Sequence[Sequence[float]], *, seed: int = 1) -> Distribution:
    """Of all values in `groups`. A group is what belongs together (the gaps of one request): the
    interval of the median resamples whole groups, for values within one are not independent.
    """
    parts = [np.asarray(group, np.float64) for group in groups if len(group)]
    if not parts:
        return Distribution(n=0, p50=None)
    values = np.concatenate(parts)
    low, high = _interval(parts, seed)
    return Distribution(
        n=len(values),
        p50=_percentile(values, 50),
        p90=_percentile(values, 90),
        p95=_percentile(values, 95),
        p99=_percentile(values, 99),
        p5=_percentile(values, 5),
        low=low,
        high=high,
    )


def _percentile(values: Values, q: int) -> float | None:
    if len(values) < _NEEDED[q]:
        return None
    return _rounded(float(np.percentile(values, q)))


def _rounded(value: float) -> float:
    return round(value, 4)


def _interval(parts: list[Values], seed: int) -> tuple[float | None, float | None]:
    """95 % percentile bootstrap of the median, by groups."""
    if len(parts) < INTERVAL_NEEDS:
        return None, None
    draw = np.random.default_rng(seed)
    medians = _single(parts, draw) if all(len(p) == 1 for p in parts) else _grouped(parts, draw)
    low, high = np.percentile(medians, [2.5, 97.5])
    return _rounded(float(low)), _rounded(float(high))


def _single(parts: list[Values], draw: np.random.Generator) -> Values:
    values = np.concatenate(parts)
    medians = [np.median(draw.choice(values, len(values))) for _ in range(_resamples(values))]
    return np.asarray(medians)


def _grouped(parts: list[Values], draw: np.random.Generator) -> Values:
    count = len(parts)
    times = _resamples(np.concatenate(parts))
    picks = draw.integers(0, count, (times, count))
    return np.asarray([np.median(np.concatenate([parts[i] for i in row])) for row in picks])


def _resamples(values: Values) -> int:
    return _RESAMPLES if len(values) < MANY else 100


def summarise(samples: Iterable[Sample], clients: int) -> Summary:
    everything = sorted(samples, key=lambda s: s.start_s)
    good = [s for s in everything if s.outcome == "ok"]
    per_user = [1000 / t for t in map(tpot_ms, good) if t]
    verdict = judge(per_user, not_ok=len(everything) - len(good))
    window = busy_window(everything, clients)
    return Summary(
        ok=len(good),
        not_ok=len(everything) - len(good),
        ttft_ms=distribution([[t] for t in map(ttft_ms, good) if t is not None]),
        itl_ms=distribution([itl_ms(s) for s in good]),
        tpot_ms=distribution([[t] for t in map(tpot_ms, good) if t is not None]),
        e2e_ms=distribution([[t] for t in map(e2e_ms, good) if t is not None]),
        tok_s_per_user=distribution([[rate] for rate in per_user]),
        output_tok_s=_output_tok_s(good, window),
        requests_s=_requests_s(good, window),
        stable=verdict == "stable",
        verdict=verdict,
    )


def ttft_ms(sample: Sample) -> float | None:
    if sample.first_token_s is None:
        return None
    return (sample.first_token_s - sample.start_s) * 1000


def e2e_ms(sample: Sample) -> float | None:
    return None if sample.end_s is None else (sample.end_s - sample.start_s) * 1000


def itl_ms(sample: Sample) -> list[float]:
    times = sample.token_times_s
    return [(b - a) * 1000 for a, b in pairwise(times)]


def tpot_ms(sample: Sample) -> float | None:
    """None where `usage` was missing or there was only one token."""
    if sample.output_tokens is None or sample.output_tokens < 2 or not sample.token_times_s:
        return None
    span = sample.token_times_s[-1] - sample.token_times_s[0]
    return span * 1000 / (sample.output_tokens - 1) if span > 0 else None


def busy_window(samples: Sequence[Sample], clients: int) -> tuple[float, float] | None:
    """From the first start to the end of "all clients busy", in seconds of the point's clock."""
    ends = sorted(s.end_s for s in samples if s.end_s is not None)
    if not ends:
        return None
    start, end = min(s.start_s for s in samples), ends[max(0, len(ends) - clients)]
    return (start, end) if end > start else None


def _output_tok_s(good: Sequence[Sample], window: tuple[float, float] | None) -> float | None:
    counted = [s for s in good if s.output_tokens is not None and s.token_times_s]
    if not counted or window is None:
        return None
    tokens = sum(_tokens_until(s, window[1]) for s in counted)
    return _rounded(tokens / (window[1] - window[0]))


def _tokens_until(sample: Sample, until_s: float) -> float:
    """A chunk may hold several tokens: each chunk stands for its share of `usage`."""
    assert sample.output_tokens is not None
    arrived = sum(at <= until_s for at in sample.token_times_s)
    return sample.output_tokens * arrived / len(sample.token_times_s)


def _requests_s(good: Sequence[Sample], window: tuple[float, float] | None) -> float | None:
    """A request that the window cuts counts with its share in it."""
    if not good or window is None:
        return None
    done = sum(_share_until(s, window[1]) for s in good)
    return _rounded(done / (window[1] - window[0]))


def _share_until(sample: Sample, until_s: float) -> float:
    assert sample.end_s is not None
    length = sample.end_s - sample.start_s
    return min(1.0, max(0.0, until_s - sample.start_s) / length) if length > 0 else 1.0


def judge(per_user_tok_s: Sequence[float], *, not_ok: int) -> str:
    """ "stable", or in plain words why the numbers should not be leant on.

    Requests that differ are no fault in themselves: one whose neighbours begin is held up by their
    prompts. What counts is how well the median is known.
    """
    if not_ok:
        return f"{not_ok} request{'s' if not_ok > 1 else ''} did not go well"
    if len(per_user_tok_s) < TOO_FEW:
        return f"too few requests to tell ({len(per_user_tok_s)})"
    values = np.asarray(per_user_tok_s, np.float64)
    width = _known_to(values)
    if width > WIDTH_LIMIT:
        return f"tokens/s per user are known to ±{width:.0%} only, from {len(values)} requests"
    return _judge_drift(values)


def _known_to(values: Values) -> float:
    """Half-width of the median's interval, relative to it; of a handful, half their range."""
    width = half_width(distribution([[float(value)] for value in values]))
    return width if width is not None else float(np.ptp(values) / 2 / np.median(values))


def _judge_drift(values: Values) -> str:
    """`values` in the order in which the requests were sent."""
    if len(values) < 8:
        return "stable"
    half = len(values) // 2
    first, last = float(np.median(values[:half])), float(np.median(values[half:]))
    drift = (last - first) / first
    return "stable" if abs(drift) <= DRIFT_LIMIT else f"speed drifted by {drift:+.0%} meanwhile"


def half_width(found: Distribution) -> float | None:
    """Of the interval, relative to the median: 0.05 is ±5 %."""
    if found.low is None or found.high is None or not found.p50:
        return None
    return (found.high - found.low) / 2 / found.p50
