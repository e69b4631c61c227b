"""How far stored results are borne out, as results come, go and are shared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from benchruns import evidence, trust
from benchruns.enrolment import revoke
from benchruns.evidence import DatabaseEvidence
from benchruns.models import Result, Team, Visibility
from benchruns.sharing import share
from benchruns.tasks import settle_evidence
from recommender.evidence import Measurement
from recommender.measured import of_engine
from tests.benchruns.made import Machine, as_sent, document, plan
from tests.benchruns.people import member, person, team

pytestmark = pytest.mark.django_db


def another() -> Team:
    """A team that shares what it measures with everybody."""
    public = Visibility.PUBLIC
    return Team.objects.create(name="Beta", slug="beta", default_visibility=public)


def measured(machine: Machine, itl_s: float = 0.05, minute: int = 0, **changes: Any) -> Result:
    what = changes.pop("plan", plan())
    ended = document().finished_at + timedelta(minutes=minute)
    made = document(what, itl_s=itl_s, finished_at=ended, **changes)
    run = machine.claimed(team=machine.row.team, plan=what)
    assert machine.about(run, "result", document=as_sent(made)).status_code == 200
    return Result.objects.get(run=run)


def stands(result: Result) -> tuple[str, bool, bool]:
    result.refresh_from_db()
    return result.tier, result.backed, result.disputed


def found(reader: Any = None) -> tuple[Measurement, ...]:
    database = DatabaseEvidence(reader) if reader else DatabaseEvidence()
    return database.measurements(hardware="cpu", device=None, model="llama-3.2-1b")


def test_a_second_run_repeats_the_first() -> None:
    alice = Machine()
    first = measured(alice)
    assert stands(first) == ("unverified", False, False)
    second = measured(alice, 0.0505, minute=5)
    assert stands(first) == stands(second) == ("repeated", True, False)


def test_a_copy_of_the_same_samples_repeats_nothing() -> None:
    alice = Machine()
    first, second = measured(alice), measured(alice, minute=5)
    assert stands(first) == stands(second) == ("unverified", False, False)


def test_a_machine_of_another_team_reproduces_it() -> None:
    alice, bob = Machine("alice"), Machine("bob", team=another())
    first, second = measured(alice), measured(bob, 0.051)
    assert stands(first) == stands(second) == ("reproduced", True, False)


def test_two_machines_that_contradict_each_other_are_shown_as_disputed() -> None:
    alice, bob = Machine("alice"), Machine("bob", team=another())
    first, second = measured(alice), measured(bob, 0.1)
    assert stands(first) == stands(second) == ("unverified", False, True)
    assert all(one.disputed for one in found())


def test_a_machine_that_leaves_bears_nothing_out_any_more_and_its_history_stays() -> None:
    alice, bob = Machine("alice"), Machine("bob", team=another())
    first, second = measured(alice), measured(bob, 0.051)
    revoke(bob.row)
    assert stands(first) == ("unverified", False, False)
    assert stands(second) == ("unverified", False, False)
    assert Result.objects.count() == 2
    assert [one.host for one in found()] == ["alice"]


def test_what_is_too_old_to_be_asked_about_does_not_stay_backed_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trust, "MOST", 2)
    alice, bob = Machine("alice"), Machine("bob", team=another())
    old, witness = measured(alice), measured(bob, 0.051, minute=1)
    assert stands(old) == ("reproduced", True, False)
    newer = [measured(bob, 0.051 + minute / 10_000, minute) for minute in (2, 3)]
    assert stands(old) == stands(witness) == ("unverified", False, False)
    assert [stands(one) for one in newer] == [("repeated", True, False)] * 2
    revoke(bob.row)
    assert stands(old) == ("unverified", False, False)


def test_a_whole_window_lets_nothing_go_that_takes_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "MOST", 2)
    alice = Machine()
    first, second = measured(alice), measured(alice, 0.0505)  # of the same moment
    assert trust.settle(first.work) == 0
    assert stands(first) == stands(second) == ("repeated", True, False)


def test_this_sites_own_machines_decide_and_a_strangers_single_result_does_not() -> None:
    measured(Machine("alice"))
    measured(Machine("bob", team=another()), plan=plan(quant="Q4_0"))
    assert {one.host: one.bears for one in found()} == {"alice": True, "bob": False}


def test_two_agreeing_runs_of_a_strangers_machine_do_not_outdo_the_sites_own() -> None:
    measured(Machine("alice"))
    bob = Machine("bob", team=another())
    newer = document().engine.model_copy(update={"version": "b2"})  # so that alice disputes nothing
    for minute, itl_s in ((5, 0.02), (6, 0.0202)):
        measured(bob, itl_s, minute, engine=newer)
    told = found()
    assert [(one.host, one.bears, one.own) for one in told] == [
        ("bob", True, False),
        ("alice", True, True),
    ]
    best = of_engine(told, "llama.cpp", "llama-3.2-1b", "Q8_0")
    assert best is not None
    assert best.host == "alice"


def test_a_file_decides_only_from_the_machine_the_site_runs_on() -> None:
    for machine in (Machine("here", local=True), Machine("there")):
        itl_s = 0.05 if machine.row.local else 0.06
        told = machine.post("results", {"document": as_sent(document(itl_s=itl_s))})
        assert told.status_code == 201
    Result.objects.update(tier="unverified", backed=False)  # each for itself
    assert {one.host: one.bears for one in found()} == {"here": True, "there": False}


def test_a_newer_file_leaves_what_this_site_measured_on_the_machine_to_decide() -> None:
    alice = Machine()
    measured(alice)
    newer = document(itl_s=0.2, finished_at=document().finished_at + timedelta(minutes=5))
    assert alice.post("results", {"document": as_sent(newer)}).status_code == 201
    assert [(one.uploaded, one.bears) for one in found()] == [(True, False), (False, True)]


def test_a_third_run_that_nothing_bears_out_leaves_the_backed_one_to_decide() -> None:
    bob = Machine("bob", team=another())
    measured(bob)
    second = measured(bob, 0.0505, minute=5)
    newer = document().engine.model_copy(update={"version": "b2"})
    third = measured(bob, 0.02, minute=9, engine=newer)
    assert [(one.url, one.bears) for one in found()] == [
        (f"/runs/{third.run_id}/", False),
        (f"/runs/{second.run_id}/", True),
    ]


def test_what_is_older_than_what_decides_and_decides_nothing_is_not_told() -> None:
    alice = Machine()
    old = document(itl_s=0.2)
    assert alice.post("results", {"document": as_sent(old)}).status_code == 201
    measured(alice, minute=5)
    assert [(one.uploaded, one.bears) for one in found()] == [(False, True)]


def test_a_flood_of_what_decides_nothing_does_not_cut_off_what_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "MOST", 2)
    measured(Machine("alice"))
    bob = Machine("bob", team=another())
    for minute, quant in enumerate(("Q4_0", "F16", "Q5_0"), start=1):
        measured(bob, minute=minute, plan=plan(quant=quant))
    told = found()
    assert [(one.host, one.bears) for one in told] == [("bob", False), ("alice", True)]


def test_what_a_team_keeps_to_itself_is_told_to_its_members_alone_and_decides_for_them() -> None:
    acme = team("acme")
    result = measured(Machine("bob", team=acme))
    assert result.visibility == Visibility.TEAM
    assert found() == ()
    assert found(person("stranger")) == ()
    (told,) = found(member(acme, "viewer"))
    assert (told.visibility, told.bears) == ("team", True)


def test_what_is_hidden_shows_nobody_that_it_is_there() -> None:
    """A public result is borne out by public ones alone."""
    acme = team("acme")
    public, hidden = measured(Machine("alice")), measured(Machine("bob", team=acme), 0.051)
    assert stands(public) == ("unverified", False, False)
    assert stands(hidden) == ("reproduced", True, False)
    share(hidden.run, Visibility.PUBLIC, member(acme, "owner"))
    assert stands(public) == ("reproduced", True, False)
    share(hidden.run, Visibility.PRIVATE, member(acme, "owner", "olga"))
    assert stands(public) == ("unverified", False, False)


def test_what_was_refused_takes_no_part() -> None:
    alice = Machine()
    first = measured(alice)
    run = alice.claimed()
    assert alice.about(run, "result", document=as_sent(document(itl_s=0.0001))).status_code == 422
    assert stands(first) == ("unverified", False, False)


def test_what_a_crash_left_open_is_settled_within_a_day() -> None:
    alice = Machine()
    first, second = measured(alice), measured(alice, 0.0505, minute=5)
    Result.objects.update(tier="unverified", backed=False)
    settle_evidence()
    assert stands(first) == stands(second) == ("repeated", True, False)


def test_settling_a_work_of_many_results_stays_two_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = Machine()
    for minute in range(6):
        measured(alice, 0.05 + minute / 10_000, minute)
    Result.objects.update(tier="unverified", backed=False)
    work = Result.objects.values_list("work", flat=True)[0]
    with django_assert_max_num_queries(4):  # a read and a write, and its transaction
        assert trust.settle(work) == 6
