"""A device of one's own: bandwidth, memory and, where known, arithmetic. Nothing else is needed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.answers import AnswerError, parse
from recommender.own import device
from recommender.own.errors import OwnError
from recommender.recommend import recommend
from recommender.recommendation import Recommendation

MINE = "custom:Prototype X1;1008;24;165.2"


def told(*pairs: tuple[str, str]) -> Recommendation:
    return recommend(parse([("users", "1"), ("model", "llama-3.1-8b"), *pairs]))


def refused(answer: str) -> str:
    with pytest.raises(OwnError) as caught:
        device.decode(answer)
    return str(caught.value)


def test_it_is_an_answer_with_a_canonical_form() -> None:
    assert parse([("device", "custom: Prototype X1 ; 1008.0;24 ; 165.20")]).pairs() == (
        ("device", MINE),
    )


def test_it_does_as_the_same_device_of_the_catalogue() -> None:
    mine = told(("hardware", "nvidia"), ("device", MINE), ("quant", "Q4_K_M"))
    theirs = told(("hardware", "nvidia"), ("device", "rtx-4090"), ("quant", "Q4_K_M"))

    assert mine.engine == theirs.engine
    assert mine.memory is not None
    assert theirs.memory is not None
    assert mine.memory.available_gib == theirs.memory.available_gib
    assert mine.speed is not None
    assert theirs.speed is not None
    known = theirs.speed.tok_s_per_user.value
    assert mine.speed.tok_s_per_user.value == pytest.approx(known, rel=0.01)
    assert "Prototype X1 is taken to do" in mine.speed.tok_s_per_user.note


def test_what_kind_it_is_the_hardware_answer_says() -> None:
    kinds = {kind: device.decode(MINE, kind) for kind in device.KINDS}
    assert {kind: found.hardware for kind, found in kinds.items()} == {k: k for k in device.KINDS}
    assert kinds["apple"].backend == "metal"
    assert kinds["apple"].usable_share < 1
    assert (kinds["edge"].backend, kinds["cpu"].backend) == ("cuda", "cpu")
    assert told(("hardware", "apple"), ("device", "custom:M9;800;64")).engine is not None


def test_stacked_memory_is_told_by_its_bandwidth() -> None:
    assert device.decode("custom:Big;8000;288", "amd").backend == "rocm-hbm"
    assert device.decode("custom:Big;3350;80", "nvidia").backend == "cuda-hbm"


def test_without_arithmetic_the_first_token_is_not_known_and_that_is_said() -> None:
    rec = told(("hardware", "nvidia"), ("device", "custom:Prototype X1;1008;24"))

    assert rec.speed is not None
    assert rec.speed.tok_s_per_user.value is not None
    assert rec.speed.ttft_ms.value is None
    assert "not known" in rec.speed.ttft_ms.note


@pytest.mark.parametrize("hardware", [(), (("hardware", "none-yet"),)])
def test_while_nobody_said_what_kind_it_is_that_is_asked_and_no_recipe_given(
    hardware: tuple[tuple[str, str], ...],
) -> None:
    rec = told(("device", "custom:Foo;900;24"), *hardware)

    assert rec.next_question == "hardware"
    assert not rec.settled
    assert rec.commands == ()
    assert "No recipe for Foo until you say what kind" in rec.warnings[0]
    assert rec.memory is None or rec.memory.available_gib is None
    assert rec.speed is None or rec.speed.tok_s_per_user.value is None


def test_once_its_kind_is_said_the_recipe_is_of_that_kind() -> None:
    rec = told(("device", "custom:Foo;900;24"), ("hardware", "amd"))

    shell = " ".join(command.shell for command in rec.commands)
    assert "amd-smi" in shell
    assert "nvidia" not in shell
    assert "cuda" not in shell.lower()


def test_what_its_arithmetic_would_add_is_said() -> None:
    bare = told(("hardware", "nvidia"), ("device", "custom:Foo;900;24"))
    whole = told(("hardware", "nvidia"), ("device", "custom:Foo;900;24;100"))

    assert any("with its dense fp16 TFLOPS" in warning for warning in bare.warnings)
    assert not any("TFLOPS" in warning for warning in whole.warnings)


def test_too_small_a_device_says_by_how_much() -> None:
    rec = told(("hardware", "nvidia"), ("device", "custom:Tiny;100;4"), ("quant", "Q8_0"))
    assert "4 GB" in rec.headline


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("custom:X", "is written custom:<name>;<GB/s>;<GiB>"),
        ("custom:X;1;2;3;4", "is written custom:<name>"),
        ("custom:;100;8", "The name '' cannot be used"),
        ("custom:X;fast;8", "GB/s of memory bandwidth: a number from 1 to 100,000, not 'fast'"),
        ("custom:X;1e3;8", "not '1e3'"),
        ("custom:X;-1;8", "not '-1'"),
        ("custom:X;100;0", "GiB of memory: a number from 0.25"),
        ("custom:X;100;8;0", "fp16 TFLOPS: a number from 0.001"),
        ("custom:X;100;8;", "fp16 TFLOPS"),
        ("custom:" + "x" * 200 + ";100;8", "is written custom:"),
    ],
)
def test_it_says_what_is_wrong(answer: str, says: str) -> None:
    assert says in refused(answer)
    with pytest.raises(AnswerError, match=r"^device: "):
        parse([("device", answer)])


@settings(max_examples=40, deadline=None)
@given(
    hardware=st.sampled_from([None, "none-yet", *device.KINDS]),
    bandwidth=st.floats(1, 100_000),
    memory=st.floats(0.25, 16_384),
    tflops=st.none() | st.floats(0.001, 100_000),
    users=st.integers(1, 300),
    gpus=st.sampled_from(["1", "2", "16"]),
)
def test_any_device_gets_an_answer(
    hardware: str | None,
    bandwidth: float,
    memory: float,
    tflops: float | None,
    users: int,
    gpus: str,
) -> None:
    said = [("users", str(users)), ("gpus", gpus)]
    said += [("device", device.encode("Any", bandwidth, memory, tflops))]
    said += [("hardware", hardware)] if hardware else []
    rec = recommend(parse(said))
    assert rec.headline
    if rec.engine is not None:
        assert rec.memory is not None
        assert rec.memory.fits is not False


@settings(deadline=None)  # the first call loads the catalogue
@given(st.text(max_size=20))
def test_it_answers_any_nonsense_with_a_sentence(rest: str) -> None:
    try:
        found = device.decode(f"custom:{rest}")
    except OwnError as error:
        sentence = str(error)
    else:
        sentence = "the same." if device.decode(found.id) == found else "something else"
    assert sentence.endswith((".", "'"))
