"""Guards: what may be wrong with a point, each as a sentence. They mark; a person judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchruns.host.document import Sample, Summary

LAG_LIMIT_MS = 10.0
BUSY_LIMIT = 10.0  # percent of all cores, worth a mark
DISTURBED = 25.0  # percent of all cores: the figures say more about the others


def of_samples(samples: Sequence[Sample], prompt_tokens: int) -> Iterator[str]:
    """What the answers themselves tell."""
    yield from _outcomes(samples)
    good = [s for s in samples if s.outcome == "ok"]
    if any(s.output_tokens is None for s in good):
        yield "the server sent no usage: tokens were not counted, so there are no rates"
    cached = max((s.cached_tokens or 0 for s in good), default=0)
    if cached > 0:
        yield f"up to {cached} prompt tokens came from a cache: first tokens look too fast"
    seen = [s.prompt_tokens for s in good if s.prompt_tokens is not None]
    if seen and abs(max(seen, key=lambda n: abs(n - prompt_tokens)) - prompt_tokens) > max(
        2, prompt_tokens // 10
    ):
        yield f"prompts had {min(seen)} to {max(seen)} tokens instead of {prompt_tokens}"


def _outcomes(samples: Sequence[Sample]) -> Iterator[str]:
    for outcome, words in _WORDS.items():
        count = sum(s.outcome == outcome for s in samples)
        if count:
            errors = sorted({s.error for s in samples if s.outcome == outcome and s.error})
            yield f"{count} of {len(samples)} requests {words}" + (
                f": {errors[0]}" if errors else ""
            )


_WORDS = {
    "short": "ended before the asked number of tokens",
    "failed": "failed",
    "timeout": "took too long",
}


def of_rates(summary: Summary, ceiling_tok_s: float | None) -> Iterator[str]:
    """Physically impossible rates."""
    rate = summary.tok_s_per_user.p50
    if rate is not None and ceiling_tok_s is not None and rate > ceiling_tok_s:
        yield (
            f"{rate:.0f} tokens/s per user is more than memory can deliver "
            f"({ceiling_tok_s:.0f} at most): something is not what it seems"
        )


def of_client(lag_p99_ms: float | None) -> Iterator[str]:
    if lag_p99_ms is not None and lag_p99_ms > LAG_LIMIT_MS:
        yield f"the load generator itself was up to {lag_p99_ms:.0f} ms late (p99)"


def of_others(cpu_percent: float | None) -> Iterator[str]:
    if cpu_percent is not None and cpu_percent > BUSY_LIMIT:
        yield f"other processes used {cpu_percent:.0f} % of the processor meanwhile"


def disturbed(cpu_percent: float | None) -> str:
    """The verdict on a point for which others left too little of the machine, else ""."""
    if cpu_percent is None or cpu_percent <= DISTURBED:
        return ""
    return f"other processes used {cpu_percent:.0f} % of the processor"


def of_memory(swapped_gib: float) -> Iterator[str]:
    if swapped_gib > 0.05:
        yield f"the machine swapped {swapped_gib:.1f} GiB meanwhile"
