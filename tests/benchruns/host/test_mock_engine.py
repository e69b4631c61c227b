"""The stand-in behaves as a real server does, its refusals included."""

from __future__ import annotations

from statistics import mean, pstdev
from typing import Any

import httpx
import pytest

from benchruns.host.mock.behaviour import Behaviour, Jitter
from tests.benchruns.host.instrument import mock
from tests.benchruns.host.stub_site import until


def asked(path: str, body: Any, **truth: Any) -> httpx.Response:
    with mock(**{"ttft_ms": 1, "itl_ms": 1, **truth}) as (_, address):
        return httpx.post(address + path, json=body, timeout=10)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ([], "the body must be a JSON object"),
        ({"prompt": 7}, "prompt must be a string"),
        ({"prompt": "x", "max_tokens": 0}, "max_tokens must be a whole number above 0"),
        ({"prompt": "x", "max_tokens": "8"}, "max_tokens must be a whole number above 0"),
    ],
)
def test_it_refuses_what_a_server_would_refuse(body: Any, sentence: str) -> None:
    answer = asked("/v1/completions", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == sentence


def test_it_answers_without_a_stream_too() -> None:
    answer = asked("/v1/completions", {"prompt": "a b c", "max_tokens": 4}).json()
    assert answer["choices"][0]["text"] == " mock" * 4
    assert answer["usage"]["prompt_tokens"] == 3


def test_it_is_strict_when_told() -> None:
    body = {"prompt": "x", "max_tokens": 2, "ignore_eos": True}
    assert asked("/v1/completions", body).status_code == 200
    answer = asked("/v1/completions", body, strict=True)
    assert (answer.status_code, "ignore_eos" in answer.text) == (400, True)


def test_it_ends_a_stream_with_usage_and_done() -> None:
    body = {
        "messages": [{"role": "user", "content": "a b"}],
        "max_tokens": 3,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    lines = asked("/v1/chat/completions", body).text.strip().split("\n\n")
    assert lines[-1] == "data: [DONE]"
    assert '"completion_tokens": 3' in lines[-2]
    assert len([line for line in lines if '"content": " mock"' in line]) == 3


@pytest.mark.parametrize("kind", ["normal", "lognormal", "uniform"])
def test_waits_differ_as_much_as_asked_around_what_was_asked(kind: Jitter) -> None:
    behaviour = Behaviour(jitter=0.2, jitter_kind=kind, seed=5)
    chance = behaviour.chance(1)
    waits = [behaviour.wait_s(100, chance) for _ in range(20_000)]
    assert mean(waits) == pytest.approx(0.1, rel=0.02)
    assert pstdev(waits) == pytest.approx(0.02, rel=0.05)
    again = Behaviour(jitter=0.2, jitter_kind=kind, seed=5).chance(1)
    assert waits[0] == behaviour.wait_s(100, again)


def test_it_fails_about_the_share_it_was_told_to_and_the_same_ones_again() -> None:
    failing = [n for n in range(1, 2001) if Behaviour(fail_share=0.3, seed=2).fails(n)]
    assert len(failing) == pytest.approx(600, rel=0.1)
    assert failing == [n for n in range(1, 2001) if Behaviour(fail_share=0.3, seed=2).fails(n)]
    assert not any(Behaviour().fails(n) for n in range(1, 100))


def test_it_announces_keep_alive_and_hangs_up_when_told_to_lie() -> None:
    body = {"prompt": "x", "max_tokens": 2, "stream": True}
    with mock(ttft_ms=1, itl_ms=1, hangs_up=True) as (_, address), httpx.Client() as client:
        first = client.post(f"{address}/v1/completions", json=body)
        assert first.headers.get("connection", "keep-alive") == "keep-alive"
        assert first.text.endswith("data: [DONE]\n\n")
    with mock(ttft_ms=1, itl_ms=1) as (_, address):
        assert httpx.post(f"{address}/v1/completions", json=body).headers["connection"] == "close"


def test_it_tells_what_it_did_and_how_late_it_was() -> None:
    body = {"prompt": "x", "max_tokens": 3, "stream": True}
    with mock(ttft_ms=20, itl_ms=10) as (engine, address):
        httpx.post(f"{address}/v1/completions", json=body)
        [row] = httpx.get(f"{address}/mock/log").json()
        lag = httpx.get(f"{address}/mock/lag").json()
    assert row == [engine.answers[0].asked_s, *engine.answers[0].times_s]
    assert len(row) == 1 + 3
    assert row[1] - row[0] >= 0.019
    assert lag["n"] == 3
    assert 0 <= lag["p50"] <= lag["p99"] <= lag["max"]


def test_it_bears_that_a_client_hangs_up() -> None:
    body = {"prompt": "x", "max_tokens": 500, "stream": True}
    with mock(ttft_ms=1, itl_ms=5) as (engine, address), httpx.Client() as client:
        with client.stream("POST", f"{address}/v1/completions", json=body) as answer:
            next(answer.iter_bytes())
        until(lambda: engine.active == 0, "the engine to see it")
        assert client.get(f"{address}/health").status_code == 200
