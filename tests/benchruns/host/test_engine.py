"""A real llama.cpp on tiny synthetic weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchruns.host.adapters.llama_cpp import PROVIDERS, WHEEL, LlamaCpp
from benchruns.host.document import ResultDocument
from benchruns.host.errors import EngineFailed
from benchruns.host.measure import measure
from benchruns.host.plan import Plan
from benchruns.host.progress import Progress
from benchruns.host.synthetic.shape import Shape
from benchruns.host.weights import GgufFile, Synthetic, Weights
from tests.benchruns.host.instrument import (
    BROAD,
    GEMMA3,
    GPT_OSS,
    MIXTRAL,
    MIXTURE,
    TINY,
    Heard,
    never,
    plan,
)

pytestmark = pytest.mark.engine

# The wheel is what every machine that runs these tests has.
LLAMA = LlamaCpp(providers=tuple(p for p in PROVIDERS if p.name == WHEEL))


@pytest.fixture(autouse=True)
def polite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that wait do not spin: these tests share the machine with others."""
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")


def tiny(where: Path, shape: Shape = TINY, quant: str = "Q8_0") -> Synthetic:
    return Synthetic("tiny", "Tiny", shape, quant, where)


def asked(**more: Any) -> Plan:
    """Of little load, and with time enough for an engine that a busy machine starts slowly."""
    usual: dict[str, Any] = {"clients": (1,), "time_limit_s": 120, "point_limit_s": 3}
    return plan(engine="llama.cpp", **{**usual, **more})


def measured(
    wanted: Plan, weights: Weights, work_dir: Path, heard: Heard | None = None
) -> ResultDocument:
    return measure(
        wanted,
        report=heard or Heard(),
        cancelled=never,
        work_dir=work_dir,
        weights=weights,
        adapter=LLAMA,
    )


def test_it_measures_llama_cpp(tmp_path: Path) -> None:
    wanted = asked(clients=(1, 2), prompt_tokens=24, output_tokens=12)
    document = measured(wanted, tiny(tmp_path), tmp_path)
    assert document.engine.provider == WHEEL
    assert document.engine.slots == 2
    for point in document.points:
        assert point.summary.not_ok == 0
        assert point.summary.output_tok_s
        assert {s.prompt_tokens for s in point.samples} == {24}
        assert {s.output_tokens for s in point.samples} == {12}
        assert {s.cached_tokens for s in point.samples} == {0}
        assert all(len(s.token_times_s) == 12 for s in point.samples)
        assert not any("cache" in m or "instead of" in m for m in point.marks)


def test_it_measures_it_as_shipped_with_its_own_number_of_slots(tmp_path: Path) -> None:
    wanted = asked(variant="as-shipped")
    document = measured(wanted, tiny(tmp_path), tmp_path)
    assert document.engine.slots == 4
    assert "--parallel" not in document.engine.argv
    assert document.points[0].summary.not_ok == 0


@pytest.mark.parametrize("quant", ["Q4_K_M", "Q4_0", "F16"])
def test_llama_cpp_computes_with_every_kind_of_synthetic_block(tmp_path: Path, quant: str) -> None:
    wanted = asked()
    document = measured(wanted, tiny(tmp_path, BROAD, quant), tmp_path)
    assert document.points[0].summary.not_ok == 0


@pytest.mark.parametrize("arch", ["qwen2", "qwen3"])
def test_llama_cpp_loads_the_other_architectures(tmp_path: Path, arch: str) -> None:
    wanted = asked()
    document = measured(wanted, tiny(tmp_path, replace(BROAD, arch=arch)), tmp_path)
    assert document.points[0].summary.not_ok == 0


@pytest.mark.parametrize(
    ("shape", "quant"),
    [(MIXTURE, "Q4_K_M"), (MIXTRAL, "Q4_K_M"), (GEMMA3, "Q8_0"), (GPT_OSS, "MXFP4")],
    ids=["qwen3moe", "mixtral", "gemma3", "gpt-oss"],
)
def test_llama_cpp_loads_mixtures_and_windows(tmp_path: Path, shape: Shape, quant: str) -> None:
    wanted = asked()
    document = measured(wanted, tiny(tmp_path, shape, quant), tmp_path)
    assert document.points[0].summary.not_ok == 0
    assert any("router" in mark for mark in document.marks) == bool(shape.experts)


def test_a_part_of_a_model_says_so_and_is_not_called_the_model(tmp_path: Path) -> None:
    part = replace(tiny(tmp_path), shape=replace(TINY, layers=1, layers_of=2))
    wanted = asked()
    document = measured(wanted, part, tmp_path)
    assert any("only 1 of the model's 2 layers" in mark for mark in document.marks)
    assert document.command.count("--layers 1") == 1


def test_it_measures_a_file_of_real_weights_and_says_which(tmp_path: Path) -> None:
    path = tiny(tmp_path).prepare(lambda _done, _whole: None)
    wanted = asked()
    document = measured(wanted, GgufFile(path), tmp_path)
    assert not document.model.synthetic
    assert document.model.quant == "Q8_0"
    assert len(document.model.sha256) == 64
    assert document.model.decode_bytes == tiny(tmp_path).facts().decode_bytes


def test_it_shows_the_engines_own_words_when_it_does_not_start(tmp_path: Path) -> None:
    class Broken(Synthetic):
        def prepare(self, step: object) -> Path:
            path = tmp_path / "broken.gguf"
            path.write_bytes(b"GGUF but nothing more")
            return path

    broken = Broken("tiny", "Tiny", TINY, "Q8_0", tmp_path)
    with pytest.raises(EngineFailed, match=r"llama\.cpp ended while starting") as caught:
        measured(plan(engine="llama.cpp"), broken, tmp_path)
    assert "broken.gguf" in caught.value.log


def test_it_says_that_llama_cpp_was_killed_in_the_middle(tmp_path: Path) -> None:
    class KillWhenMeasuring(Heard):
        def __call__(self, progress: Progress) -> None:
            if progress.phase == "measuring":
                for child in psutil.Process().children(recursive=True):
                    if "xllamacpp_server" in " ".join(child.cmdline()):
                        child.kill()

    wanted = plan(engine="llama.cpp", clients=(1,), output_tokens=300, prompt_tokens=16)
    with pytest.raises(EngineFailed, match=r"stopped in the middle.*killed by signal 9"):
        measured(wanted, tiny(tmp_path, BROAD), tmp_path, KillWhenMeasuring())
