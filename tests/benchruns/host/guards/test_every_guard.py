"""Each guard trips on what it is for, and on nothing else, in the document that is handed out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchruns.host.adapters.base import RunningEngine
from benchruns.host.assemble import Occasion, assemble
from benchruns.host.document import (
    Accelerator,
    ClientLoad,
    Conditions,
    EngineFacts,
    HostFacts,
    ModelFacts,
    ResultDocument,
)
from benchruns.host.guards import IDS
from benchruns.host.load.curve import Curve
from benchruns.host.load.dialect import NATIVE
from benchruns.host.load.point import RawPoint
from benchruns.host.load.request import Target
from tests.benchruns.host.instrument import answer, plan

GPU = Accelerator(name="NVIDIA H200", vendor="nvidia", memory_gib=141, bandwidth_gb_s=4800)
HOST = HostFacts(
    cpu="AMD EPYC", cores_physical=1, cores_logical=2, memory_gib=16, arch="x86_64", os="linux"
)
ENGINE = EngineFacts(id="mock", name="Mock", provider="test", version="1", slots=4, backend="cpu")
MODEL = ModelFacts(
    id="tiny", name="Tiny", quant="Q8_0", params=10**9, weights_bytes=10**9, synthetic=True
)
CLEAN = RawPoint(
    clients=1,
    duration_s=10.0,
    samples=tuple(answer(start_s=float(k)) for k in range(8)),
    lag_p99_ms=1.0,
    cut=False,
    cpu_percent_others=1.0,
    client=ClientLoad(cpu_s=1.0, cpu_s_per_1000_tokens=0.1, busy=0.2),
    cached_tokens=0,
)


def measured(
    *,
    seen: Conditions | None = None,
    pid: int | None = 4711,
    cards: tuple[Accelerator, ...] = (),
    engine: dict[str, Any] | None = None,
    model: dict[str, Any] | None = None,
    skipped: tuple[int, ...] = (),
    answers: dict[str, Any] | None = None,
    **raw: Any,
) -> ResultDocument:
    """A clean measurement but for what is said. `answers`: every other one is so."""
    if answers is not None:
        other = tuple(answer(start_s=8.0 + k, **answers) for k in range(8))
        raw["samples"] = (*CLEAN.samples, *other)
    return assemble(
        _curve(replace(CLEAN, **raw), skipped),
        cast("RunningEngine", SimpleNamespace(pid=pid)),
        ENGINE.model_copy(update=engine or {}),
        MODEL.model_copy(update=model or {}),
        Occasion(
            datetime.now(UTC),
            HOST.model_copy(update={"accelerators": cards}),
            Conditions(),
            None,
            None,
        ),
        seen or Conditions(),
    )


def _curve(raw: RawPoint, skipped: tuple[int, ...]) -> Curve:
    async def settled(_point: RawPoint) -> None: ...

    return Curve(
        plan=plan(),
        target=Target("", "tiny", NATIVE, 8, 0.0),
        aim=0.0,
        deadline=0.0,
        watch=lambda: None,
        live=lambda _phase, _step, _tally: None,
        settled=settled,
        points=[raw],
        skipped=list(skipped),
    )


def tripped(document: ResultDocument) -> set[str]:
    of_points = {f.guard for point in document.points for f in point.guards}
    return of_points | {f.guard for f in document.guards}


TRIPS: dict[str, dict[str, Any]] = {
    "prefix-cache": {"answers": {"cached_tokens": 12}},
    "output-short": {"answers": {"outcome": "short"}},
    "failures": {"answers": {"outcome": "failed", "error": "HTTP 500"}},
    "first-chunk-empty": {"answers": {"ttft_s": 0.5, "first_chunk_s": 0.1}},
    "usage-missing": {"answers": {"counted_by": "chunks"}},
    "prompt-length": {"answers": {"prompt_tokens": 40}},
    "client-lag": {"lag_p99_ms": 40.0},
    "competing-load": {"cpu_percent_others": 30.0},
    "gpu-shared": {"seen": Conditions(gpu_others=1)},
    "throttled": {"seen": Conditions(gpu_throttled_by=("power limit",))},
    "stolen-time": {"seen": Conditions(steal_percent=12.0)},
    "swapping": {"seen": Conditions(swapped_gib=2.0)},
    "above-roofline": {
        "cards": (GPU,), "engine": {"backend": "cuda"}, "model": {"decode_bytes": 10**12},
    },
    "time-limit": {"skipped": (4, 8)},
    "not-ours": {"pid": None},
    "backend-unknown": {"cards": (GPU,), "engine": {"backend": None}},
    "weights": {"model": {"spec": {"layers": 4, "layers_of": 32}}},
}  # fmt: skip


def test_a_clean_measurement_trips_none() -> None:
    assert tripped(measured()) == set()


@pytest.mark.parametrize("guard", TRIPS)
def test_it_trips_on_what_it_is_for_and_no_other_does(guard: str) -> None:
    assert tripped(measured(**TRIPS[guard])) == {guard}


def test_the_servers_own_counters_tell_of_a_cache_too() -> None:
    assert tripped(measured(cached_tokens=100)) == {"prefix-cache"}


def test_a_point_that_was_cut_off_says_so() -> None:
    assert tripped(measured(cut=True)) == {"time-limit"}


def test_no_guard_is_left_out() -> None:
    """`other` is of older documents only (`schema/test_upgrade.py`)."""
    assert set(TRIPS) == IDS - {"other"}
