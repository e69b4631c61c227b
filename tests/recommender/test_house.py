from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from recommender import house
from recommender.answers import parse
from recommender.house import Decision
from recommender.implied import derive
from recommender.rulebook import load
from recommender.schema import ENGINES


def decided(query: str) -> Decision:
    return house.decide(load(), derive(parse(parse_qsl(query)), load()).whole)


def first(query: str) -> str:
    return decided(query).ranking[0]


def test_it_ranks_all_engines_once() -> None:
    assert sorted(decided("").ranking) == sorted(ENGINES)


@pytest.mark.parametrize(
    ("users", "engine"),
    [(1, "ollama"), (4, "ollama"), (5, "llama.cpp"), (9, "llama.cpp"), (10, "vllm"), (500, "vllm")],
)
def test_the_engine_grows_with_the_people(users: int, engine: str) -> None:
    assert first(f"users={users}&hardware=nvidia&os=linux") == engine


def test_no_vote_brings_back_an_engine_that_cannot_run() -> None:
    decision = decided("users=50&hardware=apple&purpose=production-api&ops=dedicated")

    assert "vllm" not in decision.possible()
    assert decision.ranking.index("vllm") >= len(decision.possible())


def test_it_recommends_the_archived_server_to_nobody() -> None:
    assert "tgi" not in decided("users=15&hardware=nvidia&os=linux&priority=throughput").possible()


def test_an_engine_that_lacks_a_need_comes_after_one_that_has_it() -> None:
    ranking = decided("users=1&hardware=nvidia&needs=metrics").ranking

    assert ranking.index("llama.cpp") < ranking.index("ollama")


def test_capacity_comes_before_needs() -> None:
    assert first("users=50&hardware=nvidia&os=linux&needs=model-swapping") == "vllm"


def test_an_audit_comes_before_capacity() -> None:
    assert first("users=50&hardware=nvidia&os=linux&privacy=auditable") == "llama.cpp"


def test_on_a_processor_the_machine_is_the_limit() -> None:
    decision = decided("users=50&hardware=cpu")

    assert decision.ranking[0] == "llama.cpp"
    assert decision.charges("llama.cpp", "capacity") == ()


def test_the_parting_step_tells_why_one_is_before_another() -> None:
    decision = decided("users=50&hardware=nvidia&os=linux")

    assert house.parting(load(), decision, "vllm", "ollama") == "capacity"
    assert house.parting(load(), decision, "vllm", "sglang") == "articles"


def test_what_was_charged_is_what_was_summed() -> None:
    decision, steps = decided("users=50&hardware=nvidia&os=windows"), load().steps
    for engine in ENGINES:
        for step, total in zip(steps, decision.sums[engine], strict=True):
            if step.id not in ("articles", "order"):
                paid = sum(c.penalty for c in decision.charges(engine, step.id))
                assert paid == total


def test_no_two_engines_are_ever_equal() -> None:
    sums = decided("").sums

    assert len({sums[engine] for engine in ENGINES}) == len(ENGINES)
