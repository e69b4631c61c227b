from __future__ import annotations

import pytest

from benchruns.host.compare.arms import Arm, parse, shared_quant
from benchruns.host.plan import Plan


def test_it_reads_what_the_command_line_says() -> None:
    told = "llama.cpp, llama.cpp:xllamacpp ,vllm@as-shipped,ollama:url@as-shipped"
    arms = parse(told)
    assert arms == (
        Arm("llama.cpp"),
        Arm("llama.cpp", "xllamacpp"),
        Arm("vllm", None, "as-shipped"),
        Arm("ollama", "url", "as-shipped"),
    )
    assert [arm.label for arm in arms] == [part.strip() for part in told.split(",")]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("llama.cpp", "is one engine; comparing needs two or more"),
        ("vllm,vllm", "'vllm' is there twice"),
        ("vllm@tuned,vllm", "'vllm' is there twice"),
        ("vllm,a:b:c", "'a:b:c' is not ENGINE"),
        ("vllm,", "'' is not ENGINE"),
        ("vllm,vllm@fast", "'fast' is no variant; there are: tuned, as-shipped"),
    ],
)
def test_it_says_what_is_wrong(told: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse(told)


def test_every_arm_gets_the_same_load() -> None:
    like = Plan(engine="vllm", model="tiny", clients=(1, 8), output_tokens=16)
    made = Arm("llama.cpp", "xllamacpp", "as-shipped").plan(like, seed=9)
    assert (made.engine, made.provider, made.variant) == ("llama.cpp", "xllamacpp", "as-shipped")
    assert (made.clients, made.output_tokens, made.seed) == ((1, 8), 16, 9)
    assert made.model_dump()["protocol"] == 2


def test_all_of_them_compute_in_one_precision() -> None:
    folders, files = parse("llama.cpp,vllm"), parse("llama.cpp:path,llama.cpp:xllamacpp")
    assert shared_quant(files, None, "Q4_0") == "Q4_0"
    assert shared_quant(files, "Q8_0", "Q4_0") == "Q8_0"
    assert shared_quant(folders, None, "Q4_0") == "BF16"
    assert shared_quant(folders, "Q8_0", "Q4_0") == "BF16"
    assert shared_quant(folders, "F16", "Q4_0") == "F16"
