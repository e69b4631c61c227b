"""The stand-in behaves as a real server does, its refusals included."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.benchruns.host.instrument import mock


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
