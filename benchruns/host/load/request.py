"""One streamed completion, timed. The clock is monotonic; times are seconds since `zero`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter

from benchruns.host.document import Sample
from benchruns.host.load.dialect import Dialect
from benchruns.host.load.stream import Seen, read
from benchruns.host.load.wire import Address, Answer, Handling, WireError, clock, connected

_ERROR_CHARACTERS = 500


@dataclass(frozen=True)
class Target:
    """Where requests go and how they are worded."""

    base_url: str
    model_name: str
    dialect: Dialect
    output_tokens: int
    timeout_s: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # a key may be in them

    @cached_property
    def address(self) -> Address:
        return Address.of(self.base_url)

    def request(self, prompt: str, output_tokens: int) -> bytes:
        """All of it, as it goes over the wire."""
        body = json.dumps(self.dialect.body(self.model_name, prompt, output_tokens)).encode()
        return self.address.head(self.dialect.path, len(body), self.headers) + body


@dataclass(slots=True)
class Timing:
    """What is known of a request beside its answer. `due`: when it should have gone out."""

    zero: float
    sent: float
    due: float | None = None


async def ask(
    target: Target,
    prompt: str,
    *,
    zero: float,
    wanted: int | None = None,
    due: float | None = None,
    on_text: Callable[[int], None] = lambda _chunks: None,
    handling: Handling | None = None,
) -> Sample:
    """Never raises for what the engine does: a failure is a sample with its reason.

    The clock of a request starts when its connection stands and its first byte goes out.
    """
    wanted = target.output_tokens if wanted is None else wanted
    answer = Answer(clock(), on_text, Handling() if handling is None else handling)
    timing, outcome, error = Timing(zero, perf_counter(), due), "", ""
    try:
        async with asyncio.timeout(target.timeout_s):
            await _exchange(target, target.request(prompt, wanted), answer, timing)
    except TimeoutError:
        outcome, error = "timeout", f"no complete answer within {target.timeout_s:.0f} s"
    except (WireError, OSError) as trouble:
        outcome, error = "failed", f"{type(trouble).__name__}: {trouble}"[:_ERROR_CHARACTERS]
    end = answer.pieces[-1][0] if answer.pieces and not outcome else perf_counter()
    seen = await read(answer) if answer.status in {0, 200} else _refused(answer)
    return _sample(seen, timing, end, outcome, error, wanted)


async def _exchange(target: Target, request: bytes, answer: Answer, timing: Timing) -> None:
    async with connected(target.address, answer) as transport:
        timing.sent = perf_counter()
        transport.write(request)
        await answer.over


def _refused(answer: Answer) -> Seen:
    text = b"".join(piece for _, piece in answer.pieces).decode(errors="replace")
    return Seen(error=f"HTTP {answer.status}: {text[:300]}")


def _sample(
    seen: Seen, timing: Timing, end: float, outcome: str, error: str, wanted: int
) -> Sample:
    zero = timing.zero
    times = tuple(round(at - zero, 6) for at in seen.text_times)
    output, counted_by = _counted(seen, wanted)
    return Sample(
        start_s=round(timing.sent - zero, 6),
        scheduled_s=None if timing.due is None else round(timing.due - zero, 6),
        first_chunk_s=None if seen.first is None else round(seen.first - zero, 6),
        first_token_s=times[0] if times else None,
        end_s=round(end - zero, 6),
        token_times_s=times,
        prompt_tokens=seen.prompt_tokens,
        output_tokens=output,
        wanted_tokens=wanted,
        counted_by=counted_by,
        cached_tokens=seen.cached_tokens,
        outcome=outcome or _judge(seen, output, wanted),
        error=error or seen.error or ("" if times else "the answer held no text"),
    )


def _counted(seen: Seen, wanted: int) -> tuple[int | None, str]:
    """By `usage`. Without it: a server that says it stopped at the length has made so many."""
    if seen.output_tokens is not None:
        return seen.output_tokens, "usage"
    if not seen.done or not seen.text_times:
        return None, "usage"
    if seen.finish == "length":
        return wanted, "length"
    return len(seen.text_times), "chunks"


def _judge(seen: Seen, output: int | None, wanted: int) -> str:
    if seen.error or not seen.text_times or not seen.done:
        return "failed"
    return "short" if output is not None and output < wanted else "ok"
