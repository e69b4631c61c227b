"""The examples of the docs: only the situations are written, the answers are worked out."""

from __future__ import annotations

from guide.presentation.tour import CASES, examples
from recommender.evidence import NoEvidence
from recommender.recommend import recommend


def test_each_example_is_what_the_decision_says_now() -> None:
    for example in examples(NoEvidence()):
        now = recommend(example.case.parsed)
        assert example.rec.headline == now.headline
        assert example.rec.engine == now.engine


def test_three_situations_end_in_three_places() -> None:
    found = examples(NoEvidence())
    engines = [example.rec.engine.id for example in found if example.rec.engine]
    assert len(found) == 3
    assert len({*engines}) == 3


def test_its_answers_are_told_in_the_words_of_the_questions() -> None:
    for example in examples(NoEvidence()):
        assert len(example.given) == len({name for name, _ in example.case.answers})
        assert all(len(side.opinions) <= 5 for side in example.sides)


def test_one_changed_answer_for_each_engine_that_could_win() -> None:
    for example in examples(NoEvidence()):
        engines = [change.flip.engine for change in example.closest]
        assert len({*engines}) == len(engines)


def test_no_two_cases_share_an_anchor() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
