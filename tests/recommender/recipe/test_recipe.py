"""Recipes: commands that work when pasted, for every engine and system they can run on."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess

import pytest

from recommender import catalogue
from recommender.choose import choose
from recommender.facts import Facts
from recommender.recipe import commands
from recommender.recommendation import Command
from tests.recommender.recipe.cases import planned

CATALOGUE = catalogue.load()
CASES = [
    ("ollama", Facts(hardware="nvidia", users=5)),
    ("ollama", Facts(hardware="apple", users=5)),
    ("ollama", Facts(hardware="nvidia", users=5, os="windows")),
    ("ollama", Facts(hardware="cpu")),
    ("llama.cpp", Facts(hardware="cpu", os="linux")),
    ("llama.cpp", Facts(hardware="cpu", privacy="auditable")),
    ("llama.cpp", Facts(hardware="nvidia", privacy="auditable")),
    ("llama.cpp", Facts(hardware="nvidia", privacy="auditable", os="windows")),
    ("llama.cpp", Facts(device="rtx-3090", gpus=2, users=8)),
    ("llama.cpp", Facts(device="rx-7900-xtx", users=4)),
    ("llama.cpp", Facts(hardware="intel", users=4)),
    ("llama.cpp", Facts(hardware="apple", users=2)),
    ("llama.cpp", Facts(hardware="apple", users=2, privacy="auditable")),
    ("llama.cpp", Facts(hardware="nvidia", os="windows", users=2)),
    ("llama.cpp", Facts(hardware="nvidia", purpose="embed", users=2)),
    ("llama.cpp", Facts(device="raspberry-pi-5", memory_gb=8, arch="arm64")),
    ("vllm", Facts(device="h100-sxm-80gb", gpus=2, users=50, model="llama-3.3-70b")),
    ("vllm", Facts(device="mi300x", users=50)),
    ("vllm", Facts(hardware="nvidia", os="windows", users=20)),
    ("vllm", Facts(hardware="cpu", users=4)),
    ("vllm", Facts(device="rtx-4090", model="phi-4", quant="FP8")),
    ("sglang", Facts(device="h100-sxm-80gb", gpus=4, users=50, needs=frozenset({"metrics"}))),
    ("sglang", Facts(hardware="nvidia", purpose="embed")),
    ("vllm", Facts(hardware="nvidia", purpose="embed")),
    ("tensorrt-llm", Facts(device="h100-sxm-80gb", users=50)),
    ("tgi", Facts(device="a100-sxm-80gb", gpus=2, users=50)),
    ("mlx-lm", Facts(hardware="apple", users=4)),
    ("mlx-lm", Facts(device="apple-m4-max", memory_gb=64, purpose="chat")),
    ("llama.cpp", Facts(device="rtx-4090", purpose="chat")),
    ("mlx-lm", Facts(hardware="cpu", os="linux")),
]
NAMES = [f"{engine}-{n}" for n, (engine, _) in enumerate(CASES)]
each_case = pytest.mark.parametrize(("engine", "facts"), CASES, ids=NAMES)


def recipe(engine: str, facts: Facts) -> tuple[Command, ...]:
    choice = choose(engine, facts, CATALOGUE)
    assert choice is not None
    return commands(engine, *choice, facts, CATALOGUE)


def step(steps: tuple[Command, ...], name: str) -> str:
    return next(c.shell for c in reversed(steps) if c.step == name)


def powershell(engine: str, facts: Facts) -> bool:
    audited = facts.privacy == "auditable" and engine == "llama.cpp"
    return facts.os == "windows" and engine in {"ollama", "llama.cpp"} and not audited


@each_case
def test_it_goes_from_nothing_to_measured(engine: str, facts: Facts) -> None:
    steps = list(dict.fromkeys(command.step for command in recipe(engine, facts)))
    measured = [] if facts.purpose == "embed" else ["load-test", "cross-check"]
    running = ["watch", "upgrade"]
    assert steps == ["install", "get-model", "serve", "check", *measured, *running]


@each_case
def test_it_is_valid_shell(engine: str, facts: Facts) -> None:
    if powershell(engine, facts):
        pytest.skip("PowerShell is not here to parse it")
    shell = shutil.which("bash")
    assert shell is not None
    for command in recipe(engine, facts):
        parsed = subprocess.run([shell, "-n"], input=command.shell, text=True, capture_output=True)
        assert parsed.returncode == 0, f"{command.shell}\n{parsed.stderr}"


@each_case
def test_it_listens_on_this_machine_only(engine: str, facts: Facts) -> None:
    steps = recipe(engine, facts)
    serve = step(steps, "serve")
    if engine != "ollama":  # which does so by itself
        assert "127.0.0.1" in serve
    published = re.findall(r" -p (\S+:\S+)", serve)
    assert len(published) == ("docker run" in serve)
    for bound in published:
        assert bound.startswith("127.0.0.1:")
    if "docker run" not in serve:
        assert "0.0.0.0" not in serve
    assert next(c for c in steps if c.step == "serve").note


@each_case
def test_it_runs_no_code_that_comes_with_weights(engine: str, facts: Facts) -> None:
    assert not any("trust" in command.shell.lower() for command in recipe(engine, facts))


@each_case
def test_it_asks_and_measures_the_model_it_serves(engine: str, facts: Facts) -> None:
    steps = recipe(engine, facts)
    body = json.loads(re.search(r"'(\{.*\})'", step(steps, "check")).group(1))  # type: ignore[union-attr]
    assert body["model"] in step(steps, "serve") + step(steps, "get-model")
    if facts.purpose == "embed":
        return
    words = shlex.split(step(steps, "load-test").replace("\\\n", " "))
    assert words[:2] == ["rigguide", "bench"]
    assert words[words.index("--model") + 1] == body["model"]
    target = words[words.index("--target") + 1]
    assert target in step(steps, "check")
    assert f"{facts.users or 1}" in words[words.index("--clients") + 1].split(",")


@each_case
def test_it_serves_what_it_fetched(engine: str, facts: Facts) -> None:
    steps = recipe(engine, facts)
    if engine == "ollama":
        assert step(steps, "get-model").startswith("ollama pull ")
        return
    repository = re.search(r"hf download (\S+)", step(steps, "get-model"))
    assert repository is not None
    assert repository.group(1) in step(steps, "serve")


def test_llama_cpp_cuts_one_context_into_slots() -> None:
    serve = step(recipe("llama.cpp", Facts(device="rtx-4090", users=4, context=4096)), "serve")
    assert "--ctx-size 16384" in serve
    assert "--parallel 4" in serve


def test_llama_cpp_keeps_its_own_slots_until_somebody_says_how_many() -> None:
    serve = step(recipe("llama.cpp", Facts(hardware="cpu", context=4096)), "serve")
    assert "--ctx-size 4096" in serve
    assert "--parallel" not in serve


def test_llama_cpp_splits_a_model_over_devices() -> None:
    serve = step(recipe("llama.cpp", Facts(device="rtx-3090", gpus=2)), "serve")
    assert "--split-mode layer" in serve
    assert "--tensor-split 1,1" in serve


def test_ollama_is_told_how_many_and_how_long() -> None:
    serve = step(recipe("ollama", Facts(device="rtx-4090", users=4, context=4096)), "serve")
    assert 'Environment="OLLAMA_NUM_PARALLEL=4"' in serve
    assert 'Environment="OLLAMA_CONTEXT_LENGTH=4096"' in serve


def test_ollama_writes_settings_that_systemd_reads() -> None:
    serve = step(recipe("ollama", Facts(device="rtx-4090", users=4)), "serve")
    printf = next(line for line in serve.splitlines() if line.startswith("printf"))
    text = subprocess.run(
        ["bash", "-c", printf.split("|")[0]], text=True, capture_output=True, check=True
    ).stdout
    assert text.splitlines()[0] == "[Service]"
    assert all(re.fullmatch(r'Environment="[A-Z_]+=\w+"', line) for line in text.splitlines()[1:])


def test_vllm_shares_each_matrix_and_limits_the_load() -> None:
    facts = Facts(device="h100-sxm-80gb", gpus=2, users=50, model="llama-3.3-70b", context=8192)
    serve = step(recipe("vllm", facts), "serve")
    for option in ("--tensor-parallel-size 2", "--max-num-seqs 50", "--max-model-len 8192"):
        assert option in serve


def test_vllm_shares_only_what_divides_evenly() -> None:
    facts = Facts(device="h100-sxm-80gb", gpus=3, users=4, model="qwen3-32b")
    assert "--tensor-parallel-size 2" in step(recipe("vllm", facts), "serve")


def test_vllm_quantises_while_loading_where_nobody_published_it() -> None:
    served = Facts(device="rtx-4090", model="deepseek-r1-distill-qwen-14b", quant="FP8")
    serve = step(recipe("vllm", served), "serve")
    assert "vllm serve deepseek-ai/DeepSeek-R1-Distill-Qwen-14B" in serve
    assert "--quantization fp8" in serve


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_weights_published_in_fp8_are_not_quantised_again(engine: str) -> None:
    served = Facts(device="h200-sxm", gpus=8, model="deepseek-v3", hardware="nvidia", users=50)
    serve = step(recipe(engine, served), "serve")
    assert "deepseek-ai/DeepSeek-V3" in serve
    assert "--quantization" not in serve


def test_vllm_runs_in_linux_on_windows() -> None:
    first = recipe("vllm", Facts(hardware="nvidia", os="windows", users=20))[0]
    assert first.shell.startswith("wsl --install")


def test_auditable_llama_cpp_is_built_from_source() -> None:
    steps = recipe("llama.cpp", Facts(hardware="nvidia", privacy="auditable"))
    assert "git clone" in step(steps, "install")
    assert "-DGGML_CUDA=ON" in step(steps, "install")
    assert step(steps, "serve").startswith("llama.cpp/build/bin/llama-server")


@pytest.mark.parametrize("hardware", ["cpu", "nvidia", "apple"])
def test_what_must_be_audited_is_pinned_and_runs_no_script_from_the_network(hardware: str) -> None:
    steps = recipe("llama.cpp", Facts(hardware=hardware, privacy="auditable"))
    install = next(c for c in steps if c.step == "install")
    convert, ready = [c for c in steps if c.step == "get-model"]
    assert not any(re.search(r"\|\s*sh\b", command.shell) for command in steps)
    assert re.search(r"git clone --branch b\d+ ", install.shell)
    assert "Verify" in install.note
    assert "convert_hf_to_gguf.py" in convert.shell
    assert "auditable way" in convert.note
    assert ".gguf" in ready.shell


def test_it_says_where_a_licence_waits() -> None:
    facts = Facts(model="llama-3.1-8b", quant="BF16", device="h100-sxm-80gb")
    steps = recipe("vllm", facts)
    note = next(c.note for c in steps if c.step == "get-model")
    assert "accept the licence at https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct" in note


@pytest.mark.parametrize("engine", sorted(CATALOGUE.engines))
@pytest.mark.parametrize("model", sorted(CATALOGUE.models))
def test_every_model_it_offers_has_a_recipe(engine: str, model: str) -> None:
    facts = Facts(model=model, users=3, hardware="apple" if engine == "mlx-lm" else "nvidia")
    choice = choose(engine, facts, CATALOGUE)
    if choice is not None:
        fetch = step(commands(engine, *choice, facts, CATALOGUE), "get-model")
        assert "None" not in fetch
        assert re.search(r"(pull|download) \S+", fetch)


@pytest.mark.parametrize("device", ["dgx-spark", "gh200-144gb", "gb200", "jetson-thor"])
def test_a_machine_with_an_arm_processor_gets_what_runs_on_it(device: str) -> None:
    """Whatever was answered: the device comes with its processor."""
    for arch in (None, "x86_64"):
        assert planned("llama.cpp", Facts(device=device, os="linux", arch=arch)).arch == "arm64"
    assert planned("llama.cpp", Facts(device="rtx-4090", os="linux", arch="arm64")).arch == "arm64"
    assert planned("llama.cpp", Facts(device="rtx-4090", os="linux")).arch == "x86_64"
