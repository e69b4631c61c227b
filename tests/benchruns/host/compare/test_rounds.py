from __future__ import annotations

import pytest

from benchruns.host.compare.arms import Arm
from benchruns.host.compare.document import ComparisonDocument, Turn, comparison
from benchruns.host.compare.rounds import in_turns, order
from benchruns.host.document import ResultDocument
from benchruns.host.errors import EngineFailed
from benchruns.host.plan import Plan
from tests.benchruns.host.compare.made import document

ARMS = (Arm("llama.cpp"), Arm("vllm"))
LIKE = Plan(engine="llama.cpp", model="tiny", clients=(4,), seed=10)


def test_every_other_round_goes_backwards() -> None:
    assert [(n, arm.engine) for n, arm in order(ARMS, 3)] == [
        (1, "llama.cpp"),
        (1, "vllm"),
        (2, "vllm"),
        (2, "llama.cpp"),
        (3, "llama.cpp"),
        (3, "vllm"),
    ]


def test_prompts_differ_from_round_to_round_and_not_between_arms() -> None:
    asked: list[tuple[str, int]] = []

    def measure(plan: Plan) -> ResultDocument:
        asked.append((plan.engine, plan.seed))
        return document({4: 100.0}, engine=plan.engine)

    in_turns(ARMS, 2, LIKE, measure, lambda _: None)
    assert asked == [("llama.cpp", 11), ("vllm", 11), ("vllm", 12), ("llama.cpp", 12)]


def test_it_finds_which_is_faster_on_a_machine_that_slows_down() -> None:
    """Each measurement is slower than the one before, far more than the engines differ."""
    speed = {"llama.cpp": 110.0, "vllm": 100.0}
    turn = 0

    def measure(plan: Plan) -> ResultDocument:
        nonlocal turn
        turn += 1
        return document({4: speed[plan.engine] * 0.97**turn}, engine=plan.engine)

    turns = in_turns(ARMS, 8, LIKE, measure, lambda _: None)
    finding = next(f for f in comparison(turns, "again").findings if f.metric == "output_tok_s")
    assert finding.differs
    assert (finding.low or 2) <= 1.1 <= (finding.high or 0)


def test_an_engine_that_fails_ends_it() -> None:
    def measure(plan: Plan) -> ResultDocument:
        raise EngineFailed(f"{plan.engine} did not start.")

    with pytest.raises(EngineFailed, match=r"llama\.cpp did not start"):
        in_turns(ARMS, 2, LIKE, measure, lambda _: None)


def test_the_document_holds_all_it_takes_to_compute_it_again() -> None:
    turns = tuple(
        Turn(arm=arm, round=number, document=document({4: rate + number}))
        for number in range(1, 6)
        for arm, rate in (("one", 130.0), ("two", 100.0))
    )
    made = comparison(turns, "rigguide compare")
    again = ComparisonDocument.model_validate_json(made.model_dump_json())
    assert again == made
    assert comparison(again.turns, again.command).findings == made.findings
    assert made.arms == ("one", "two")
    assert "comparisons are judged together" in made.judged
    assert all(f.p_adjusted is not None and f.p_adjusted >= (f.p or 0) for f in made.findings)
    with pytest.raises(ValueError, match="nothing was measured"):
        comparison((), "")
