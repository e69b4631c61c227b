"""Memory against users: what stays, what grows, where it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guide.presentation.memory_growth import BOTTOM, TOP, memory_growth
from recommender.answers import parse
from recommender.recommend import recommend
from recommender.recommendation import Recommendation

ANSWERS = [
    ("users", "30"),
    ("hardware", "nvidia"),
    ("device", "rtx-4090"),
    ("model", "llama-3.1-8b"),
    ("os", "linux"),
]


@pytest.fixture(scope="module")
def rec() -> Recommendation:
    found = recommend(parse(ANSWERS))
    assert found.memory is not None
    assert found.memory.holds
    return found


def test_only_the_cache_grows_and_by_the_same_for_each_user(rec: Recommendation) -> None:
    growth = memory_growth(rec)
    assert growth is not None
    *fixed, cache = growth.plot.series
    assert cache.name == "KV cache"
    assert all(len({one.y for one in series.readings}) == 1 for series in fixed)
    each = {round(one.y / one.x, 3) for one in cache.readings}
    assert max(each) - min(each) < 0.002


def test_as_many_fit_as_the_recipe_says(rec: Recommendation) -> None:
    growth = memory_growth(rec)
    assert growth is not None
    assert rec.memory is not None
    told = {row.context: row.users for row in rec.memory.holds}
    assert abs(growth.fit - told[8192]) <= 1
    assert f"{growth.fit} users fit" in growth.sentence


def test_it_shows_who_is_wanted_and_what_no_longer_fits(rec: Recommendation) -> None:
    growth = memory_growth(rec)
    assert growth is not None
    users = [column.users for column in growth.columns]
    assert 30 in users
    assert users[0] == 1
    assert users[-1] > growth.fit
    over = growth.plot.series[-1].readings[-1].said
    assert "GiB too much" in over


def test_the_columns_stay_inside_and_stand_on_the_ground(rec: Recommendation) -> None:
    growth = memory_growth(rec)
    assert growth is not None
    for column in growth.columns:
        first = column.blocks[0]
        assert first.y + first.height == pytest.approx(BOTTOM)
        assert all(block.y >= TOP and block.height >= 0 for block in column.blocks)


def test_parts_keep_the_colours_of_the_bar_above(rec: Recommendation) -> None:
    growth = memory_growth(rec)
    assert growth is not None
    assert rec.memory is not None
    number = {part.label: f"part-{i}" for i, part in enumerate(rec.memory.parts, 1)}
    assert {series.name: series.css for series in growth.plot.series} == number


def test_the_length_that_was_asked_for_counts(rec: Recommendation) -> None:
    longer = replace(rec, answers=(*rec.answers, ("context", "16384")))
    usual, long_ = memory_growth(rec), memory_growth(longer)
    assert usual is not None
    assert long_ is not None
    assert long_.fit < usual.fit
    assert "16,384 tokens" in long_.sentence


def test_there_is_no_picture_of_what_is_not_known(rec: Recommendation) -> None:
    assert rec.memory is not None
    assert memory_growth(replace(rec, memory=None)) is None
    unknown = replace(rec.memory, kv_gib_per_1k_tokens=None)
    assert memory_growth(replace(rec, memory=unknown)) is None
    nowhere = replace(rec.memory, available_gib=None)
    assert memory_growth(replace(rec, memory=nowhere)) is None
