"""The questions as one page: three at first, the others in parts."""

from __future__ import annotations

from itertools import pairwise

from django.http import QueryDict

from guide.asked import read
from guide.presentation.form import PARTS, fields, parts
from recommender.answers import questions


def test_three_questions_make_the_quick_path() -> None:
    quick = [question.id for question in questions() if question.stage == "quick"]
    assert quick == ["purpose", "users", "hardware"]


def test_every_other_question_is_in_one_part() -> None:
    thorough = [question.id for question in questions() if question.stage == "thorough"]
    placed = [id_ for _, ids in PARTS for id_ in ids]
    assert sorted(placed) == sorted(thorough)


def test_the_parts_number_their_questions_on() -> None:
    found = parts(fields(read(QueryDict("")), decides=None), 4)
    starts = [part.start for part in found]
    assert starts[0] == 4
    assert [b - a for a, b in pairwise(starts)] == [len(part.fields) for part in found[:-1]]
