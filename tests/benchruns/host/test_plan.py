from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from benchruns.host.lengths import Listed, Uniform
from benchruns.host.plan import Plan, Targets


def plan(**changes: Any) -> Plan:
    return Plan(engine="llama.cpp", model="llama-3.2-1b", **changes)


def test_a_plan_that_asks_for_nothing_new_is_one_that_older_hosts_read() -> None:
    written = json.loads(plan().model_dump_json())
    assert written["protocol"] == 1
    assert set(written) == {
        "protocol", "engine", "variant", "model", "quant", "clients", "prompt_tokens",
        "output_tokens", "requests_per_client", "time_limit_s", "seed",
    }  # fmt: skip


@pytest.mark.parametrize(
    "new",
    [
        {"name": "quick"},
        {"rates_per_s": (2.5,)},
        {"goodput": Targets(ttft_ms=500)},
        {"prompt_lengths": Uniform(low=10, high=30)},
        {"variant": "as-served"},
        {"provider": "wheel"},
    ],
)
def test_a_plan_that_does_says_which_protocol_it_takes(new: dict[str, Any]) -> None:
    asked = plan(**new)
    assert asked.protocol == 2
    assert Plan.model_validate_json(asked.model_dump_json()) == asked


def test_a_copy_with_something_new_says_so_too() -> None:
    copied = plan().model_copy(update={"name": "quick"})
    assert json.loads(copied.model_dump_json())["protocol"] == 2


def test_lengths_that_differ_say_what_is_typical_and_what_is_most() -> None:
    asked = plan(prompt_lengths=Listed(values=(10, 20, 90)), output_tokens=7)
    assert (asked.prompt_tokens, asked.most_prompt_tokens) == (20, 90)
    assert (asked.output_tokens, asked.most_output_tokens) == (7, 7)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"goodput": {}}, "goodput needs a target"),
        ({"rates_per_s": (0,)}, "greater than 0"),
        ({"rates_per_s": (float("nan"),)}, "finite"),
        ({"prompt_lengths": {"kind": "uniform", "low": 9, "high": 3}}, "low is above high"),
        ({"prompt_lengths": {"kind": "normal"}}, "'uniform', 'lognormal', 'listed'"),
        ({"protocol": 3}, "Input should be 1 or 2"),
        ({"provider": "--rm"}, "is not a plain name"),
    ],
)
def test_what_makes_no_plan_is_refused_with_a_sentence(bad: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        plan(**bad)
