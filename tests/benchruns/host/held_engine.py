"""The mock engine, held at any moment of its life until it is killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchruns.host.adapters.base import Check, Launch
from tests.benchruns.host.fake_measures import Hold
from tests.benchruns.host.instrument import MockAdapter, NoWeights, RunningMock


class HeldWeights(NoWeights):
    def __init__(self, hold: Hold) -> None:
        self._hold = hold

    def prepare(self, step: object) -> Path:
        self._hold.at("weights")
        return super().prepare(step)


class HeldAdapter(MockAdapter):
    def __init__(self, hold: Hold) -> None:
        # Each point lasts long enough to be looked at several times on the fastest machine.
        super().__init__(("--ttft-ms", "5", "--itl-ms", "80"))
        self._hold = hold

    def start(self, launch: Launch, check: Check) -> Any:
        self._hold.at("before the engine")

        def waiting() -> None:
            check()
            self._hold.at("not ready")

        return HeldMock(super().start(launch, waiting), self._hold)


class HeldMock:
    """Whether it is alive is asked many times a second, in every phase of the load."""

    def __init__(self, engine: RunningMock, hold: Hold) -> None:
        self._engine, self._hold = engine, hold

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def alive(self) -> bool:
        self._hold.at(self._hold.phase)
        return self._engine.alive()

    def stop(self) -> None:
        self._hold.at("stopping")
        self._engine.stop()
