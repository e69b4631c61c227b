from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from types import MappingProxyType

import pytest
from click.testing import CliRunner, Result

from benchruns.host.adapters import registry
from benchruns.host.adapters.base import Check, EngineAdapter, Installed, Launch
from benchruns.host.adapters.endpoint import Endpoint
from benchruns.host.cli import main
from benchruns.host.commands import compare
from benchruns.host.compare.document import ComparisonDocument
from benchruns.host.document import ResultDocument
from benchruns.host.mock_engine import MockEngine
from tests.benchruns.host.instrument import MockAdapter, NoWeights, mock

TOKENS = 8
LOAD = ("--clients", "2", "--prompt-tokens", "8", "--output-tokens", f"{TOKENS}")
ALSO = (*LOAD, "--time-limit", "8")


def rigguide(*words: str) -> Result:
    return CliRunner().invoke(main, ["compare", *words])


@dataclass(slots=True)
class Served(Endpoint):
    close: Callable[[], None] = lambda: None

    def stop(self) -> None:
        self.close()


@dataclass(slots=True)
class Kept(MockAdapter):
    """A mock engine that keeps, of each round, what it really did: on a busy machine that is not
    quite what it was told to do."""

    itl_ms: float = 10.0
    rounds: list[MockEngine] = field(default_factory=list)

    def installed(self, provider: str | None = None) -> Installed:
        return Installed(provider or "test", "1", startable=True)

    def start(self, launch: Launch, check: Check) -> Served:  # type: ignore[override]
        running = ExitStack()
        engine, address = running.enter_context(mock(ttft_ms=5, itl_ms=self.itl_ms))
        self.rounds.append(engine)
        return Served(address, launch.model_name, close=running.close)

    def true_rates(self) -> list[float]:
        """Tokens/s per user, a median for each round, of the answers that were measured."""
        return [
            median(1000 / mean(a.gaps_ms) for a in engine.answers if len(a.gaps_ms) == TOKENS - 1)
            for engine in self.rounds
        ]


@pytest.fixture
def two_mocks(monkeypatch: pytest.MonkeyPatch) -> tuple[Kept, Kept]:
    """Engines whose latencies are known: one takes twice as long for a token."""
    quick, slow = Kept(id="quick", itl_ms=10), Kept(id="slow", itl_ms=20)
    engines: dict[str, EngineAdapter] = {
        "quick": quick,
        "slow": slow,
        "absent": MockAdapter(provider=None, id="absent"),
    }
    known: Mapping[str, EngineAdapter] = MappingProxyType(engines)
    monkeypatch.setattr(registry, "ADAPTERS", known)
    monkeypatch.setattr(compare, "ADAPTERS", known)
    monkeypatch.setattr(compare, "_weights", lambda _options: NoWeights())
    return quick, slow


def test_it_measures_in_turns_and_keeps_everything(
    two_mocks: tuple[Kept, Kept], tmp_path: Path
) -> None:
    out = tmp_path / "found"
    found = rigguide("--engines", "quick,slow", "--rounds", "2", "--out", str(out), *ALSO)
    assert found.exit_code == 0, found.output
    assert "Round 2 of 2: slow" in found.stderr
    assert "2 rounds of each cannot tell at 2, 5 are needed" in found.stdout
    document = ComparisonDocument.model_validate_json((out / "comparison.json").read_text())
    rate = next(f for f in document.findings if f.metric == "tok_s_per_user")
    truths = zip(*(one.true_rates() for one in two_mocks), strict=True)
    assert rate.value == pytest.approx(median(a / b for a, b in truths), rel=0.15)
    assert [(turn.round, turn.arm) for turn in document.turns] == [
        (1, "quick"), (1, "slow"), (2, "slow"), (2, "quick"),
    ]  # fmt: skip
    kept = sorted(path.name for path in out.iterdir())
    assert kept == [
        "comparison.json", "round-1-quick.json", "round-1-slow.json",
        "round-2-quick.json", "round-2-slow.json",
    ]  # fmt: skip
    ResultDocument.model_validate_json((out / "round-1-quick.json").read_text())
    assert "rigguide compare --engines quick,slow" in document.command


@pytest.mark.usefixtures("two_mocks")
def test_an_engine_that_is_not_there_ends_it_with_a_sentence(tmp_path: Path) -> None:
    found = rigguide("--engines", "quick,absent", "--rounds", "1", "--out", str(tmp_path), *ALSO)
    assert found.exit_code == 1
    assert "Not compared: Mock is not installed" in found.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--engines", "llama.cpp"), "is one engine"),
        (("--engines", "llama.cpp,magic"), "There is no engine 'magic'"),
        (("--engines", "llama.cpp,vllm", "--clients", "many"), "--clients 'many': whole numbers"),
        (("--engines", "llama.cpp,vllm", "--model", "gpt-9"), "There is no model 'gpt-9'"),
        (("--engines", "llama.cpp,vllm", "--rounds", "0"), "--rounds"),
        (("--engines", "llama.cpp,vllm", "--output-tokens", "1"), "output_tokens"),
        ((), "Missing option '--engines'"),
    ],
)
def test_it_says_what_is_wrong_with_an_option(words: tuple[str, ...], sentence: str) -> None:
    found = rigguide(*words)
    assert found.exit_code == 2, found.output
    assert sentence in found.stderr
