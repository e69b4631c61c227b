from __future__ import annotations

from pathlib import Path

import pytest

from benchruns.host.document import Accelerator, HostFacts
from benchruns.host.errors import CannotMeasure
from benchruns.host.install import mirrors, offers, processor

LINUX = HostFacts(
    cpu="a CPU",
    cores_physical=2,
    cores_logical=2,
    memory_gib=16,
    arch="x86_64",
    os="linux",
    python="3.11.7",
)
NVIDIA = LINUX.model_copy(update={"accelerators": (Accelerator(name="L4", vendor="nvidia"),)})


def test_the_first_that_suits_the_machine_is_chosen() -> None:
    assert offers.choose("vllm", None, LINUX).provider == "cpu"
    assert offers.choose("vllm", None, NVIDIA).provider == "cuda"
    assert offers.choose("vllm", "cpu", NVIDIA).provider == "cpu"


@pytest.mark.parametrize(
    ("engine", "provider", "why"),
    [
        ("sglang", None, "no nvidia accelerator is seen here"),
        ("mlx-lm", "metal", "it is for macos, this is linux"),
        ("ollama", None, "is not installed from here: it is a program from its own site"),
        ("vllm", "tpu", "has no provider 'tpu'. There are: cuda, cpu"),
        ("magic", None, "There is no engine 'magic' to install. There are: llama.cpp, vllm"),
    ],
)
def test_a_refusal_says_why(engine: str, provider: str | None, why: str) -> None:
    with pytest.raises(CannotMeasure) as caught:
        offers.choose(engine, provider, LINUX)
    assert why in caught.value.reason


def test_a_compiler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotMeasure, match=r"c\+\+ is not on PATH, and it is needed to build it"):
        offers.choose("llama.cpp", "native", LINUX)


def test_what_pip_was_told_holds_for_uv() -> None:
    listing = (
        "global.extra-index-url='https://one.example/simple https://two.example/simple'\n"
        "global.find-links='/a'\n:env:.find-links='/a /b'\nglobal.timeout='5'\n"
    )
    assert mirrors.of_pip(listing, {}) == {
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/a,/b",
    }


def test_what_uv_was_told_itself_stays() -> None:
    assert mirrors.of_pip("global.index-url='https://x'\n", {"UV_DEFAULT_INDEX": "y"}) == {}


def test_a_processor_without_amx_needs_no_trying(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("flags : fpu avx2\n")
    assert not processor.amx_faults(cpuinfo)
    assert not processor.amx_faults(tmp_path / "missing")


@pytest.mark.parametrize(
    ("source", "fails"),
    [
        ("int main(void) { return 0; }", False),
        ("int main(void) { return 1; }", True),
        ("int main(void) { __builtin_trap(); }", True),
        ("this is no C", False),
    ],
)
def test_a_program_that_fails_or_is_killed_is_told_from_one_that_does_not_compile(
    source: str, fails: bool
) -> None:
    assert processor.fails(source) is fails
