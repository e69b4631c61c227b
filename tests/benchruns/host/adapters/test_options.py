"""What adapters start servers with, held against the servers' own help as it was written down.

SGLang, TensorRT-LLM, TGI and vLLM on CUDA cannot be started on a machine without a GPU: a word that
their command lines do not know would otherwise be found by whoever has one. `make test-engines`
starts the others for real.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from benchruns.host.adapters.base import Found, Launch
from benchruns.host.adapters.process import Server
from benchruns.host.adapters.registry import adapter
from benchruns.host.adapters.serving import ServerAdapter, Told, Up
from tests.recommender.recipe.helps import recorded

PROGRAMS = {
    "llama.cpp": "llama-server",
    "vllm": "vllm serve",
    "mlx-lm": "mlx_lm.server",
    "sglang": "sglang.launch_server",
    "tensorrt-llm": "trtllm-serve",
    "tgi": "text-generation-launcher",
}
OWN = ("VLLM_", "USAGE_STATS", "PREFIX_CACHING")
"""How variables begin that are an engine's own; others are of the libraries below it."""


def server_adapter(engine: str) -> ServerAdapter:
    found = adapter(engine)
    assert isinstance(found, ServerAdapter)
    return found


def launch(tmp_path: Path, slots: int | None = 8, *, synthetic: bool = True) -> Launch:
    return Launch(tmp_path / "w", "tiny", slots, 160, 4711, tmp_path, synthetic=synthetic)


def program(engine: str) -> dict[str, Any]:
    (found,) = (one for one in recorded() if one["name"] == PROGRAMS[engine])
    return found


def options(words: list[str]) -> dict[str, str | None]:
    """Option -> its value, None for one that stands alone. What belongs to none is left out."""
    found: dict[str, str | None] = {}
    for index, word in enumerate(words):
        if word.startswith("--"):
            after = words[index + 1 : index + 2]
            found[word] = after[0] if after and not after[0].startswith("--") else None
    return found


@pytest.mark.parametrize("synthetic", [True, False], ids=["synthetic", "real"])
@pytest.mark.parametrize("slots", [8, None], ids=["tuned", "as-shipped"])
@pytest.mark.parametrize("engine", PROGRAMS)
def test_every_option_is_one_that_the_server_takes(
    tmp_path: Path, engine: str, slots: int | None, synthetic: bool
) -> None:
    words = server_adapter(engine).arguments(launch(tmp_path, slots, synthetic=synthetic))
    known: dict[str, str] = program(engine)["options"]
    for option, value in options(words).items():
        assert option in known, f"{PROGRAMS[engine]} has no {option}"
        assert (value is None) == (known[option] == ""), f"{option} {known[option]!r}: {value!r}"


@pytest.mark.parametrize("slots", [8, None], ids=["tuned", "as-shipped"])
@pytest.mark.parametrize("engine", ["vllm", "tgi"])
def test_every_variable_of_its_own_is_one_that_it_reads(
    tmp_path: Path, engine: str, slots: int | None
) -> None:
    found = Found("path", "on PATH", (str(tmp_path / "bin" / "python"),), backend="cpu")
    given = server_adapter(engine).environment(found, launch(tmp_path, slots))
    own = {name for name in given if name.startswith(OWN)}
    assert own
    assert own <= set(program(engine)["environment"])


def test_tgi_keeps_no_prompts_only_where_it_is_set_for_the_load(tmp_path: Path) -> None:
    found = Found("path", "on PATH", ("text-generation-launcher",))
    tuned = server_adapter("tgi").environment(found, launch(tmp_path))
    shipped = server_adapter("tgi").environment(found, launch(tmp_path, None))
    assert tuned == {"USAGE_STATS": "off", "PREFIX_CACHING": "0"}
    assert shipped == {"USAGE_STATS": "off"}


class Pages:
    """Answers of a server: path -> JSON."""

    def __init__(self, **pages: object) -> None:
        self.pages = {f"/{path}": page for path, page in pages.items()}

    def get_json(self, path: str) -> object:
        return self.pages.get(path)


def told(engine: str, tmp_path: Path, slots: int | None = None, **pages: object) -> Told:
    up = Up(cast("Server", Pages(**pages)), Found("path", "x", ("x",)), launch(tmp_path, slots))
    return server_adapter(engine).tell(up)


SGLANG = {
    "version": "0.5.23",
    "context_length": 160,
    "max_running_requests": None,
    "internal_states": [{"effective_max_running_requests_per_dp": 52}],
}


@pytest.mark.parametrize("page", ["server_info", "get_server_info"])
def test_sglang_is_asked_by_its_new_name_and_by_its_old_one(tmp_path: Path, page: str) -> None:
    found = told("sglang", tmp_path, **{page: SGLANG})
    assert (found.slots, found.context_tokens, found.version) == (52, 160, "0.5.23")


def test_sglang_that_tells_no_state_has_as_many_slots_as_it_was_given(tmp_path: Path) -> None:
    asked = SGLANG | {"internal_states": [], "max_running_requests": 8}
    assert told("sglang", tmp_path, server_info=asked).slots == 8
    assert told("sglang", tmp_path, slots=4).slots == 4
    assert told("sglang", tmp_path).slots is None


def test_tgi_and_tensorrt_llm_tell_what_they_know(tmp_path: Path) -> None:
    tgi = told("tgi", tmp_path, info={"version": "3.3.7", "sha": "ab", "max_total_tokens": 160})
    assert (tgi.version, tgi.build, tgi.context_tokens) == ("3.3.7", "ab", 160)
    trt = told("tensorrt-llm", tmp_path, 8, version={"version": "1.2"})
    assert (trt.version, trt.slots, trt.backend) == ("1.2", 8, "cuda")
    assert told("tensorrt-llm", tmp_path).version == ""
