"""Figures, marks and names as every page writes them."""

from __future__ import annotations

import pytest

from guide.templatetags import guide_marks
from recommender import rulebook
from recommender.recommendation import Basis, Figure


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "not known"), (0.424, "0.42"), (5.27, "5.3"), (20, "20.0"), (1749.6, "1,750")],
)
def test_it_shows_no_more_digits_than_are_worth_it(value: float | None, shown: str) -> None:
    assert guide_marks.figure(value) == shown


@pytest.mark.parametrize(
    ("ms", "shown"), [(51.4, "51 ms"), (999.4, "999 ms"), (1300, "1.3 s"), (155_000, "155 s")]
)
def test_it_says_latencies_as_a_person_would(ms: float, shown: str) -> None:
    assert guide_marks.milliseconds(ms) == shown


def test_every_engine_has_a_shape_of_its_own() -> None:
    marks = [guide_marks.engine_mark(engine) for engine in rulebook.load().engines]
    assert len(set(marks)) == len(marks) == 7


@pytest.mark.parametrize("basis", list(Basis))
def test_every_basis_is_said_in_words_beside_its_mark(basis: Basis) -> None:
    shown = guide_marks.basis(basis)
    assert "<svg" in shown
    assert shown.partition("</svg>")[2].removesuffix("</span>").strip()


def test_measured_and_estimated_do_not_look_alike() -> None:
    measured, estimated, claimed, calibrated = (
        guide_marks.basis_mark(basis)
        for basis in (Basis.MEASURED_HERE, Basis.ESTIMATED, Basis.CLAIMED, Basis.CALIBRATED)
    )
    assert len({measured, estimated, claimed, calibrated}) == 4


def test_it_links_a_rule_to_where_it_stands() -> None:
    assert 'href="/articles/a2/#a2.r1"' in guide_marks.rule_id("a2.r1")
    limit = rulebook.load().limits[0]
    assert f'href="/engines/{limit.engine}/#{limit.id}"' in guide_marks.rule_id(limit.id)
    assert "href" not in guide_marks.rule_id("house.simplicity")


def test_it_escapes_what_it_is_given() -> None:
    assert "<b>" not in guide_marks.engine("<b>")
    assert "<b>" not in guide_marks.rule_id("<b>.x")


def test_it_marks_an_unstable_measurement_beside_the_figure() -> None:
    shaky = Figure(20.0, None, None, "tok/s", Basis.MEASURED_HERE, "unstable: repeat it")
    assert guide_marks.caveat(shaky) == ' <span class="caveat">unstable: repeat it</span>'


@pytest.mark.parametrize(
    "figure",
    [
        Figure(20.0, None, None, "tok/s", Basis.MEASURED_HERE),
        Figure(20.0, 10.0, 30.0, "tok/s", Basis.ESTIMATED, "from bandwidth"),
        Figure(None, None, None, "tok/s", Basis.UNKNOWN, "not known"),
    ],
)
def test_it_marks_nothing_that_is_as_good_as_it_looks(figure: Figure) -> None:
    assert guide_marks.caveat(figure) == ""
