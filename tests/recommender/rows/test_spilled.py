"""Models that are larger than their cards, as published rows have them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recommender import rows
from recommender.rows import spilled

CASE = {"kind": "decode", "engine": "llama.cpp", "device": "RTX 4090", "unit": "tok/s"}
CASE |= {"model": "Llama 3.3 70B", "quant": "Q4_K_M"}


def told(**said: Any) -> rows.Prediction:
    return rows.predict(rows.read([json.dumps({**CASE, **said})])[0])


def value(**said: Any) -> float:
    got = told(**said).value
    assert got is not None
    return got


def test_what_does_not_fit_is_as_slow_as_the_processor_makes_it() -> None:
    got = told()
    assert got.value is not None
    assert 1.5 < got.value < 5  # people report two to three
    assert spilled.DOUBT in got.basis
    assert value(device="2x RTX 4090") > 4 * got.value


def test_the_stated_number_of_layers_decides() -> None:
    few, more, all_of_them = (value(conditions=f"-ngl {n}") for n in (20, 40, 99))
    assert few < more < all_of_them
    assert value(model="Llama 3.1 8B") == value(model="Llama 3.1 8B", conditions="-ngl 99")


def test_a_better_processor_helps() -> None:
    assert value(conditions="rest on an EPYC 9654") > 2 * value()


def test_a_prompt_suffers_less_than_an_answer() -> None:
    prompts = {"kind": "prefill", "prompt_tokens": 512}
    fits = {"device": "A6000"}
    assert value(**prompts) / value(**prompts, **fits) > value() / value(**fits)


@pytest.mark.parametrize(
    "said",
    [
        {"engine": "vLLM", "quant": "FP8"},  # has no such thing as shipped
        {"device": "Mac Studio M2 Ultra 64GB"},  # one memory for both
        {"device": "EPYC 9654", "backend": "CPU"},
    ],
)
def test_where_there_is_nothing_to_share_nothing_is_shared(said: dict[str, Any]) -> None:
    assert spilled.DOUBT not in told(**said).basis
