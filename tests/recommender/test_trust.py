"""How far a measurement is borne out by others, and what that lets it decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from recommender import trust
from recommender.evidence import MeasuredPoint, Measurement
from recommender.trust import Allowances, Tier, Witness, agree, standing
from tests.recommender.made import engine, measurement, point, told

CASE = "hardware=cpu&os=linux&memory_gb=24&users=4&model=llama-3.2-3b&quant=Q4_K_M"


def seen(
    pace: float = 20.0, *, host: int = 1, team: int = 1, samples: str = "", **changes: Any
) -> Witness:
    """One client at that many tokens/s; each with samples of its own unless told otherwise."""
    made = measurement("llama.cpp", point(1, pace), **changes)
    return Witness(made, host, team, samples or f"{host} {pace}")


def within(low: float, high: float) -> Measurement:
    """A median known so well."""
    known = replace(point(1, (low + high) / 2), tok_s_per_user_low=low, tok_s_per_user_high=high)
    return measurement("llama.cpp", known)


# Agreeing


def test_medians_agree_where_their_intervals_meet() -> None:
    assert agree(within(18, 20), within(19, 22), 0.0) is True
    assert agree(within(18, 20), within(21, 22), 0.0) is False


def test_an_allowance_widens_both_intervals() -> None:
    one, other = within(19, 20), within(21, 22)
    assert agree(one, other, 0.02) is False
    assert agree(one, other, 0.05) is True


def test_a_slow_first_token_is_no_agreement() -> None:
    quick = measurement("llama.cpp", point(1, 20.0, 200.0))
    slow = measurement("llama.cpp", point(1, 20.0, 500.0))
    assert agree(quick, slow, 0.05) is False


def test_one_load_that_contradicts_is_enough() -> None:
    one = measurement("llama.cpp", point(1, 20.0), point(4, 10.0))
    other = measurement("llama.cpp", point(1, 20.0), point(4, 5.0))
    assert agree(one, other, 0.08) is False


def test_nothing_in_common_says_nothing() -> None:
    one, other = measurement("llama.cpp", point(1, 20.0)), measurement("llama.cpp", point(2, 9.0))
    assert agree(one, other, 0.05) is None


def test_a_disturbed_point_says_nothing() -> None:
    disturbed = replace(point(1, 5.0), disturbed=True)
    assert agree(measurement("llama.cpp", disturbed), seen(20.0).measurement, 0.05) is None


def test_a_figure_nobody_measured_says_nothing() -> None:
    blank = MeasuredPoint(1, None, None, None, None, None, stable=True)
    assert agree(measurement("llama.cpp", blank), seen().measurement, 0.05) is None


# Standing


def test_alone_it_is_unverified_and_decides_nothing_for_others() -> None:
    stands = standing(seen(), [])
    assert (stands.tier, stands.backed, stands.disputed) == (Tier.UNVERIFIED, False, False)


def test_a_second_run_that_agrees_repeats_it() -> None:
    stands = standing(seen(20.0), [seen(20.5)])
    assert (stands.tier, stands.backed) == (Tier.REPEATED, True)


def test_the_same_samples_again_are_no_second_run() -> None:
    stands = standing(seen(samples="x"), [seen(samples="x", host=2, team=2)])
    assert stands.tier is Tier.UNVERIFIED


def test_another_machine_that_agrees_reproduces_it() -> None:
    stands = standing(seen(20.0), [seen(21.0, host=2, team=2)])
    assert (stands.tier, stands.backed) == (Tier.REPRODUCED, True)


def test_another_machine_of_the_same_team_does_not_back_it_for_others() -> None:
    stands = standing(seen(20.0), [seen(21.0, host=2)])
    assert (stands.tier, stands.backed) == (Tier.REPRODUCED, False)


def test_files_alone_back_nothing_however_often_they_are_brought() -> None:
    stands = standing(seen(20.0, uploaded=True), [seen(20.2, uploaded=True)])
    assert (stands.tier, stands.backed) == (Tier.REPEATED, False)
    assert standing(seen(20.0, uploaded=True), [seen(20.2)]).backed


def test_a_machine_that_contradicts_disputes_both() -> None:
    one, other = seen(20.0), seen(40.0, host=2, team=2)
    assert standing(one, [other]).disputed
    assert standing(other, [one]).disputed
    assert not standing(one, [other]).backed


def test_who_stands_alone_against_two_is_disputed_and_they_are_not() -> None:
    one, two, odd = seen(20.0), seen(20.4, host=2, team=2), seen(40.0, host=3, team=3)
    assert not standing(one, [two, odd]).disputed
    assert standing(odd, [one, two]).disputed


def test_a_machine_is_heard_by_its_newest_word() -> None:
    """It was measured anew, and agrees now."""
    stands = standing(seen(20.0), [seen(20.3, host=2), seen(40.0, host=2)])
    assert (stands.tier, stands.disputed) == (Tier.REPRODUCED, False)


def test_a_machine_that_contradicts_itself_is_disputed() -> None:
    assert standing(seen(20.0), [seen(30.0)]).disputed


def test_another_version_of_the_engine_may_be_faster() -> None:
    assert not standing(seen(20.0), [seen(40.0, host=2, engine_version="b2")]).disputed


# The data


def test_its_allowances_name_sources_that_are_listed() -> None:
    known = trust.load()
    assert 0 < known.between_runs.share < known.between_hosts.share
    raw = known.model_dump()
    raw["between_runs"]["source"] = "nobody"
    with pytest.raises(ValidationError, match="does not list"):
        Allowances.model_validate(raw)


# Words


def test_it_says_who_stands_behind_a_measurement() -> None:
    plain = measurement("llama.cpp", point(1, 20.0))
    assert trust.words(plain) == "Unverified: measured once, on one machine."
    doubted = replace(plain, disputed=True, uploaded=True, bears=False, visibility="team")
    said = trust.words(doubted)
    for part in ("disputed", "uploaded by its owner", "measured by your team, not public"):
        assert part in said
    assert "decides nothing until" in said


# Deciding


def test_what_does_not_bear_overturns_no_verdict_and_is_shown() -> None:
    before = told(CASE)
    slow = measurement(str(engine(before)), point(4, 0.5), bears=False)
    rec = told(f"{CASE}&tokens_per_user=1", slow)
    assert engine(rec) == engine(told(f"{CASE}&tokens_per_user=1"))
    assert rec.speed is not None
    assert [found.tok_s_per_user.value for found in rec.speed.measured] == [0.5]
    assert not rec.speed.measured_decides
    assert rec.speed.tok_s_per_user.value != 0.5
    assert any("not relied on" in warning for warning in rec.warnings)


def test_the_same_measurement_decides_where_it_bears() -> None:
    before = told(f"{CASE}&tokens_per_user=1")
    slow = measurement(str(engine(before)), point(4, 0.5))
    assert engine(told(f"{CASE}&tokens_per_user=1", slow)) != engine(before)


def test_what_does_not_bear_refines_no_estimate() -> None:
    slow = measurement(str(engine(told(CASE))), point(4, 0.5), quant="Q8_0", bears=False)
    assert told(CASE, slow).speed == told(CASE).speed


def test_what_bears_comes_before_what_does_not() -> None:
    name = str(engine(told(CASE)))
    newer, older = measurement(name, point(4, 99.0), bears=False), measurement(name, point(4, 5.0))
    rec = told(CASE, newer, older)
    assert rec.speed is not None
    assert rec.speed.tok_s_per_user.value == 5.0


def test_it_says_what_is_not_public() -> None:
    own = measurement(str(engine(told(CASE))), point(4, 5.0), visibility="team", tier="repeated")
    rec = told(CASE, own)
    assert rec.speed is not None
    assert "measured by your team, not public" in rec.speed.measured_trust
    assert rec.speed.measured_tier == "repeated"
    assert any("others may be told otherwise" in warning for warning in rec.warnings)
