from __future__ import annotations

import stat
from pathlib import Path

import pytest

from benchruns.host.adapters import llama_cpp
from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.endpoint import connect
from benchruns.host.adapters.registry import ADAPTERS, adapter
from benchruns.host.errors import EngineFailed
from tests.benchruns.host.instrument import mock

ENGINES = {"ollama", "llama.cpp", "vllm", "mlx-lm", "sglang", "tensorrt-llm", "tgi"}
ALONE = {
    "llama-cpp-python",
    "llama.cpp-in-process",
}  # ways of serving that are measured for themselves


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is all of PATH; no environment was installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("RIGGUIDE_ENGINES_DIR", str(tmp_path / "engines"))
    return tmp_path


def program(folder: Path, name: str, says: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)


def launch(tmp_path: Path, slots: int | None) -> Launch:
    return Launch(tmp_path / "m.gguf", "tiny", slots, 100, 4711, tmp_path)


def test_it_knows_every_engine_of_the_contract_and_no_mock() -> None:
    assert set(ADAPTERS) == ENGINES | ALONE


def test_it_says_which_engines_there_are() -> None:
    with pytest.raises(
        EngineFailed,
        match=r"There is no engine 'magic'\. There are: llama-cpp-python, llama\.cpp, llama",
    ):
        adapter("magic")


@pytest.mark.parametrize("engine", sorted(ENGINES - {"llama.cpp"} | ALONE))
def test_a_missing_engine_is_not_installed_and_says_how_to_get_it(
    on_path: Path, engine: str
) -> None:
    found = adapter(engine).installed()
    assert found.provider is None
    assert found.detail
    with pytest.raises(EngineFailed, match=r"is (not installed|no server)"):
        adapter(engine).start(launch(on_path, 1), lambda: None)


def test_an_engine_on_path_tells_its_version(on_path: Path) -> None:
    program(on_path, "ollama", "ollama version is 0.31.2")
    found = adapter("ollama").installed()
    assert (found.provider, found.version) == ("ollama on PATH", "0.31.2")
    assert found.startable


def test_llama_server_on_path_goes_before_the_wheel(on_path: Path) -> None:
    assert adapter("llama.cpp").installed().provider == llama_cpp.WHEEL
    program(on_path, "llama-server", "version: 7140 (1a2b3c4d)")
    found = adapter("llama.cpp").installed()
    assert (found.provider, found.version) == (llama_cpp.ON_PATH, "b7140")


def test_llama_cpp_without_any_provider_is_not_installed(tmp_path: Path) -> None:
    bare = llama_cpp.LlamaCpp(providers=())
    assert bare.installed().provider is None
    with pytest.raises(
        EngineFailed, match=r"llama\.cpp is not installed. Put llama-server on PATH"
    ):
        bare.start(launch(tmp_path, 1), lambda: None)


def test_slots_share_the_context_so_it_is_asked_for_all_of_them(tmp_path: Path) -> None:
    argv = llama_cpp.LlamaCpp().arguments(launch(tmp_path, 8))
    assert argv[argv.index("--ctx-size") + 1] == "800"
    assert argv[argv.index("--parallel") + 1] == "8"


def test_as_shipped_sets_neither_slots_nor_cache(tmp_path: Path) -> None:
    argv = llama_cpp.LlamaCpp().arguments(launch(tmp_path, None))
    assert not {"--parallel", "--no-cache-prompt"} & set(argv)
    assert "400" in argv


def test_an_endpoint_tells_what_it_is() -> None:
    with mock(slots=3) as (_, address):
        endpoint = connect(address + "/v1/", "mock")
        assert endpoint.base_url == address
        assert endpoint.facts().slots == 3
        assert endpoint.alive()
    assert not endpoint.alive()


def test_it_says_so_when_nobody_answers() -> None:
    with pytest.raises(EngineFailed, match=r"Nobody answers at http://127\.0\.0\.1:9"):
        connect("http://127.0.0.1:9", "mock")
    with pytest.raises(ValueError, match="'localhost:80' is not an address"):
        connect("localhost:80", "mock")
