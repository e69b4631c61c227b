"""The board: every engine in its lane, the marks where they vote, who is out and why."""

from __future__ import annotations

from dataclasses import replace

from guide.presentation.board import board, still_open
from recommender import rulebook
from recommender.answers import parse
from recommender.recommend import recommend
from recommender.recommendation import Flip
from tests.guide.made import opinion, recommendation


def test_every_engine_keeps_its_place_whatever_the_verdict() -> None:
    order = [*rulebook.load().engines]
    other = recommendation(opinions=(opinion("a1", "tgi"),), rejected=())
    for rec in (recommendation(), other):
        assert [lane.engine for lane in board(rec) if lane.engine] == order


def test_each_mark_stands_once_where_its_article_votes() -> None:
    lanes = {lane.engine: [o.article for o in lane.opinions] for lane in board(recommendation())}
    assert lanes["vllm"] == ["a2", "a3"]
    assert lanes["ollama"] == ["a1"]
    assert lanes[None] == ["a4"]
    assert sorted(mark for marks in lanes.values() for mark in marks) == [
        *("a1", "a2", "a3", "a4", "a5")
    ]


def test_nobody_silent_takes_no_lane() -> None:
    voted = tuple(opinion(f"a{n}", "vllm") for n in range(1, 6))
    assert None not in [lane.engine for lane in board(recommendation(opinions=voted))]


def test_who_is_out_says_why_and_stays_in_sight() -> None:
    lanes = {lane.engine: lane for lane in board(recommendation())}
    assert lanes["llama.cpp"].why_out == "not here"
    assert [engine for engine, lane in lanes.items() if lane.is_verdict] == ["vllm"]
    assert lanes["vllm"].why_out == ""


def flip(question: str, engine: str) -> Flip:
    return Flip(f"{question} otherwise", ((question, "x"),), engine)


def test_open_questions_say_where_they_could_lead_the_most_telling_first() -> None:
    rec = recommendation(
        settled=False,
        next_question="priority",
        flips=(flip("os", "ollama"), flip("os", "llama.cpp"), flip("users", "ollama")),
    )
    found = [(one.question.id, one.engines, one.decides) for one in still_open(rec)]
    assert found == [("priority", (), True), ("os", ("ollama", "llama.cpp"), False)]


def test_nothing_is_open_once_it_is_settled() -> None:
    assert still_open(recommendation(flips=(flip("os", "ollama"),))) == ()


def test_an_open_question_really_changes_the_verdict() -> None:
    answers = parse([("users", "4"), ("hardware", "nvidia")])
    rec = recommend(answers)
    assert not rec.settled
    some = [one for one in still_open(rec) if one.engines]
    assert some
    for one in some:
        change = next(f for f in rec.flips if f.answers[0][0] == one.question.id)
        changed = recommend(answers.replaced(*change.answers))
        assert changed.engine is not None
        assert changed.engine.id == change.engine
        assert changed.engine.id in one.engines


def test_where_nothing_fits_there_is_no_verdict_lane() -> None:
    rec = replace(recommendation(), engine=None)
    assert not any(lane.is_verdict for lane in board(rec))
