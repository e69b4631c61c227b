"""The heavy engines for real: `make test-engines` installs them by the product's own installer.

What is not installed is a failure here, not a skip: this command is asked for to see them run.
"""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from benchruns.host import measure, weights
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.document import ResultDocument
from benchruns.host.plan import Plan
from tests.benchruns.host.instrument import Heard, never

pytestmark = pytest.mark.engines

CONFIG = Path(__file__).with_name("config.json")
GGUF, FOLDER = "Q8_0", "BF16"


def measured(engine: str, provider: str, quant: str, variant: str, where: Path) -> ResultDocument:
    source = weights.from_config(CONFIG, quant, where)
    plan = Plan(
        engine=engine,
        provider=provider,
        variant=variant,  # type: ignore[arg-type]
        model=source.id,
        quant=quant,
        clients=(1, 2),
        prompt_tokens=24,
        output_tokens=8,
        requests_per_client=1,
        time_limit_s=900,
        point_limit_s=5,
    )
    return measure.measure(
        plan, report=Heard(), cancelled=never, work_dir=where / "work", weights=source
    )


CASES = [
    ("llama.cpp", "native", GGUF),
    ("llama.cpp", "xllamacpp", GGUF),
    ("llama-cpp-python", "native", GGUF),
    ("llama.cpp-in-process", "native", GGUF),
    ("vllm", "cpu", FOLDER),
    ("mlx-lm", "cpu", FOLDER),
]


@pytest.mark.parametrize(("engine", "provider", "quant"), CASES)
def test_it_is_measured_set_for_the_load(
    engine: str, provider: str, quant: str, tmp_path: Path
) -> None:
    found = ADAPTERS[engine].installed(provider)
    assert found.provider, f"{engine} ({provider}) is not installed: {found.detail}"

    document = measured(engine, provider, quant, "tuned", tmp_path)

    assert document.engine.version not in {"", "unknown"}
    assert document.engine.backend == "cpu"
    assert document.engine.slots == (1 if engine == "llama-cpp-python" else 2)
    assert [point.clients for point in document.points] == [1, 2]
    for point in document.points:
        assert point.summary.not_ok == 0
        assert point.summary.ttft_ms.p50
        assert all(sample.cached_tokens in (0, None) for sample in point.samples)
    assert "--provider" in document.command
    assert not _left(tmp_path)


@pytest.mark.parametrize("engine", ["llama.cpp", "vllm"])
def test_as_shipped_it_is_not_given_slots(engine: str, tmp_path: Path) -> None:
    provider, quant = ("native", GGUF) if engine == "llama.cpp" else ("cpu", FOLDER)
    document = measured(engine, provider, quant, "as-shipped", tmp_path)
    assert not {"--parallel", "--max-num-seqs"} & set(document.engine.argv)
    assert document.points[0].summary.not_ok == 0


def test_exactly_as_many_tokens_are_read_and_written_as_asked(tmp_path: Path) -> None:
    """The tokenizer in the folder is one that vLLM counts as this project does."""
    document = measured("vllm", "cpu", FOLDER, "tuned", tmp_path)
    samples = [sample for point in document.points for sample in point.samples]
    assert {sample.prompt_tokens for sample in samples} == {24}
    assert {sample.output_tokens for sample in samples} == {8}


def _left(folder: Path) -> list[psutil.Process]:
    """Processes that still work in the run's folder."""
    return [p for p in psutil.process_iter() if _in(p, folder)]


def _in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()).is_relative_to(folder)
    except (psutil.Error, OSError):
        return False
