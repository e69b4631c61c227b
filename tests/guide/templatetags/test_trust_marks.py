"""The mark of a tier: a shape that fills, and always its word."""

from __future__ import annotations

import pytest

from guide.templatetags.trust_marks import tier
from recommender.trust import Tier


@pytest.mark.parametrize("found", list(Tier))
def test_it_has_its_word_and_its_meaning(found: Tier) -> None:
    text = tier(found)
    assert f"</svg>{found}</span>" in text
    assert 'title="' in text
    assert "disputed" not in text


def test_no_two_tiers_have_the_same_shape() -> None:
    assert len({tier(found).partition("</svg>")[0].partition("<svg")[2] for found in Tier}) == 3


def test_what_is_disputed_says_so_beside_its_tier() -> None:
    text = tier(Tier.REPEATED, disputed=True)
    assert ">repeated</span>" in text
    assert ">disputed</span>" in text


def test_what_has_no_tier_has_no_mark() -> None:
    assert tier("") == ""
