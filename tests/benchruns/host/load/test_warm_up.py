from __future__ import annotations

import asyncio
from typing import Any

import pytest

from benchruns.host.errors import EngineFailed
from benchruns.host.load.dialect import NATIVE, Dialect, candidates
from benchruns.host.load.prompts import Prompts
from benchruns.host.load.request import Target
from benchruns.host.load.warm_up import Warm, warm_up
from benchruns.host.mock_engine import MockEngine
from tests.benchruns.host.instrument import mock


def warmed(
    dialect: Dialect | None = None, api: str | None = None, **truth: Any
) -> tuple[Warm, MockEngine]:
    async def go(address: str) -> Warm:
        target = Target(address, "mock", NATIVE, output_tokens=4, timeout_s=10)
        return await warm_up(target, candidates(dialect, api), Prompts(1, words=16), budget_s=5)

    with mock(**{"ttft_ms": 5, "itl_ms": 10, **truth}) as (engine, address):
        return asyncio.run(go(address)), engine


def test_it_asks_the_exact_way_where_the_server_understands_it() -> None:
    assert warmed()[0].target.dialect == NATIVE


def test_it_falls_back_to_what_the_server_does_understand() -> None:
    assert warmed(strict=True)[0].target.dialect == Dialect(exact=False)
    assert warmed(chat_only=True)[0].target.dialect == Dialect(chat=True)
    both = warmed(strict=True, chat_only=True)[0].target.dialect
    assert both == Dialect(chat=True, exact=False)


def test_it_asks_the_api_that_the_plan_names() -> None:
    assert warmed(NATIVE, "chat")[0].target.dialect == Dialect(chat=True)
    assert warmed(None, "chat", strict=True)[0].target.dialect == Dialect(chat=True, exact=False)
    with pytest.raises(EngineFailed, match="does not answer completions: HTTP 404"):
        warmed(None, "completions", chat_only=True)


def test_it_stops_when_two_answers_agree() -> None:
    warm, engine = warmed(NATIVE)
    assert 2 <= engine.requests <= 5
    assert warm.prompts.words == 16
    assert len(set(engine.prompts)) == engine.requests


def test_it_gives_up_on_a_server_that_answers_nothing() -> None:
    with pytest.raises(EngineFailed, match="does not answer completions: HTTP 500"):
        warmed(NATIVE, fail_every=1)
