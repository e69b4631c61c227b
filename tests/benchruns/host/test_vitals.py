"""How a machine is just now: what can be read, and nothing else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pynvml
import pytest

from benchruns.host import vitals
from benchruns.host.probe import GIB
from benchruns.host.schema.vitals import Vitals
from benchruns.host.vitals import Glances, busy_percent, look, of_kernel, of_nvidia


def test_this_machine_tells_its_memory() -> None:
    seen = look()
    whole = psutil.virtual_memory().total / GIB
    assert seen.memory_gib == pytest.approx(whole, abs=0.01)
    assert seen.memory_used_gib is not None
    assert 0 < seen.memory_used_gib < whole


def test_it_is_looked_at_no_more_often_than_it_may_cost() -> None:
    glance = Glances(every_s=3600)
    assert isinstance(glance(), Vitals)
    assert glance() is None
    always = Glances(every_s=0)
    assert always() is not None
    assert always() is not None


def cpu(**seconds: float) -> Any:
    fields = ("user", "system", "idle", "iowait", "guest")
    return SimpleNamespace(_fields=fields, **{name: seconds.get(name, 0.0) for name in fields})


def test_load_is_what_of_all_cores_was_not_idle() -> None:
    assert busy_percent(cpu(), cpu(user=3, system=1, idle=11, iowait=1)) == 25.0


def test_guests_are_counted_once() -> None:
    assert busy_percent(cpu(), cpu(user=5, guest=5, idle=5)) == 50.0


def test_load_is_not_told_of_no_time_at_all() -> None:
    assert busy_percent(cpu(user=1, idle=1), cpu(user=1, idle=1)) is None


class Card:
    """NVIDIA's library with one card that answers only what is in `says`."""

    def __init__(self, **says: Any) -> None:
        self.says = says

    def put(self, patch: pytest.MonkeyPatch) -> Any:
        for name in (
            "nvmlDeviceGetMemoryInfo",
            "nvmlDeviceGetUtilizationRates",
            "nvmlDeviceGetPowerUsage",
            "nvmlDeviceGetName",
            "nvmlDeviceGetTemperature",
        ):
            patch.setattr(pynvml, name, self._ask(name))
        return object()

    def _ask(self, name: str) -> Any:
        def ask(*_: Any) -> Any:
            if name not in self.says:
                raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
            return self.says[name]

        return ask


def test_a_card_tells_what_it_does_and_how_hot_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(
        nvmlDeviceGetName="NVIDIA H200",
        nvmlDeviceGetMemoryInfo=SimpleNamespace(used=60 * GIB, total=140 * GIB),
        nvmlDeviceGetUtilizationRates=SimpleNamespace(gpu=93, memory=40),
        nvmlDeviceGetPowerUsage=512_400,
        nvmlDeviceGetTemperature=58,
    )
    seen = of_nvidia(card.put(monkeypatch))
    assert seen.model_dump() == {
        "name": "NVIDIA H200",
        "utilisation_percent": 93,
        "memory_used_gib": 60,
        "memory_gib": 140,
        "temperature_c": 58,
        "power_w": 512.4,
    }


def test_a_card_that_says_little_is_told_with_that_little(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = of_nvidia(Card(nvmlDeviceGetTemperature=44).put(monkeypatch))
    assert (seen.name, seen.temperature_c, seen.power_w, seen.memory_gib) == (
        "NVIDIA",
        44,
        None,
        None,
    )


def test_without_the_driver_there_is_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", absent)
    assert list(vitals._nvidia()) == []


def card_in(folder: Path, **files: str) -> Path:
    device = folder / "card0" / "device"
    for name, text in files.items():
        path = device / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_card_of_the_kernel_s_is_read_from_its_files(tmp_path: Path) -> None:
    card_in(
        tmp_path,
        mem_info_vram_total=str(24 * GIB),
        mem_info_vram_used=str(6 * GIB),
        gpu_busy_percent="71",
        product_name="Radeon PRO W7800",
        hwmon__hwmon3__temp1_input="66000",
        hwmon__hwmon3__power1_average="210000000",
    )
    [seen] = of_kernel(tmp_path)
    assert (seen.name, seen.utilisation_percent, seen.memory_used_gib) == (
        "Radeon PRO W7800",
        71,
        6,
    )
    assert (seen.memory_gib, seen.temperature_c, seen.power_w) == (24, 66, 210)


def test_what_a_driver_does_not_write_down_is_not_told(tmp_path: Path) -> None:
    card_in(tmp_path, mem_info_vram_total=str(8 * GIB), device="0x73bf")
    [seen] = of_kernel(tmp_path)
    assert seen.name == "card 0x73bf"
    assert {seen.utilisation_percent, seen.memory_used_gib, seen.power_w} == {None}


def test_graphics_inside_a_processor_are_no_card(tmp_path: Path) -> None:
    card_in(tmp_path, mem_info_vram_total=str(GIB // 2))
    assert list(of_kernel(tmp_path)) == []
