"""Claims as pictures."""

from __future__ import annotations

from guide.presentation.claims_charts import LEFT, RIGHT, limits_chart, ratio_chart
from recommender.ledger.load import load
from tests.recommender.ledger.made import measurement, point

LEDGER = load()


def test_what_is_impossible_stands_right_of_the_limit() -> None:
    chart = limits_chart(LEDGER)
    right = {
        row.label
        for row in chart.rows
        for mark in row.marks
        if mark.kind == "claimed" and chart.ceiling and mark.x > chart.ceiling
    }
    assert right == {"a2.c1 vLLM", "a4.c1 llama.cpp", "a4.c3 vLLM, 32 at once"}


def test_nothing_published_exceeds_the_limit() -> None:
    chart = limits_chart(LEDGER)
    published = [m for row in chart.rows for m in row.marks if m.kind == "published"]
    assert published
    assert all(chart.ceiling and mark.x <= chart.ceiling for mark in published)


def test_a_claim_far_beyond_stays_in_the_picture_with_its_number() -> None:
    far = limits_chart(LEDGER).rows[-1].marks[0]
    assert far.x == RIGHT
    assert far.label == "250 tok/s claimed, 3.5× the limit"


def test_every_claimed_ratio_is_drawn_and_at_least_goes_on() -> None:
    rows = ratio_chart(LEDGER, "vllm", "ollama", ()).rows
    claimed = [row for row in rows if row.marks[0].kind == "claimed"]
    assert [row.href for row in claimed] == [
        "#a1.c1",
        "#a1.c2",
        "#a3.c1",
        "#a4.c4",
        "#a2.c5",
        "#a4.c4",
        "#a2.c5",
        "#a2.c4",
    ]
    (open_ended,) = (row.marks[0] for row in claimed if row.marks[0].open_end)
    assert open_ended.label == "10× or more"
    assert open_ended.to == RIGHT


def test_marks_and_rows_stay_inside() -> None:
    for chart in (limits_chart(LEDGER), ratio_chart(LEDGER, "vllm", "llama.cpp", ())):
        for row in chart.rows:
            assert 0 < row.y < chart.bottom
            assert all(LEFT <= mark.x <= RIGHT for mark in row.marks)


def test_every_row_is_told_in_words() -> None:
    for row in ratio_chart(LEDGER, "vllm", "ollama", ()).rows:
        assert row.told.startswith(("claimed: ", "published: "))


def test_a_run_of_this_sites_hosts_is_drawn_beside_the_others() -> None:
    runs = [measurement("vllm", point(4, 400)), measurement("ollama", point(4, 100))]
    rows = ratio_chart(LEDGER, "vllm", "ollama", runs).rows
    (measured,) = (row for row in rows if row.marks[0].kind == "measured")
    assert (measured.label, measured.href) == ("alice, 4 clients", "/runs/1/")
    assert measured.marks[0].label == "4×"


def test_several_figures_of_one_machine_are_one_row() -> None:
    rows = ratio_chart(LEDGER, "vllm", "llama.cpp", ()).rows
    labels = [row.label for row in rows]
    assert len(labels) == len(set(labels))
