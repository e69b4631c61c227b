"""One streamed completion, timed. The clock is monotonic; times are seconds since `zero`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import aiohttp

from benchruns.host.document import Sample
from benchruns.host.load.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go and how they are worded."""

    base_url: str
    model_name: str
    dialect: Dialect
    output_tokens: int
    timeout_s: float


def session() -> aiohttp.ClientSession:
    """One connection per request: llama-server closes after a stream though it says keep-alive."""
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
    return aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False)


@dataclass(slots=True)
class _Seen:
    """What has arrived so far of one answer."""

    zero: float
    on_text: Callable[[], None]
    times: list[float] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    done: bool = False

    def event(self, data: bytes, at: float) -> None:
        if data == b"[DONE]":
            self.done = True
            return
        event = json.loads(data)
        if not isinstance(event, dict):
            raise ValueError(f"an event of the stream is not an object: {data[:100]!r}")
        if event.get("error"):
            self.error = str(event["error"])[:500]
        self.usage = _object(event.get("usage")) or self.usage
        if any(_text(_object(choice)) for choice in _list(event.get("choices"))):
            self.times.append(round(at - self.zero, 6))
            self.on_text()


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any) -> int | None:
    """What is no count was not counted."""
    return value if type(value) is int and value >= 0 else None


def _text(choice: dict[str, Any]) -> str:
    """Reasoning counts: those tokens are generated too. A bare role does not."""
    delta = _object(choice.get("delta")) or choice
    for key in ("text", "content", "reasoning_content", "reasoning"):
        if delta.get(key):
            return str(delta[key])
    return ""


async def ask(
    http: aiohttp.ClientSession,
    target: Target,
    prompt: str,
    *,
    zero: float,
    on_text: Callable[[], None] = lambda: None,
) -> Sample:
    """Never raises for what the engine does: a failure is a sample with its reason."""
    seen = _Seen(zero, on_text)
    start = perf_counter()
    outcome = ""
    try:
        async with asyncio.timeout(target.timeout_s):
            await _stream(http, target, prompt, seen)
    except TimeoutError:
        outcome, seen.error = "timeout", f"no complete answer within {target.timeout_s:.0f} s"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        outcome, seen.error = "failed", f"{type(error).__name__}: {error}"[:500]
    return _sample(seen, start - zero, outcome, target.output_tokens)


async def _stream(http: aiohttp.ClientSession, target: Target, prompt: str, seen: _Seen) -> None:
    url = target.base_url + target.dialect.path
    body = target.dialect.body(target.model_name, prompt, target.output_tokens)
    async with http.post(url, json=body) as response:
        if response.status != 200:
            text = (await response.text())[:300]
            seen.error = f"HTTP {response.status}: {text}"
            return
        await _read(response.content, seen)


async def _read(content: aiohttp.StreamReader, seen: _Seen) -> None:
    """Server-sent events: what one read brings arrived at one time."""
    rest = b""
    async for part in content.iter_any():
        at = perf_counter()
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                seen.event(line[5:].strip(), at)
        if seen.done:
            return  # how long the server takes to hang up is not part of the answer


def _sample(seen: _Seen, start_s: float, outcome: str, wanted: int) -> Sample:
    details = _object(seen.usage.get("prompt_tokens_details"))
    output = _count(seen.usage.get("completion_tokens"))
    return Sample(
        start_s=round(start_s, 6),
        first_token_s=seen.times[0] if seen.times else None,
        end_s=round(perf_counter() - seen.zero, 6),
        token_times_s=tuple(seen.times),
        prompt_tokens=_count(seen.usage.get("prompt_tokens")),
        output_tokens=output,
        cached_tokens=_count(details.get("cached_tokens")),
        outcome=outcome or _judge(seen, output, wanted),
        error=seen.error or ("" if seen.times else "the answer held no text"),
    )


def _judge(seen: _Seen, output: int | None, wanted: int) -> str:
    if seen.error or not seen.times or not seen.done:
        return "failed"
    return "short" if output is not None and output < wanted else "ok"
