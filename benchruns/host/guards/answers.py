"""Guards on the answers themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from benchruns.host.document import Finding, Sample
from benchruns.host.guards import found
from benchruns.host.schema.finding import Severity

CACHED_LIMIT = 0.10  # of all prompt tokens: a chat template's beginning is less
EMPTY_LIMIT = 0.05  # of TTFT


def of_samples(
    samples: Sequence[Sample], prompt_tokens: int, *, lengths_differ: bool = False
) -> Iterator[Finding]:
    """What the answers tell. `prompt_tokens`: what the plan asked for."""
    yield from _outcomes(samples)
    good = [s for s in samples if s.outcome == "ok"]
    yield from _uncounted(good)
    yield from _cached(good, prompt_tokens)
    yield from _empty_first(good)
    if not lengths_differ:
        yield from _prompt_length(good, prompt_tokens)


def _outcomes(samples: Sequence[Sample]) -> Iterator[Finding]:
    for outcome, (guard, words) in _WORDS.items():
        bad = [s for s in samples if s.outcome == outcome]
        if bad:
            errors = sorted({s.error for s in bad if s.error})
            said = f"{len(bad)} of {len(samples)} requests {words}"
            severity: Severity = "refuse" if 2 * len(bad) > len(samples) else "mark"
            yield found(
                guard, said + (f": {errors[0]}" if errors else ""), severity, requests=len(bad)
            )


_WORDS = {
    "short": ("output-short", "ended before the asked number of tokens"),
    "failed": ("failures", "failed"),
    "timeout": ("failures", "took too long"),
}


def _uncounted(good: Sequence[Sample]) -> Iterator[Finding]:
    by_chunks = sum(s.counted_by == "chunks" for s in good)
    by_length = sum(s.counted_by == "length" for s in good)
    if any(s.output_tokens is None for s in good):
        yield found(
            "usage-missing",
            "the server sent no usage: tokens were not counted, so there are no rates",
        )
    if by_chunks:
        yield found(
            "usage-missing",
            "the server sent no usage: each chunk with text was taken for one token",
            answers=by_chunks,
        )
    if by_length:
        yield found(
            "usage-missing",
            "the server sent no usage but stopped at the asked length: that many tokens count",
            answers=by_length,
        )


def _cached(good: Sequence[Sample], prompt_tokens: int) -> Iterator[Finding]:
    """By all prompt tokens: where a part of the prompts was cached whole, most had none cached."""
    cached = [s.cached_tokens or 0 for s in good]
    if not any(cached):
        return
    sent = sum(s.prompt_tokens or prompt_tokens for s in good)
    share = sum(cached) / sent if sent else 0.0
    yield found(
        "prefix-cache",
        f"up to {max(cached)} prompt tokens came from a cache: first tokens look too fast",
        "refuse" if share > CACHED_LIMIT else "mark",
        most_cached_tokens=max(cached),
        share=round(share, 3),
    )


def _empty_first(good: Sequence[Sample]) -> Iterator[Finding]:
    seen = [
        (s.first_token_s - s.first_chunk_s, s.first_token_s - s.start_s)
        for s in good
        if s.first_chunk_s is not None and s.first_token_s is not None
    ]
    early = [before for before, ttft in seen if before > EMPTY_LIMIT * ttft]
    if early:
        yield found(
            "first-chunk-empty",
            f"a first chunk without text came {1000 * median(early):.0f} ms before the first text; "
            "TTFT counts from the text",
            answers=len(early),
            before_ms=round(1000 * median(early), 3),
        )


def _prompt_length(good: Sequence[Sample], prompt_tokens: int) -> Iterator[Finding]:
    seen = [s.prompt_tokens for s in good if s.prompt_tokens is not None]
    allowed = max(2, prompt_tokens // 10)
    if seen and max(abs(n - prompt_tokens) for n in seen) > allowed:
        yield found(
            "prompt-length",
            f"prompts had {min(seen)} to {max(seen)} tokens instead of {prompt_tokens}",
            fewest=min(seen),
            most=max(seen),
        )


def of_counters(
    cached_tokens: int | None, samples: Sequence[Sample], prompt_tokens: int
) -> Iterator[Finding]:
    """What the server's own counters say where its answers say nothing."""
    if not cached_tokens or any(s.cached_tokens for s in samples):
        return
    sent = sum(s.prompt_tokens or prompt_tokens for s in samples)
    share = cached_tokens / sent if sent else 0.0
    yield found(
        "prefix-cache",
        f"the server counted {cached_tokens} prompt tokens from its cache: first tokens look "
        "too fast",
        "refuse" if share > CACHED_LIMIT else "mark",
        cached_tokens=cached_tokens,
        share=round(share, 3),
    )
