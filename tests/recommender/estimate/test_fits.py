"""Choosing asks only whether something fits; the page also shows why. They must agree."""

from __future__ import annotations

import pytest

from recommender import catalogue as catalogues
from recommender.estimate.memory import fits, memory
from recommender.facts import Facts

CATALOGUE = catalogues.load()
MACHINES = (
    Facts(),
    Facts(hardware="nvidia", device="rtx-4090", users=1),
    Facts(hardware="nvidia", device="rtx-4090", users=40, context=32_768),
    Facts(hardware="nvidia", device="h100-sxm-80gb", gpus=2, users=200),
    Facts(hardware="apple", memory_gb=16, users=3),
    Facts(hardware="cpu", memory_gb=32, users=6, context=131_072),
)


@pytest.mark.parametrize("facts", MACHINES, ids=str)
def test_the_short_answer_is_the_one_on_the_page(facts: Facts) -> None:
    asked = 0
    for engine in CATALOGUE.engines:
        for model in CATALOGUE.models.values():
            for quant in CATALOGUE.quants.values():
                if quant.variant(engine) is None:
                    continue
                said = memory(engine, model, quant, facts, CATALOGUE).fits
                assert fits(engine, model, quant, facts, CATALOGUE) is said
                asked += 1
    assert asked > 1000
