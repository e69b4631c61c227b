from __future__ import annotations

from pathlib import Path

import psutil

from benchruns.host import accelerators, probe, roofline
from benchruns.host.document import HostFacts
from benchruns.host.said import said

X86 = "processor\t: 0\nmodel name\t: AMD EPYC 7B13\nflags\t\t: fpu sse avx2 fma avx512_bf16 xyz\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd asimddp i8mm\nModel\t\t: Raspberry Pi 5 Model B\n"
GIB = 2**30


def test_it_tells_this_machine() -> None:
    facts = probe.probe()
    assert facts.cores_logical == psutil.cpu_count()
    assert facts.memory_gib > 0.1
    assert facts.cpu
    assert facts.os in {"linux", "macos", "windows"}
    assert HostFacts.model_validate_json(facts.model_dump_json()) == facts


def test_it_reads_what_a_processor_is_and_can(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(X86)
    assert probe.cpu_name(cpuinfo) == "AMD EPYC 7B13"
    assert probe.cpu_flags(cpuinfo) == ("avx2", "fma", "avx512_bf16")
    cpuinfo.write_text(ARM)
    assert probe.cpu_name(cpuinfo) == "Raspberry Pi 5 Model B"
    assert probe.cpu_flags(cpuinfo) == ("asimd", "asimddp", "i8mm")


def test_it_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    assert probe.cpu_flags(tmp_path / "nothing") == ()
    assert said("no-such-command-anywhere") == ""


def test_it_looks_at_the_disk_where_weights_will_be(tmp_path: Path) -> None:
    found = probe.disk_free_gib(tmp_path / "not" / "yet" / "there")
    assert found is not None
    assert found > 0


def test_it_finds_an_amd_card_by_the_kernel(tmp_path: Path) -> None:
    card = tmp_path / "card0" / "device"
    (card / "hwmon" / "hwmon3").mkdir(parents=True)
    (card / "vendor").write_text("0x1002\n")
    (card / "device").write_text("0x744c\n")
    (card / "mem_info_vram_total").write_text(f"{24 * GIB}\n")
    (card / "hwmon" / "hwmon3" / "temp1_input").write_text("51000\n")
    [found] = accelerators.of_kernel(tmp_path)
    assert (found.vendor, found.memory_gib, found.temperature_c) == ("amd", 24, 51)
    assert found.name == "AMD 0x744c"
    assert found.power_limit_w is None


def test_graphics_without_memory_of_its_own_is_no_accelerator(tmp_path: Path) -> None:
    card = tmp_path / "card0" / "device"
    card.mkdir(parents=True)
    (card / "vendor").write_text("0x8086\n")
    assert accelerators.of_kernel(tmp_path) == ()


def test_the_roofline_is_what_memory_delivers() -> None:
    host = probe.probe().model_copy(update={"read_gb_s": 40.0, "accelerators": ()})
    ceiling = roofline.ceiling_tok_s(4 * 10**9, host)
    assert ceiling is not None
    assert 10 <= ceiling <= 20


def test_there_is_no_roofline_for_what_may_live_in_a_cache_or_is_not_known() -> None:
    host = probe.probe().model_copy(update={"read_gb_s": 40.0, "accelerators": ()})
    assert roofline.ceiling_tok_s(10**6, host) is None
    assert roofline.ceiling_tok_s(None, host) is None
    unknown = host.model_copy(update={"read_gb_s": None})
    assert roofline.ceiling_tok_s(4 * 10**9, unknown) is None
