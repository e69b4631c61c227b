"""The engine's batches without HTTP: what is told of them, and what cannot be asked of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.in_process import InProcess
from benchruns.host.document import Sample
from benchruns.host.errors import CannotMeasure
from benchruns.host.lengths import Uniform
from benchruns.host.load.point import RawPoint
from benchruns.host.plan import Plan, Targets
from benchruns.host.points import Maker
from benchruns.host.without_http import tests as batch_tests
from tests.benchruns.host.instrument import answer, plan


def batches(gaps_s: list[float], sequences: int) -> RawPoint:
    """Prompts are read in 0.5 s; 5 tokens each; all sequences of a batch in step."""
    samples: list[Sample] = []
    for number, gap_s in enumerate(gaps_s):
        one = answer(start_s=10.0 * number, ttft_s=0.5, gap_s=gap_s, tokens=5)
        samples += [one] * sequences
    return RawPoint(sequences, 100.0, tuple(samples), None, False, None, in_step=True)


def test_a_batch_is_one_value_however_many_sequences_it_has() -> None:
    """Ten sequences in step say no more than one: two batches are two values."""
    found = Maker(plan(), None, None).closed(batches([0.05, 0.1], sequences=10)).summary
    assert found.ok == 20
    assert found.tok_s_per_user.n == found.ttft_ms.n == 2
    assert found.tok_s_per_user.p95 is None
    assert found.tok_s_per_user.low is None
    assert found.verdict == "too few requests to tell (20, 10 at a time)"


def test_prompts_and_tokens_are_told_as_the_tools_of_llama_cpp_tell_them() -> None:
    wanted = plan(prompt_tokens=100, output_tokens=5)
    pp, tg = batch_tests(wanted, batches([0.05, 0.1], sequences=4), threads=2)
    assert (pp.test, pp.sequences, pp.threads, pp.seconds) == ("pp", 4, 2, (0.5, 0.5))
    assert pp.tok_s.p50 == pytest.approx(4 * 100 / 0.5)
    assert (tg.test, tg.output_tokens, tg.seconds) == ("tg", 4, (0.2, 0.4))
    assert tg.tok_s.n == 2
    assert tg.tok_s.mean == pytest.approx((80 + 40) / 2)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"rates_per_s": (2.0,)}, "rates of an open loop"),
        ({"goodput": Targets(ttft_ms=500)}, "goodput"),
        ({"prompt_lengths": Uniform(low=8, high=16)}, "lengths that differ"),
        ({"api": "chat", "ramp_s": 1.0}, "the chat API, a ramp"),
    ],
)
def test_it_says_what_it_cannot_measure_and_leaves_nothing_out_in_silence(
    asked: dict[str, Any], words: str, tmp_path: Path
) -> None:
    launch = Launch(Path("nothing"), "tiny", None, 64, 0, tmp_path, 2, 1.0)
    wanted: Plan = plan(**asked)
    with pytest.raises(CannotMeasure, match=f"cannot measure {words}"):
        InProcess().run(wanted, launch, None, 0.0)  # type: ignore[arg-type]
