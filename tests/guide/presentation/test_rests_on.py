"""What a recipe rests on is told with its basis and its date."""

from __future__ import annotations

from guide.presentation.rests_on import grounds
from recommender import accuracy, rulebook
from recommender.recommendation import Basis, Reason
from tests.guide.made import point, recommendation, speed


def test_measured_stands_before_estimated() -> None:
    rec = recommendation(
        speed=speed(
            measured=(point(1, 30.0, Basis.MEASURED_HERE),),
            measured_where="forge, 20 November 2026",
            measured_weights="synthetic weights",
            measured_url="/runs/1/",
        )
    )
    measured, estimated = (ground for ground in grounds(rec) if ground.what == "Speed")
    assert measured.basis == Basis.MEASURED_HERE
    assert measured.text == "forge, 20 November 2026, with synthetic weights"
    assert measured.url == "/runs/1/"
    assert (estimated.basis, estimated.when) == (Basis.ESTIMATED, accuracy.load().edition)


def test_each_source_of_a_rule_once_with_the_day_it_was_compared() -> None:
    because = tuple(Reason(f"a2.r{n}", "a2", "text", "https://x/", "Title") for n in (1, 2))
    found = [g for g in grounds(recommendation(because=because)) if g.what == "Rules"]
    assert [g.text for g in found] == ["Title"]
    assert found[0].when == str(rulebook.load().sources["a2"].checked)
    assert found[0].basis is None


def test_a_source_that_is_gone_has_no_date() -> None:
    because = (Reason("old.r1", "gone", "text"),)
    found = [g for g in grounds(recommendation(because=because)) if g.what == "Rules"]
    assert [(g.text, g.when) for g in found] == [("gone", "")]


def test_what_is_not_known_is_no_ground() -> None:
    assert grounds(recommendation(speed=None, memory=None)) == ()
