"""Heat, power and hosts that take their time: what a machine tells, and what it does not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from benchruns.host.document import Conditions
from benchruns.host.slowdown import Gpu, SlowdownWatch, gpu_others


@pytest.fixture
def cpus(tmp_path: Path) -> Path:
    for core, mhz in (("cpu0", 2400), ("cpu1", 3100)):
        (tmp_path / core / "cpufreq").mkdir(parents=True)
        (tmp_path / core / "cpufreq" / "scaling_cur_freq").write_text(f"{mhz}000\n")
        (tmp_path / core / "thermal_throttle").mkdir()
        (tmp_path / core / "thermal_throttle" / "core_throttle_count").write_text("5\n")
    return tmp_path


def test_it_counts_thermal_events_that_came_meanwhile_and_no_others(cpus: Path) -> None:
    with SlowdownWatch(cpus) as watch:
        (cpus / "cpu1" / "thermal_throttle" / "core_throttle_count").write_text("8\n")
    seen = watch.seen(Conditions(load_before=0.5))
    assert seen.cpu_throttle_events == 3
    assert (seen.cpu_mhz_low, seen.cpu_mhz_high) == (2400, 3100)
    assert seen.load_before == 0.5


def test_what_a_machine_does_not_tell_is_not_nought(tmp_path: Path) -> None:
    with SlowdownWatch(tmp_path) as watch:
        pass
    seen = watch.seen(Conditions())
    assert (seen.cpu_throttle_events, seen.cpu_mhz_low) == (None, None)


def card(monkeypatch: pytest.MonkeyPatch, **told: Any) -> Gpu:
    """A card whose driver answers these and refuses everything else."""

    def refuse(*_: object) -> float:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)

    asked = (
        "nvmlDeviceGetClockInfo",
        "nvmlDeviceGetTemperature",
        "nvmlDeviceGetPowerUsage",
        "nvmlDeviceGetCurrentClocksEventReasons",
    )
    for name in asked:
        value = told.get(name)
        answer = refuse if value is None else (lambda *_, value=value: value)
        monkeypatch.setattr(pynvml, name, answer)
    gpu = Gpu()
    gpu.look(SimpleNamespace())
    return gpu


def test_it_says_why_a_driver_slowed_its_card_down(monkeypatch: pytest.MonkeyPatch) -> None:
    why = pynvml.nvmlClocksEventReasonSwPowerCap | pynvml.nvmlClocksEventReasonGpuIdle
    gpu = card(
        monkeypatch,
        nvmlDeviceGetClockInfo=1410,
        nvmlDeviceGetTemperature=71,
        nvmlDeviceGetPowerUsage=345_000,
        nvmlDeviceGetCurrentClocksEventReasons=why,
    )
    assert gpu.seen() == {
        "gpu_clock_mhz_low": 1410,
        "gpu_clock_mhz_high": 1410,
        "gpu_temperature_c_high": 71,
        "gpu_power_w_high": 345,
        "gpu_throttled_by": ("power limit",),
    }


def test_a_card_that_tells_only_its_clock_is_asked_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = card(monkeypatch, nvmlDeviceGetClockInfo=900).seen()
    assert seen["gpu_clock_mhz_low"] == 900
    assert seen["gpu_power_w_high"] is None
    assert card(monkeypatch).seen() == {}


@pytest.mark.parametrize(
    ("before", "there", "now", "others"),
    [
        (set(), {7}, {7}, 0),  # the engine alone
        ({3}, {3, 7}, {3, 7}, 1),  # somebody was there already, and stayed
        ({3}, {3, 7}, {7}, 0),  # and went
        (set(), {7}, {7, 9}, 1),  # somebody came
        (None, None, None, None),  # no GPU
    ],
)
def test_it_tells_others_from_the_engine_by_when_they_came(
    before: set[int] | None, there: set[int] | None, now: set[int] | None, others: int | None
) -> None:
    pids = [None if some is None else frozenset(some) for some in (before, there, now)]
    assert gpu_others(*pids) == others
