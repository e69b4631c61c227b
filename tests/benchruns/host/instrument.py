"""Helpers for tests of the measuring instrument."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchruns.host.adapters.base import Check, Found, Installed, Launch
from benchruns.host.adapters.process import Server, serve
from benchruns.host.document import EngineFacts, ModelFacts, Sample
from benchruns.host.load.dialect import NATIVE, Dialect
from benchruns.host.mock_engine import Behaviour, MockEngine, running
from benchruns.host.plan import Plan
from benchruns.host.progress import Progress
from benchruns.host.synthetic.shape import Shape

TINY = Shape(
    arch="llama",
    layers=2,
    hidden=64,
    heads=4,
    kv_heads=2,
    head_dim=16,
    ffn=128,
    vocab=512,
    context_max=2048,
    tied=True,
)
BROAD = Shape(
    arch="llama",
    layers=4,
    hidden=256,
    heads=4,
    kv_heads=2,
    head_dim=64,
    ffn=512,
    vocab=600,
    context_max=2048,
    tied=False,
)

MIXTURE = replace(BROAD, arch="qwen3moe", experts=16, experts_used=2, expert_ffn=256)
MIXTRAL = replace(BROAD, experts=8, experts_used=2, expert_ffn=512)
GEMMA3 = replace(BROAD, arch="gemma3", layers=6, tied=True, window=128, full_every=6)
GPT_OSS = replace(
    BROAD, arch="gpt-oss", experts=16, experts_used=2, expert_ffn=288, window=128, full_every=2
)
"""Shapes that are no plain Llama: experts, windows, rows that no block of 256 weights fits."""


def plan(**changes: Any) -> Plan:
    """Small and quick."""
    defaults: dict[str, Any] = {
        "engine": "mock",
        "model": "tiny",
        "clients": (1, 2),
        "prompt_tokens": 16,
        "output_tokens": 8,
        "time_limit_s": 30,
    }
    return Plan(**{**defaults, **changes})


def answer(
    start_s: float = 0.0,
    ttft_s: float = 0.1,
    gap_s: float = 0.02,
    tokens: int = 5,
    **changes: Any,
) -> Sample:
    """A sample whose every figure is known."""
    times = tuple(round(start_s + ttft_s + i * gap_s, 6) for i in range(tokens))
    known: dict[str, Any] = {
        "start_s": start_s,
        "first_token_s": times[0] if times else None,
        "end_s": times[-1] if times else start_s + ttft_s,
        "token_times_s": times,
        "prompt_tokens": 16,
        "output_tokens": tokens,
        "cached_tokens": 0,
    }
    return Sample(**{**known, **changes})


def mock(**truth: Any) -> AbstractContextManager[tuple[MockEngine, str]]:
    return running(Behaviour(**truth))


class Heard:
    """Collects progress."""

    def __init__(self) -> None:
        self.news: list[Progress] = []

    def __call__(self, progress: Progress) -> None:
        self.news.append(progress)

    @property
    def phases(self) -> list[str]:
        """Each phase once, in order."""
        return list(dict.fromkeys(p.phase for p in self.news))


def never() -> bool:
    return False


class NoWeights:
    """The mock engine loads nothing."""

    def prepare(self, step: object) -> Path:
        return Path("nothing")

    def facts(self) -> ModelFacts:
        return ModelFacts(
            id="tiny", name="Tiny", quant="Q8_0", params=1000, weights_bytes=1000, synthetic=True
        )


@dataclass(slots=True)
class RunningMock:
    server: Server
    model_name: str
    dialect: Dialect | None = NATIVE
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return self.server.base_url

    @property
    def pid(self) -> int | None:
        return self.server.pid

    def facts(self) -> EngineFacts:
        return EngineFacts(id="mock", name="Mock", provider="test", version="1", slots=4)

    def alive(self) -> bool:
        return self.server.alive()

    def ending(self) -> str:
        return self.server.ending()

    def log_tail(self, characters: int = 8000) -> str:
        return self.server.log_tail(characters)

    def stop(self) -> None:
        self.server.stop()


@dataclass(slots=True)
class MockAdapter:
    """The mock engine as a process of its own, under the guard like every engine."""

    options: tuple[str, ...] = ()
    provider: str | None = "test"
    id: str = "mock"
    name: str = "Mock"
    weights: str = "none"
    started: list[RunningMock] = field(default_factory=list)

    def here(self) -> Iterator[Found]:
        if self.provider is not None:
            yield Found(self.provider, "Mock", (), "1")

    def installed(self, provider: str | None = None) -> Installed:
        del provider
        return Installed(self.provider, "1", "It cannot be had", startable=True)

    def start(self, launch: Launch, check: Check) -> RunningMock:
        program = "from benchruns.host.cli import main; main()"
        argv = [sys.executable, "-c", program, "mock-engine", "--port", str(launch.port)]
        server = serve(self.name, [*argv, *self.options], launch)
        server.wait_until_ready("/health", launch.start_limit_s, check)
        self.started.append(RunningMock(server, launch.model_name))
        return self.started[-1]
