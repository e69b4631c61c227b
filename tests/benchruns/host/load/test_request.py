"""One request against an engine whose latencies are known."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from benchruns.host.document import Sample
from benchruns.host.load.dialect import NATIVE, Dialect
from benchruns.host.load.request import Target, ask
from benchruns.host.statistics import ttft_ms
from tests.benchruns.host.instrument import mock


def asked(dialect: Dialect = NATIVE, timeout_s: float = 10, **truth: Any) -> Sample:
    async def go(address: str) -> Sample:
        target = Target(address, "mock", dialect, output_tokens=8, timeout_s=timeout_s)
        return await ask(target, " ba be bi", zero=perf_counter())

    with mock(**{"ttft_ms": 20, "itl_ms": 5, **truth}) as (_, address):
        return asyncio.run(go(address))


def test_it_sees_every_token_and_counts_by_usage() -> None:
    sample = asked()
    assert sample.outcome == "ok"
    assert (sample.prompt_tokens, sample.output_tokens, sample.cached_tokens) == (3, 8, 0)
    assert len(sample.token_times_s) == 8
    assert sample.first_token_s == sample.token_times_s[0]
    assert sample.error == ""


def test_it_is_not_fooled_by_several_tokens_in_a_chunk() -> None:
    sample = asked(tokens_per_chunk=4)
    assert (sample.output_tokens, len(sample.token_times_s)) == (8, 2)


def test_it_does_not_take_a_bare_role_for_the_first_token() -> None:
    sample = asked(Dialect(chat=True), role_first=True, ttft_ms=120)
    assert sample.outcome == "ok"
    assert sample.first_token_s is not None
    assert sample.first_token_s - sample.start_s >= 0.119


def test_without_usage_it_counts_what_the_server_says_it_stopped_at() -> None:
    sample = asked(usage=False, tokens_per_chunk=4)
    assert sample.outcome == "ok"
    assert (sample.output_tokens, sample.counted_by) == (8, "length")


def test_without_either_it_takes_chunks_for_tokens_and_says_so() -> None:
    sample = asked(usage=False, stop_after=3)
    assert (sample.outcome, sample.output_tokens, sample.counted_by) == ("short", 3, "chunks")


def test_it_knows_when_the_first_chunk_came_even_if_it_held_no_text() -> None:
    sample = asked(Dialect(chat=True), role_first=True, ttft_ms=600)
    assert sample.first_chunk_s is not None
    assert sample.first_token_s is not None
    assert sample.first_token_s - sample.first_chunk_s >= 0.1


def test_a_request_that_goes_out_late_has_waited_since_it_was_due() -> None:
    async def go(address: str) -> Sample:
        zero = perf_counter()
        target = Target(address, "mock", NATIVE, output_tokens=2, timeout_s=10)
        return await ask(target, "ba", zero=zero, due=zero - 5)

    with mock(ttft_ms=10, itl_ms=5) as (_, address):
        sample = asyncio.run(go(address))
    assert sample.scheduled_s == -5
    assert (ttft_ms(sample) or 0) >= 5000


def test_it_calls_an_early_end_short() -> None:
    assert asked(stop_after=3).outcome == "short"


def test_it_keeps_the_reason_of_a_refusal() -> None:
    sample = asked(fail_every=1)
    assert sample.outcome == "failed"
    assert sample.error.startswith("HTTP 500")
    assert "meant to fail" in sample.error
    assert sample.first_token_s is None


def test_it_does_not_take_half_an_answer_for_one() -> None:
    sample = asked(cut_every=1)
    assert sample.outcome == "failed"
    assert 0 < len(sample.token_times_s) < 8


def test_it_waits_no_longer_than_it_may() -> None:
    sample = asked(ttft_ms=60_000, timeout_s=0.1)
    assert sample.outcome == "timeout"
    assert sample.error == "no complete answer within 0 s"


def test_it_says_so_when_nobody_is_there() -> None:
    async def go() -> Sample:
        target = Target("http://127.0.0.1:9", "mock", NATIVE, 8, 5.0)
        return await ask(target, "ba", zero=perf_counter())

    sample = asyncio.run(go())
    assert sample.outcome == "failed"
    assert "Connect" in sample.error


def told(*events: str) -> Sample:
    """What is made of a stream of these very events."""

    async def answer(_request: web.Request) -> web.Response:
        text = "".join(f"data: {event}\n\n" for event in events)
        return web.Response(text=text, content_type="text/event-stream")

    async def go() -> Sample:
        app = web.Application()
        app.router.add_post("/v1/completions", answer)
        async with TestServer(app) as server:
            target = Target(f"http://127.0.0.1:{server.port}", "mock", NATIVE, 2, 10.0)
            return await ask(target, "ba", zero=perf_counter())

    return asyncio.run(go())


TOKEN = '{"choices": [{"text": "ba"}], "error": null}'
COUNTED = '{"choices": [], "usage": {"completion_tokens": 2}, "error": null}'


def test_an_error_of_null_is_none() -> None:
    sample = told(TOKEN, TOKEN, COUNTED, "[DONE]")
    assert (sample.outcome, sample.error, sample.output_tokens) == ("ok", "", 2)
    assert sample.counted_by == "usage"


def test_an_error_in_the_stream_fails_it() -> None:
    sample = told(TOKEN, '{"error": {"message": "out of memory"}}', "[DONE]")
    assert sample.outcome == "failed"
    assert "out of memory" in sample.error


@pytest.mark.parametrize("event", ["[1]", "null", '"text"', "7", "{"])
def test_an_event_that_is_no_object_fails_the_request_and_nothing_else(event: str) -> None:
    sample = told(TOKEN, event, "[DONE]")
    assert sample.outcome == "failed"
    assert sample.error.startswith(("ValueError", "JSONDecodeError"))
    assert len(sample.token_times_s) == 1


@pytest.mark.parametrize(
    "event",
    [
        '{"choices": [null, 7]}',
        '{"choices": "ba"}',
        '{"choices": [{"delta": "ba"}]}',
        '{"usage": [2]}',
        '{"usage": {"completion_tokens": "two", "prompt_tokens": -1}}',
        '{"usage": {"prompt_tokens_details": 3}}',
    ],
)
def test_strange_parts_of_an_event_count_for_nothing(event: str) -> None:
    sample = told(TOKEN, event, TOKEN, "[DONE]")
    assert sample.outcome == "ok"
    assert (sample.counted_by, sample.prompt_tokens) == ("chunks", None)
    assert len(sample.token_times_s) == 2
