from __future__ import annotations

import pytest

from benchruns.host.load.pace import Pace, share_s
from tests.benchruns.host.instrument import answer


def test_it_goes_on_until_there_are_as_many_answers_as_wanted() -> None:
    pace = Pace(at_least=6, box_s=100, hard_s=200)
    assert pace([answer()] * 5, 1.0)
    assert not pace([answer()] * 6, 1.0)


def test_it_wants_as_many_answers_as_an_interval_needs_even_when_asked_for_one() -> None:
    pace = Pace(at_least=1, box_s=100, hard_s=200)
    assert pace([answer()] * 4, 1.0)
    assert not pace([answer()] * 5, 1.0)


def test_it_goes_on_while_the_answers_differ() -> None:
    pace = Pace(at_least=2, box_s=100, hard_s=200)
    wild = [answer(gap_s=gap) for gap in (0.01, 0.05, 0.02, 0.09)]
    assert pace(wild, 1.0)


def test_answers_of_one_wave_count_as_one_when_it_comes_to_how_well_they_are_known() -> None:
    """Six waves of eight, each of a mood of its own: forty-eight answers that are six."""
    waves = [
        answer(start_s=wave, gap_s=0.02 * mood)
        for wave, mood in enumerate((1.0, 1.1, 0.9, 1.05, 0.95, 1.02))
        for _ in range(8)
    ]
    assert not Pace(at_least=8, box_s=100, hard_s=200)(waves, 1.0)
    assert Pace(at_least=8, box_s=100, hard_s=200, together=8)(waves, 1.0)


def test_it_wants_five_answers_of_each_client_beside_those_that_cool_down() -> None:
    pace = Pace(at_least=1, box_s=100, hard_s=200, together=4)
    assert pace([answer()] * 22, 1.0)
    assert not pace([answer()] * 23, 1.0)


def test_it_does_not_go_on_for_ever_where_they_always_differ() -> None:
    pace = Pace(at_least=2, box_s=100, hard_s=200)
    wild = [answer(gap_s=gap) for gap in (0.01, 0.05, 0.02, 0.09)]
    assert pace(wild * 24, 1.0)
    assert not pace(wild * 25, 1.0)


def test_it_begins_nothing_that_would_not_end_in_its_time() -> None:
    pace = Pace(at_least=50, box_s=10, hard_s=20)
    ten_seconds = answer(ttft_s=9.9, gap_s=0.025)
    assert pace([ten_seconds] * 3, 1.0)
    assert not pace([ten_seconds] * 3, 3.0)


def test_the_few_answers_that_say_anything_may_take_longer() -> None:
    pace = Pace(at_least=50, box_s=10, hard_s=20)
    ten_seconds = answer(ttft_s=9.9, gap_s=0.025)
    assert pace([ten_seconds], 10.0)
    assert not pace([ten_seconds], 13.0)


def test_it_gives_up_when_most_requests_fail() -> None:
    pace = Pace(at_least=50, box_s=100, hard_s=200)
    assert not pace([answer(outcome="failed")] * 3, 1.0)
    assert pace([answer()] * 5 + [answer(outcome="failed")] * 3, 1.0)


def test_it_shares_what_time_is_left_among_the_points_that_are_left() -> None:
    assert share_s(30.0, points_left=3) == pytest.approx(10)
    assert share_s(20.0, points_left=1) == pytest.approx(20)
    assert share_s(3000.0, points_left=1) == 60
    assert share_s(-1.0, points_left=2) == 0
