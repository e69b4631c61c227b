"""Where a run enters the queue, and who may move it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from benchruns import claims
from benchruns.models import Role, Run
from benchruns.models.runs import Priority
from benchruns.models.teams import NOBODY
from benchruns.services import RunRefused, request_run
from benchruns.states import State
from tests.benchruns.made import Machine, queued
from tests.benchruns.people import browser, join, member, person, team

pytestmark = pytest.mark.django_db
LLAMA = ("llama.cpp",)


def ask(users: int = 4, **more: Any) -> Run:
    what = (f"users={users}&hardware=cpu", "llama.cpp", "llama-3.2-1b", "Q8_0")
    return request_run(*what, **{"person": NOBODY, "requester": "a visitor"} | more)


def test_a_visitor_s_second_run_takes_the_second_turn() -> None:
    Machine()
    first, second, other = ask(1), ask(2), ask(3, requester="another")
    assert [run.turn for run in (first, second, other)] == [0, 1, 0]
    assert {run.priority for run in (first, second, other)} == {Priority.VISITOR}


def test_members_go_before_schedules_and_schedules_before_visitors() -> None:
    alice = Machine()
    ann = member(alice.row.team, Role.MEMBER)
    run = ask(person=ann)
    assert (run.priority, run.by_visitor) == (Priority.MEMBER, False)
    assert Priority.MEMBER > Priority.SCHEDULED > Priority.VISITOR


def test_a_member_asks_for_a_team_on_a_machine_that_is_open_to_all() -> None:
    alice = Machine()
    red = team("Red")
    ann = member(red, Role.MEMBER)
    run = ask(person=ann, team=red)
    assert (run.team, run.wanted_host, run.by_visitor) == (red, alice.row, True)
    assert run.visibility == red.default_visibility
    assert claims.claim(alice.row, LLAMA) == run


def test_asking_twice_gives_the_same_run_and_none_of_others_at_that_address() -> None:
    alice = Machine()
    ann, bob = (member(alice.row.team, Role.MEMBER, name) for name in ("ann", "bob"))
    runs = [ask(person=who, visibility="private") for who in (ann, bob)]
    runs.append(ask())
    assert [run.asked_by for run in runs] == [ann, bob, None]
    again = [ask(person=who, visibility="private") for who in (ann, bob)]
    assert [*again, ask()] == runs


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_nobody_asks_for_a_team_they_may_not_run_for(role: Role | None) -> None:
    Machine()
    red, ann = team("Red"), person("ann")
    if role:
        join(ann, red, role)
    with pytest.raises(RunRefused, match="team: you start no measurements"):
        ask(person=ann, team=red)
    assert not Run.objects.exists()


def test_nobody_asks_a_machine_that_is_not_open_for_another_team() -> None:
    """It would never take it, though they are in both teams."""
    red, blue = team("Red"), team("Blue")
    ann = member(red, Role.MEMBER, "ann")
    join(ann, blue, Role.MEMBER)
    shut = Machine("shut", team=red, accepts_visitors=False).row
    form = {"engine": "llama.cpp", "model": "llama-3.2-1b", "quant": "Q8_0", "host": shut.pk}
    answer = browser(ann).post("/runs/", form | {"team": blue.slug})
    assert answer.status_code == 403
    assert "team: shut takes runs of Red alone." in answer.text
    assert not Run.objects.exists()
    assert browser(ann).post("/runs/", form | {"team": red.slug}).status_code == 303
    assert claims.claim(shut, LLAMA) == Run.objects.get()


# An admin's word


def test_an_admin_puts_a_run_before_all_else_of_its_team() -> None:
    alice = Machine()
    boss = member(alice.row.team, Role.ADMIN)
    first, second = (queued(wanted_host=alice.row, by_visitor=False) for _ in range(2))
    assert "Before all else" in browser(boss).get(f"/runs/{second.pk}/").text
    assert browser(boss).post(f"/runs/{second.pk}/raise").status_code == 303
    second.refresh_from_db()
    assert second.priority == Priority.RAISED
    assert "Before all else" not in browser(boss).get(f"/runs/{second.pk}/").text
    assert claims.claim(alice.row, LLAMA) == second
    assert claims.claim(alice.row, LLAMA) == first


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER, None])
def test_nobody_else_does(role: Role | None) -> None:
    run = queued(wanted_host=Machine().row)
    somebody = member(run.team, role) if role else None
    assert "Before all else" not in browser(somebody).get(f"/runs/{run.pk}/").text
    assert browser(somebody).post(f"/runs/{run.pk}/raise").status_code == 404
    run.refresh_from_db()
    assert run.priority == Priority.VISITOR


def test_what_has_begun_cannot_be_raised_any_more() -> None:
    alice = Machine()
    boss = member(alice.row.team, Role.ADMIN)
    run = alice.claimed()
    assert browser(boss).post(f"/runs/{run.pk}/raise").status_code == 303
    run.refresh_from_db()
    assert run.priority == Priority.VISITOR


# Back-off


def test_a_run_lost_once_goes_on_at_once_and_lost_again_it_waits() -> None:
    alice = Machine()
    run = queued()
    for lost in (1, 2):
        assert claims.claim(alice.row, LLAMA) == run
        now = timezone.now() + timedelta(seconds=16)
        assert claims.expire_leases(now) == 1
        run.refresh_from_db()
        assert (run.state, run.ready_at) == (
            State.QUEUED,
            None if lost == 1 else now + timedelta(seconds=15),
        )
    assert claims.claim(alice.row, LLAMA) is None
    assert "its machine was lost 2 times" in browser().get(f"/runs/{run.pk}/").text
    Run.objects.update(ready_at=timezone.now())
    assert claims.claim(alice.row, LLAMA) == run
    run.refresh_from_db()
    assert run.ready_at is None


def test_what_backs_off_holds_nobody_up() -> None:
    alice = Machine()
    queued(ready_at=timezone.now() + timedelta(minutes=1))
    later = queued()
    assert claims.claim(alice.row, LLAMA) == later


def test_a_host_that_hands_a_run_back_does_not_delay_it() -> None:
    alice = Machine()
    run = alice.claimed()
    claims.release(run.pk, alice.row, run.attempt)
    assert claims.claim(alice.row, LLAMA) == run
