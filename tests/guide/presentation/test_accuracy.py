"""The accuracy page's figures come from the rows alone, its picture puts each where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.presentation import accuracy as page
from guide.presentation.accuracy_chart import BOTTOM, LEFT, RIGHT, TOP, scatter
from recommender.accuracy import Row, load, of_kind, summary, worst
from recommender.calibrate.samples import Published


def row(**changes: object) -> Row:
    made = {
        "id": "made-1", "kind": "decode", "engine": "llama.cpp", "backend": "cuda",
        "device_class": "gddr", "device": "a card", "model": "a model", "params_b": 8.0,
        "quant": "Q4_K_M", "concurrency": 1, "published": 100.0, "predicted": 100.0,
        "low": 80.0, "high": 120.0, "baseline": 150.0, "unit": "tok/s",
        "source": "https://example.org/somebody/bench/blob/1/README.md",
    }  # fmt: skip
    return Row.model_validate({**made, **changes})


def test_a_right_prediction_lies_on_the_diagonal() -> None:
    chart = scatter([row(), row(published=10.0, predicted=10.0)])
    for point in chart.points:
        assert (point.x - LEFT) / (RIGHT - LEFT) == pytest.approx(
            (BOTTOM - point.y) / (BOTTOM - TOP), abs=0.002
        )


def test_too_high_a_prediction_lies_above_it() -> None:
    high, low = scatter([row(predicted=200.0), row(predicted=50.0)]).points
    assert high.y < low.y
    assert high.x == low.x


def test_every_point_stays_inside_the_frame() -> None:
    chart = scatter(load().rows)
    assert len(chart.points) == sum(1 for r in load().rows if r.predicted)
    for point in chart.points:
        assert LEFT <= point.x <= RIGHT
        assert TOP <= point.y <= BOTTOM
    for line in (chart.right, chart.twice, chart.half):
        assert all(LEFT <= x <= RIGHT for x in (line.x1, line.x2))
        assert all(TOP <= y <= BOTTOM for y in (line.y1, line.y2))


def test_no_row_is_no_point() -> None:
    assert scatter([row(predicted=None)]).points == ()


def test_its_errors_are_those_of_the_rows() -> None:
    context = page.accuracy_context()
    for view in context["kinds"]:
        assert view.line.errors == summary(of_kind(load().rows, view.kind))
    assert context["speeds"] + context["memories"] == len(load().rows)


def test_groups_have_every_row_once() -> None:
    for view in page.accuracy_context()["kinds"]:
        whole = view.line.errors
        assert view.groupings
        for grouping in view.groupings:
            rows = sum(line.errors.n + line.errors.missing for line in grouping.lines)
            assert rows == whole.n + whole.missing, grouping.label


def test_the_worst_are_named_with_their_factor_and_a_word_on_why() -> None:
    found = page.accuracy_context()["worst"]
    assert [one.row for one in found] == list(worst(load().rows))
    assert all("times too" in one.off for one in found)
    assert all(one.why for one in found)


def test_a_source_that_leans_as_a_whole_is_said_to() -> None:
    rows = [row(id=f"r{n}", predicted=200.0) for n in range(4)]
    other = row(id="else", source="https://example.org/other/bench/", predicted=100.0)
    assert "are foretold too high as well" in page._worst(rows[0], [*rows, other]).why
    assert (
        "not off like this one"
        in page._worst(
            row(id="odd", predicted=300.0),
            [*(r.model_copy(update={"predicted": 99.0}) for r in rows)],
        ).why
    )


def test_beside_how_much_is_inside_stands_how_wide_the_interval_is() -> None:
    rows = [
        row(id=f"r{n}", predicted=100.0, low=90.0, high=high)
        for n, high in enumerate((110.0, 130.0, 500.0))
    ]
    assert page._line("", rows).width == pytest.approx(0.2)
    assert page._line("", [row(predicted=None, low=None, high=None)]).width is None


def test_a_source_s_other_bad_rows_are_counted_though_most_of_it_is_right() -> None:
    right = [row(id=f"r{n}", predicted=100.0) for n in range(5)]
    bad = row(id="bad", predicted=230.0)
    said = page._worst(row(id="odd", predicted=300.0), [*right, bad]).why
    assert "other 6 rows, 1 is foretold at least 2 times too much as well." in said
    assert "not off like this one" not in said


def test_an_engine_that_nobody_else_measured_there_is_said_so() -> None:
    assert "No other source" in page._worst(row(predicted=500.0), [row(predicted=500.0)]).why


def test_rows_are_the_worst_first_and_of_one_kind() -> None:
    errors = [found.error or 0.0 for found in page.rows_of("decode")]
    assert errors == sorted(errors, reverse=True)
    assert {found.kind for found in page.rows_of("decode")} == {"decode"}
    with pytest.raises(ValueError, match="There is no kind 'speed'"):
        page.rows_of("speed")


def test_no_error_is_typed_into_a_template() -> None:
    templates = Path(__file__).parents[3] / "templates" / "guide"
    for name in ("accuracy.html", "_accuracy_line.html", "_accuracy_heads.html"):
        text = (templates / name).read_text()
        for digits in ("median:", "median ", "within "):
            for rest in text.split(digits)[1:]:
                assert not rest.lstrip()[:1].isdigit(), (name, digits)


def test_a_row_that_nothing_explains_is_said_to_be_one() -> None:
    odd = row(predicted=300.0, baseline=None)
    near = row(id="near", source="https://example.org/other/bench/")
    assert page._worst(odd, [odd, near]).why == page.NOBODY_KNOWS


def test_sources_are_those_who_measured_as_the_fit_has_them() -> None:
    for found in load().rows:
        said = Published(
            id=found.id, kind=found.kind, value=found.published, unit="", source=found.source
        )
        assert found.group == said.group
