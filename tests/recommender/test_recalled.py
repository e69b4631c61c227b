"""What is recalled of one case is what another would get that differs where nothing rests on it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import catalogue as catalogues
from recommender import recalled, recipe
from recommender.estimate import speed, ways
from recommender.facts import Facts
from recommender.questionnaire import rows

CATALOGUE = catalogues.load()
CHOICE = CATALOGUE.models["llama-3.1-8b"], CATALOGUE.quants["Q4_K_M"]
OTHERS = {"purpose", "priority", "ops", "ttft_ms", "tokens_per_user", "model", "quant"}
"""Facts on which neither estimates nor commands rest once the model is chosen."""


def _option(question: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *(option.value for option in rows()[question].option)])


CASES = st.builds(
    Facts,
    purpose=_option("purpose"),
    users=st.sampled_from([None, 1, 3, 20]),
    hardware=_option("hardware"),
    gpus=st.sampled_from([None, 1, 2]),
    memory_gb=st.sampled_from([None, 8.0, 24.0]),
    os=_option("os"),
    arch=_option("arch"),
    privacy=_option("privacy"),
    priority=_option("priority"),
    ops=_option("ops"),
    needs=st.sampled_from([None, frozenset(), frozenset({"metrics"})]),
    context=st.sampled_from([None, 2048, 65_536]),
    ttft_ms=st.sampled_from([None, 500.0]),
    tokens_per_user=st.sampled_from([None, 10.0]),
)


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_it_is_what_would_be_worked_out_anew(facts: Facts) -> None:
    case = (*CHOICE, facts, CATALOGUE)

    assert recalled.curve("llama.cpp", CHOICE, facts, CATALOGUE) == speed.points("llama.cpp", *case)
    assert recalled.memory("llama.cpp", CHOICE, facts, CATALOGUE) == ways.explained(
        "llama.cpp", *case
    )
    assert recalled.commands("llama.cpp", CHOICE, facts, CATALOGUE) == recipe.commands(
        "llama.cpp", *case
    )


@pytest.mark.parametrize("engine", CATALOGUE.engines)
def test_no_engine_s_commands_rest_on_anything_else(engine: str) -> None:
    quant = next(q for q in CATALOGUE.quants.values() if q.variant(engine) is not None)
    choice, bare = (CHOICE[0], quant), Facts(hardware="nvidia", device="rtx-4090", users=4)
    said: dict[str, Any] = {"purpose": "batch", "priority": "latency", "ops": "dedicated"}
    said |= {"ttft_ms": 500.0, "tokens_per_user": 10.0, "model": "x", "quant": quant.id}

    full = {f.name: getattr(bare, f.name) for f in fields(Facts)} | said
    got = recipe.commands(engine, *choice, Facts(**full), CATALOGUE)

    assert set(said) == OTHERS
    assert got == recalled.commands(engine, choice, bare, CATALOGUE)
