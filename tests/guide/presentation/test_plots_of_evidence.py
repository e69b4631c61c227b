"""The pictures of claims and of accuracy, mark by mark."""

from __future__ import annotations

from benchruns.pictures.plot import cells, heads
from guide.presentation.accuracy import kind_view
from guide.presentation.claims_charts import limits_chart, ratio_chart
from guide.presentation.claims_plot import claims_plot
from recommender.accuracy import load as rows
from recommender.ledger.load import load

LEDGER = load()


def test_every_mark_of_the_drawn_picture_is_one_to_read() -> None:
    for chart in (limits_chart(LEDGER), ratio_chart(LEDGER, "vllm", "ollama", ())):
        plot = claims_plot(chart)
        assert sum(len(series.readings) for series in plot.series) == sum(
            len(row.marks) for row in chart.rows
        )
        assert {series.basis for series in plot.series} <= {"claimed", "published", "measured"}


def test_the_claims_articles_are_named_in_the_rows() -> None:
    plot = claims_plot(ratio_chart(LEDGER, "vllm", "ollama", ()))
    claimed = next(series for series in plot.series if series.basis == "claimed")
    names = [plot.rows[one.row][0] for one in claimed.readings]
    assert all(name[:2] in {"a1", "a2", "a3", "a4", "a5"} for name in names)
    assert all(one.href.startswith("#a") for one in claimed.readings)


def test_at_least_has_no_end_in_the_table() -> None:
    plot = claims_plot(ratio_chart(LEDGER, "vllm", "ollama", ()))
    open_ended = [one for series in plot.series for one in series.readings if one.open]
    assert open_ended
    ends = {str(row[-1]): row[3] for row in cells(plot)}
    assert all(ends[one.said] is None for one in open_ended)
    assert heads(plot)[0] == "row"


def test_a_claim_beyond_the_limit_keeps_its_true_figure() -> None:
    plot = claims_plot(limits_chart(LEDGER))
    assert max(one.x for series in plot.series for one in series.readings) > 3
    assert [rule.x for rule in plot.rules] == [1.0]


def test_every_unseen_row_with_a_prediction_is_a_point() -> None:
    plot = kind_view("decode").picture.plot
    expected = [row for row in rows().rows if row.kind == "decode" and row.predicted]
    found = [one for series in plot.series for one in series.readings]
    assert len(found) == len(expected)
    assert all("published" in one.said and "predicted" in one.said for one in found)
    assert {rule.factor for rule in plot.rules} == {0.5, 1.0, 2.0}
