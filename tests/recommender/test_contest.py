"""Estimates are off by their published error: alone they hand no case to an engine that nobody
counts on for so many people."""

from __future__ import annotations

from urllib.parse import parse_qsl

from recommender import contest, rulebook
from recommender.answers import Answers, parse
from recommender.evidence import NoEvidence
from recommender.recommend import PERHAPS, recommend

TWENTY = (
    "purpose=production-api&users=20&hardware=nvidia&os=linux&device=rtx-3090&gpus=2"
    "&model=llama-3.1-8b"
)


def asked(query: str) -> Answers:
    return parse(parse_qsl(f"{TWENTY}&{query}"))


def test_an_estimate_no_clear_miss_hands_no_case_to_an_engine_for_four() -> None:
    told = recommend(asked("ttft_ms=1000&tokens_per_user=20"))

    assert told.engine is not None
    assert told.engine.id == "vllm"
    assert any(PERHAPS in given for given in told.gives)


def test_where_all_clearly_miss_the_ranking_stands() -> None:
    told = recommend(asked("tokens_per_user=400"))

    assert told.engine is not None
    assert told.engine.id == "vllm"
    assert "no engine meets your target here" in told.headline
    assert not any(PERHAPS in given for given in told.gives)


def test_who_wins_is_told_alike_with_and_without_reasons() -> None:
    book, nothing = rulebook.load(), NoEvidence()
    for ttft_ms in (200, 500, 800, 1000, 1500, 4000):
        for pace in (5, 15, 30, 45, 200):
            answers = asked(f"ttft_ms={ttft_ms}&tokens_per_user={pace}")
            case = contest.judge(answers, book, nothing)
            assert case.winner is not None
            assert contest.winner(answers, book, nothing) == case.winner.engine
