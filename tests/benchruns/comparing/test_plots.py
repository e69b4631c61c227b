from __future__ import annotations

from benchruns.comparing.arms import comparison
from benchruns.comparing.chart import LEFT, RIGHT
from benchruns.comparing.plots import pictures
from tests.benchruns.comparing.shown import shown


def test_it_says_every_figure_in_words_with_what_it_rests_on() -> None:
    made = comparison([shown("a", {1: 25.0, 2: 50.0}), shown("b", {1: 30.0}, engine="vllm")])
    (first, *_) = pictures(made)
    said = [one.said for series in first.plot.series for one in series.readings]
    assert said[0].startswith("llama.cpp, 1 client: 25 tok/s")
    assert all("measured" in words for words in said)
    assert len(said) == 3


def test_it_names_the_best_above_the_picture() -> None:
    made = comparison([shown("a", {4: 25.0}), shown("b", {4: 90.0}, engine="vllm")])
    (first, *_) = pictures(made)
    assert first.sentence == "Tokens/s in all: most with vllm, 90 tok/s with 4 clients at once."


def test_one_measurement_is_a_picture_too() -> None:
    (first, *_) = pictures(comparison([shown("a", {1: 25.0, 4: 80.0})]))
    assert first.sentence == "Tokens/s in all: 80 tok/s with 4 clients at once."


def test_one_number_of_clients_lies_in_the_middle_for_the_script_too() -> None:
    axis = pictures(comparison([shown("a", {4: 25.0})]))[0].plot.x
    assert (axis.low, axis.high) == (2, 8)
    assert (axis.start, axis.end) == (LEFT, RIGHT)
