"""What computed, as llama.cpp tells it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from benchruns.host.adapters import backends

ON_GPU = """
load_tensors: offloaded 33/33 layers to GPU
load_tensors:   CPU_Mapped model buffer size =   281.81 MiB
load_tensors:        CUDA0 model buffer size =  4403.49 MiB
"""


def test_weights_on_the_card_mean_the_card() -> None:
    assert backends.of_log(ON_GPU) == "cuda"


@pytest.mark.parametrize("buffer", ["CPU", "CPU_Mapped", "CPU_REPACK", "CUDA_Host"])
def test_weights_in_the_hosts_memory_mean_the_processor(buffer: str) -> None:
    assert backends.of_log(f"load_tensors: {buffer} model buffer size = 12.00 MiB") == "cpu"


def test_layers_on_both_are_figures_of_neither() -> None:
    assert backends.of_log(ON_GPU.replace("33/33", "10/33")) is None


def test_a_log_that_does_not_tell_is_not_guessed() -> None:
    assert backends.of_log("server is listening") is None
    assert not backends.tells("server is listening")


def _program(folder: Path, prints: str) -> str:
    made = folder / "llama-server"
    made.write_text(f"#!/bin/sh\nprintf '{prints}'\n")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return str(made)


def test_a_build_that_lists_no_device_computes_on_the_processor(tmp_path: Path) -> None:
    assert backends.of_native(_program(tmp_path, "Available devices:\\n"), "b5000") == "cpu"


def test_a_listed_device_counts_for_builds_that_use_it_unasked(tmp_path: Path) -> None:
    listing = "Available devices:\\n  ROCm0: AMD Radeon (16 MiB, 15 MiB free)\\n"
    program = _program(tmp_path, listing)

    assert backends.of_native(program, "b7600") == "rocm"
    assert backends.of_native(program, "b5000") is None


def test_a_program_that_cannot_be_asked_tells_nothing(tmp_path: Path) -> None:
    assert backends.of_native(str(tmp_path / "missing"), "b7600") is None
