"""What the data knows of options, held against the engines' own help: as written down, and live.

`make test-engines` installs the engines and asks them; everywhere else what they once said stands
under help/, with version, day and how it was read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchruns.host.install import environments
from recommender.recipe.options import Option, Program, programs
from tests.recommender.recipe.helps import parsed, recorded

ENGINES = ("llama.cpp", "mlx-lm", "ollama", "sglang", "tensorrt-llm", "tgi", "vllm")
NO_PACKAGE = {"convert_hf_to_gguf.py"}  # comes with the sources alone
LIVE = {
    "llama-server": ("llama-server", "--help"),
    "llama-batched-bench": ("llama-batched-bench", "--help"),
    "vllm serve": ("vllm", "serve", "--help=all"),
    "vllm bench serve": ("vllm", "bench", "serve", "--help=all"),
    "mlx_lm.server": ("mlx_lm.server", "--help"),
    "mlx_lm.benchmark": ("mlx_lm.benchmark", "--help"),
}
QUIET = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "VLLM_LOGGING_LEVEL": "ERROR"}
OWN = [p for p in programs() if p.engine and p.name not in NO_PACKAGE and p.name != "python3"]


def entry(program: Program) -> dict[str, Any]:
    found = [r for r in recorded() if r["name"] == program.name]
    assert len(found) == 1, f"no help of {program.name} was written down"
    return found[0]


def problems(options: tuple[Option, ...], said: Mapping[str, str]) -> Iterator[str]:
    """Options the help does not name, and those that take a value in only one of the two."""
    for option in options:
        hint = said.get(option.name)
        if hint is None:
            yield f"{option.name}: not in the help"
        elif bool(hint) != bool(option.value):
            yield f"{option.name}: the help says {hint!r}, the data {option.value!r}"
        elif hint.startswith("{"):
            left = set(option.choices) - set(hint.strip("{}").split(","))
            yield from (f"{option.name}: {choice} is no choice" for choice in sorted(left))


@pytest.mark.parametrize("program", OWN, ids=lambda p: p.name)
def test_every_option_stands_in_the_help_that_was_written_down(program: Program) -> None:
    said = entry(program)
    assert not list(problems(program.options, said["options"]))
    assert {o.name for o in program.environment} <= set(said.get("environment", ()))


def test_every_engine_has_said_what_it_takes() -> None:
    assert {r["engine"] for r in recorded()} == set(ENGINES)
    for said in recorded():
        assert said["version"]
        assert said["how"]
        assert said["recorded"] >= "2026-11-20"
        assert said["options"] or said["environment"]


def test_help_is_read_whichever_library_wrote_it() -> None:
    text = """
  -c,    --ctx-size N              size of the prompt context (default: 4096)
  -fa,   --flash-attn [on|off|auto]   set Flash Attention use
  --metrics                        enable prometheus
  --runner {auto,draft,generate,pooling}
                        The type of model runner to use.
  --model MODEL, -m MODEL
  --enable-x, --no-enable-x
"""
    assert parsed(text) == {
        "-c": "N",
        "--ctx-size": "N",
        "-fa": "[on|off|auto]",
        "--flash-attn": "[on|off|auto]",
        "--metrics": "",
        "--runner": "{auto,draft,generate,pooling}",
        "--model": "MODEL",
        "-m": "MODEL",
        "--enable-x": "",
        "--no-enable-x": "",
    }


def test_an_option_that_went_away_is_noticed() -> None:
    gone = Option(name="--tp", meaning="devices", value="integer")
    assert list(problems((gone,), {"--tp-size": "int"})) == ["--tp: not in the help"]


def test_an_option_that_lost_its_value_is_noticed() -> None:
    changed = Option(name="--fit", meaning="fit", value="text")
    assert list(problems((changed,), {"--fit": ""}))


def where(name: str) -> tuple[Path, Path] | None:
    """The program and the environment it belongs to."""
    for env in environments.installed():
        for folder in (env.path / "bin", env.packages_dir / "bin"):
            if (folder / name).is_file():
                return folder / name, env.packages_dir
    path = shutil.which(name)
    return (Path(path), Path(path).parent) if path else None


@pytest.mark.engines
@pytest.mark.parametrize("program", [p for p in OWN if p.name in LIVE], ids=lambda p: p.name)
def test_every_option_stands_in_the_help_of_the_engine_that_is_installed(program: Program) -> None:
    name, *words = LIVE[program.name]
    found = where(name)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    path, packages = found
    libraries = {"LD_LIBRARY_PATH": str(packages / "lib")}
    env = {**os.environ, **QUIET, **libraries}
    asked = subprocess.run([path, *words], capture_output=True, text=True, env=env, timeout=300)
    said = parsed(asked.stdout + asked.stderr)
    assert len(said) > 5, asked.stderr[-2000:]
    assert not list(problems(program.options, said))
