"""What adapters start, and how they find it. Programs are fakes at the process edge, and say so."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from benchruns.host.adapters import vllm
from benchruns.host.adapters.base import Found, Launch
from benchruns.host.adapters.process import free_port
from benchruns.host.adapters.registry import adapter
from benchruns.host.adapters.serving import ServerAdapter, variable_of
from benchruns.host.errors import EngineFailed

# Accepts what `vllm serve` is given here and answers as the mock engine does.
FAKE_VLLM = f"""#!{sys.executable}
import os, sys
words = sys.argv[1:]
assert words[0] == "serve", words
port = words[words.index("--port") + 1]
print("INFO Automatically detected platform cuda.", flush=True)
mock = f"from benchruns.host.cli import main; main(['mock-engine', '--port', '{{port}}'])"
os.execv(sys.executable, [sys.executable, "-c", mock])
"""


def launch(tmp_path: Path, slots: int | None = 8, **more: object) -> Launch:
    fields = {
        "model_path": tmp_path / "weights",
        "model_name": "tiny",
        "slots": slots,
        "context_per_slot": 160,
        "port": 4711,
        "work_dir": tmp_path,
    }
    return Launch(**(fields | more))  # type: ignore[arg-type]


def arguments(engine: str, launch: Launch) -> list[str]:
    found = adapter(engine)
    assert isinstance(found, ServerAdapter)
    return found.arguments(launch)


@pytest.mark.parametrize(
    ("engine", "slots", "cache"),
    [
        ("vllm", "--max-num-seqs 8", "--no-enable-prefix-caching"),
        ("sglang", "--max-running-requests 8", "--disable-radix-cache"),
        ("mlx-lm", "--decode-concurrency 8 --prompt-concurrency 8", "--prompt-cache-size 1"),
        ("tensorrt-llm", "--max_batch_size 8", ""),
        ("tgi", "--max-batch-size 8", ""),
        ("llama.cpp", "--parallel 8", "--no-cache-prompt"),
        ("llama-cpp-python", "--interrupt_requests False", ""),
    ],
)
def test_slots_and_caches_are_set_for_the_load_and_left_alone_as_shipped(
    tmp_path: Path, engine: str, slots: str, cache: str
) -> None:
    tuned = " ".join(arguments(engine, launch(tmp_path)))
    shipped = " ".join(arguments(engine, launch(tmp_path, None)))
    assert slots in tuned
    assert cache in tuned
    assert slots.split()[0] not in shipped
    assert not cache or cache.split()[0] not in shipped
    assert "--port 4711" in shipped


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_only_synthetic_weights_are_made_up_by_the_engine(tmp_path: Path, engine: str) -> None:
    assert "--load-format" in arguments(engine, launch(tmp_path))
    assert "--load-format" not in arguments(engine, launch(tmp_path, synthetic=False))


@pytest.mark.parametrize(
    ("slots", "synthetic", "written"),
    [
        (8, True, "load_format: dummy\nkv_cache_config:\n  enable_block_reuse: false\n"),
        (None, True, "load_format: dummy\n"),
        (None, False, "{}\n"),
    ],
)
def test_tensorrt_llm_reads_the_rest_from_a_file(
    tmp_path: Path, slots: int | None, synthetic: bool, written: str
) -> None:
    wanted = launch(tmp_path, slots, synthetic=synthetic)
    engine = adapter("tensorrt-llm")
    assert isinstance(engine, ServerAdapter)
    engine.prepare(wanted)
    path = Path(arguments("tensorrt-llm", wanted)[-1 if slots is None else -3])
    assert path.read_text() == written


def test_vllm_on_a_processor_is_given_little_memory_and_quick_libraries(tmp_path: Path) -> None:
    env_dir = tmp_path / "env"
    (env_dir / "lib").mkdir(parents=True)
    (env_dir / "lib" / "libiomp5.so").touch()
    found = Found("cpu", "CPU build", (str(env_dir / "bin" / "python"),), backend="cpu")
    made = vllm.Vllm().environment(found, launch(tmp_path))
    assert made["VLLM_CPU_KVCACHE_SPACE"] == "2"
    assert made["LD_PRELOAD"].endswith("libiomp5.so")
    assert vllm.preloaded(env_dir, system=()) == [env_dir / "lib" / "libiomp5.so"]
    cuda = Found("cuda", "wheel", ("python",), backend="cuda")
    assert "LD_PRELOAD" not in vllm.Vllm().environment(cuda, launch(tmp_path))


@pytest.fixture
def by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake `vllm serve`, named as the command of the machine's owner."""
    program = tmp_path / "fake-vllm"
    program.write_text(FAKE_VLLM)
    program.chmod(0o755)
    monkeypatch.setenv(variable_of("vllm"), f"{program} serve")
    monkeypatch.setenv("RIGGUIDE_ENGINES_DIR", str(tmp_path / "engines"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    return program


def test_an_owners_command_takes_the_programs_place(by_command: Path, tmp_path: Path) -> None:
    engine = adapter("vllm")
    (found,) = [one for one in engine.here() if one.provider == "command"]
    assert found.command == (str(by_command), "serve")
    wanted = launch(tmp_path, 2, port=free_port(), provider="command")
    running = engine.start(wanted, lambda: None)
    try:
        facts = running.facts()
        assert facts.provider == "the command in RIGGUIDE_VLLM_COMMAND"
        assert facts.backend == "cuda"
        assert facts.slots == 2
        assert facts.argv[:2] == (str(by_command), "serve")
        assert running.alive()
    finally:
        running.stop()
    assert not running.alive()
    assert not [p for p in psutil.process_iter() if _cwd(p) == str(tmp_path)]


def test_one_that_does_not_start_says_so_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "fake"
    program.write_text("#!/bin/sh\necho 'no GPU here' >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv(variable_of("sglang"), str(program))
    with pytest.raises(EngineFailed, match=r"SGLang ended while starting \(exit status 3\)") as err:
        adapter("sglang").start(launch(tmp_path, provider="command"), lambda: None)
    assert "no GPU here" in err.value.log


def test_a_provider_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match=r"vLLM \(cuda\) is not installed. Install it here"):
        adapter("vllm").start(launch(tmp_path, provider="cuda"), lambda: None)
    absent = adapter("vllm").installed("tpu")
    assert absent.provider is None
    assert absent.detail == "It has no provider 'tpu'; there are: path, cuda, cpu, command"


@pytest.mark.parametrize(
    ("engine", "name"),
    [
        ("vllm", "RIGGUIDE_VLLM_COMMAND"),
        ("llama.cpp", "RIGGUIDE_LLAMA_CPP_COMMAND"),
        ("tensorrt-llm", "RIGGUIDE_TENSORRT_LLM_COMMAND"),
    ],
)
def test_the_variable_of_a_command_is_named_after_its_engine(engine: str, name: str) -> None:
    assert variable_of(engine) == name


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("version: 7140 (1a2b3c4d)\\nbuilt with GNU\\n", ("b7140", "1a2b3c4d")),
        ("version: 0.5.0-dev (build 1, commit 0c1e570)\\n", ("0.5.0-dev", "0c1e570")),
    ],
)
def test_both_ways_in_which_llama_server_tells_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, version: tuple[str, str]
) -> None:
    """Recorded output of two real builds."""
    program = tmp_path / "llama-server"
    program.write_text(f"#!/bin/sh\nprintf '{said}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (found,) = [one for one in adapter("llama.cpp").here() if one.provider == "path"]
    assert (found.version, found.build) == version


def _cwd(process: psutil.Process) -> str:
    try:
        return process.cwd()
    except (psutil.Error, OSError):
        return ""
