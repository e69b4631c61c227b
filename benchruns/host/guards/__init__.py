"""Guards look at every result by themselves: each marks what may be wrong with it, or refuses it.

A mark travels with the figures and a person judges. A refusal says that the figures are not what
they seem: they are shown with the reason and count for nothing. `docs/measuring.md` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from benchruns.host.document import Finding
from benchruns.host.schema.finding import Severity


@dataclass(frozen=True, slots=True)
class Guard:
    """`marks` and `refuses`: when it does which, in words; "" where it never does."""

    id: str
    looks_at: str
    marks: str
    refuses: str = ""


ALL: Final = (
    Guard(
        "prefix-cache",
        "prompt tokens that came from a cache: usage.prompt_tokens_details.cached_tokens, "
        "llama.cpp's timings.cache_n, the hit counters of vLLM's and SGLang's /metrics",
        "any",
        "more than a tenth of all prompt tokens",
    ),
    Guard(
        "output-short",
        "answers that ended before the asked number of tokens",
        "any; they count for nothing else",
        "more than half of all answers",
    ),
    Guard(
        "failures",
        "requests that failed or took too long",
        "any; they count for nothing else",
        "more than half of all requests",
    ),
    Guard(
        "first-chunk-empty",
        "how long before the first text a first chunk without text came",
        "more than a twentieth of TTFT; TTFT counts from the text all the same",
    ),
    Guard(
        "usage-missing",
        "answers without `usage`",
        "any; their tokens are the asked number where the server says that it stopped at the "
        "length, else chunks with text, each taken for one token",
    ),
    Guard("prompt-length", "prompt tokens as the server counted them", "a tenth off the plan"),
    Guard(
        "client-lag",
        "lateness of the load generator's event loop, how busy its processes were",
        "p99 of the lateness above 10 ms",
        "a process of the client used more than 90 % of a core",
    ),
    Guard(
        "competing-load",
        "processor time of processes that had no part in it",
        "more than 10 % of all cores; above 25 % the point is unstable",
    ),
    Guard("gpu-shared", "other processes on the same NVIDIA GPU", "any that appeared or stayed"),
    Guard(
        "throttled",
        "what slowed a processor down: the kernel's thermal counters, clocks; the reasons an "
        "NVIDIA driver gives, clocks, temperature, power",
        "any thermal or power event",
    ),
    Guard(
        "stolen-time",
        "processor time that the host of a virtual machine took",
        "more than 5 % of all cores",
    ),
    Guard("swapping", "growth of swap", "more than 0.05 GiB"),
    Guard(
        "above-roofline",
        "tokens/s per user against what memory can deliver",
        "",
        "more than the bytes of a decode step allow",
    ),
    Guard("time-limit", "what the plan's time limit cut off or left out", "any"),
    Guard("not-ours", "a server that was not started here", "always"),
    Guard("backend-unknown", "whether a processor or an accelerator computed", "not known"),
    Guard("weights", "in what synthetic weights differ from the published ones", "any"),
    Guard("other", "what an older document said in words only", "any"),
)
IDS: Final = frozenset(guard.id for guard in ALL)


def found(
    guard: str, sentence: str, severity: Severity = "mark", **evidence: float | int | str
) -> Finding:
    """Raises KeyError for a guard that is in no list."""
    if guard not in IDS:
        raise KeyError(guard)
    return Finding(guard=guard, severity=severity, sentence=sentence, evidence=evidence)
