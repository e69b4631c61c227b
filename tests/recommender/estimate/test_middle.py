"""Whether a target is met is asked without intervals; the answer is the one on the page."""

from __future__ import annotations

import pytest

from recommender import catalogue as catalogues
from recommender.estimate import speed
from recommender.facts import Facts

CATALOGUE = catalogues.load()
CASES = (
    Facts(hardware="nvidia", device="rtx-4090", users=1),
    Facts(hardware="nvidia", device="h100-sxm-80gb", gpus=16, users=120),
    Facts(hardware="nvidia", memory_gb=24, users=6),
    Facts(hardware="apple", users=3, context=32_768),
    Facts(hardware="cpu", memory_gb=64, users=40),
    Facts(hardware="amd"),
    Facts(),
)


@pytest.mark.parametrize("facts", CASES, ids=str)
def test_the_short_answer_is_the_one_on_the_page(facts: Facts) -> None:
    asked = 0
    for engine in CATALOGUE.engines:
        for model in ("llama-3.1-8b", "gpt-oss-20b", "llama-3.3-70b"):
            for quant in CATALOGUE.quants.values():
                if quant.variant(engine) is None:
                    continue
                rig = engine, CATALOGUE.models[model], quant, facts, CATALOGUE
                shown = speed.points(*rig, clients=(facts.users or 1,))
                short = speed.middle(*rig)
                values = [(p.tok_s_per_user.value, p.ttft_ms.value) for p in shown]
                assert values == ([] if short is None else [(short.user, short.ttft_ms)])
                asked += 1
    assert asked > 50
