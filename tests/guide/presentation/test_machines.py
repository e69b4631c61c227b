"""Hardware advice on the page: links that carry the need along, pictures that tell the truth."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from guide.presentation.machines import WIDTH, machines
from recommender.advice.attach import advised
from recommender.answers import parse
from recommender.recommend import recommend
from tests.guide.made import recommendation

QUERY = "hardware=none-yet&users=10&model=llama-3.3-70b&tokens_per_user=15&ttft_ms=1000"


def view(query: str = QUERY):  # type: ignore[no-untyped-def]
    answers = parse(parse_qsl(query))
    found = machines(advised(recommend(answers), answers))
    assert found is not None
    return found


def test_without_advice_there_is_nothing_to_show() -> None:
    assert machines(recommendation()) is None


def test_each_machine_leads_to_its_own_recipe_for_the_same_need() -> None:
    for family in view().found:
        said = dict(parse_qsl(family.smallest.query))
        assert "hardware" not in said
        assert said["device"]
        assert {k: said[k] for k in ("users", "model", "tokens_per_user", "ttft_ms")} == {
            "users": "10",
            "model": "llama-3.3-70b",
            "tokens_per_user": "15",
            "ttft_ms": "1000",
        }


def test_a_model_that_nobody_named_is_named_so_that_the_advice_holds() -> None:
    found = view("hardware=none-yet&users=2")
    assert all("model=" in family.smallest.query for family in found.found)


def test_what_meets_the_target_is_drawn_right_of_the_line() -> None:
    for family in view().found:
        for margin in family.smallest.margins:
            assert 0 <= margin.low <= margin.high <= WIDTH
            if margin.at is not None:
                assert margin.at >= WIDTH / 2
                assert margin.low <= margin.at <= margin.high
                assert margin.sure is (margin.low >= WIDTH / 2)


def test_memory_is_drawn_as_the_share_that_is_taken() -> None:
    rec_view = view("hardware=none-yet&model=qwen3-8b&users=1").found[0].smallest.margins[0]
    assert rec_view.at is None
    assert 0 < rec_view.high / WIDTH == pytest.approx(6.7 / 7.7, abs=0.1)
