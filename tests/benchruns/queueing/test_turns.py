"""What a host is given when several teams and visitors want it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from benchruns import claims
from benchruns.models import Host, Run, Team
from benchruns.models.runs import Priority
from benchruns.queueing import turns
from benchruns.queueing.fair import VISITORS, Served
from benchruns.queueing.forecast import foretell
from benchruns.states import State
from tests.benchruns.made import Machine, queued

pytestmark = pytest.mark.django_db
LLAMA = ("llama.cpp",)


def team(name: str) -> Team:
    return Team.objects.create(slug=name, name=name.title())


def asked(of: Machine, whose: Team, count: int = 1, **columns: Any) -> list[Run]:
    """Long ago, unless `requested_at` says otherwise: they waited while others were served."""
    since = columns.pop("requested_at", timezone.now() - timedelta(days=1))
    times = [since + timedelta(milliseconds=number) for number in range(count)]
    return [queued(team=whose, wanted_host=of.row, requested_at=at, **columns) for at in times]


def done(run: Run, took_s: float, now: datetime | None = None) -> None:
    """It had the machine for so long, and has ended just now."""
    now = now or timezone.now()
    Run.objects.filter(pk=run.pk).update(
        state=State.DONE,
        claimed_at=now - timedelta(seconds=took_s),
        finished_at=now,
        lease_until=None,
    )


def served(host: Host, count: int, took_s: float = 60) -> list[Run]:
    """Runs that the host is given one after the other."""
    given = []
    for _ in range(count):
        run = claims.claim(host, LLAMA)
        assert run is not None
        done(run, took_s)
        given.append(run)
    return given


def test_another_team_s_run_is_next_however_many_the_first_has_queued() -> None:
    alice = Machine()
    red, blue = team("red"), team("blue")
    asked(alice, red, 50)
    served(alice.row, 3)
    [late] = asked(alice, blue, requested_at=timezone.now())
    assert claims.claim(alice.row, LLAMA) == late


def test_teams_share_a_machine_by_its_time_not_by_runs() -> None:
    alice = Machine()
    red, blue = team("red"), team("blue")
    asked(alice, red, 6)
    asked(alice, blue, 20)
    teams = Counter[str]()
    for _ in range(14):
        run = claims.claim(alice.row, LLAMA)
        assert run is not None
        done(run, 300 if run.team == red else 60)
        teams[run.team.slug] += 300 if run.team == red else 60
    assert abs(teams["red"] - teams["blue"]) <= 300


def test_all_visitors_together_are_one_among_teams() -> None:
    alice = Machine()
    red = team("red")
    asked(alice, red, 5)
    for visitor in range(5):
        asked(alice, alice.row.team, requester=f"visitor {visitor}")
    order = [run.team.slug for run in served(alice.row, 6)]
    assert order == ["red", "this-site"] * 3


def test_visitors_take_turns_among_themselves() -> None:
    alice = Machine()
    many = [queued(requester="many", turn=turn) for turn in range(3)]
    one = queued(requester="one", turn=0)
    assert served(alice.row, 4) == [many[0], one, many[1], many[2]]


def test_the_machine_s_own_team_is_a_flow_apart_from_its_visitors() -> None:
    alice = Machine()
    visits = asked(alice, alice.row.team, 3)
    own = asked(alice, alice.row.team, 3, by_visitor=False, priority=Priority.MEMBER)
    assert served(alice.row, 6) == [run for pair in zip(visits, own, strict=True) for run in pair]


def test_within_a_team_members_go_before_schedules_and_raised_runs_before_all() -> None:
    alice = Machine()
    mine = {"by_visitor": False}
    scheduled = queued(priority=Priority.SCHEDULED, **mine)
    member = queued(priority=Priority.MEMBER, **mine)
    raised = queued(priority=Priority.RAISED, **mine)
    assert served(alice.row, 3) == [raised, member, scheduled]


def test_a_team_that_had_the_machine_for_itself_owes_nothing_for_it() -> None:
    alice = Machine()
    red, blue = team("red"), team("blue")
    asked(alice, red, 3)
    served(alice.row, 3, took_s=7200)
    asked(alice, red, 2, requested_at=timezone.now())
    asked(alice, blue, 2, requested_at=timezone.now())
    assert [run.team for run in served(alice.row, 4)] == [blue, red, blue, red]


def test_a_run_that_ended_badly_had_the_machine_all_the_same() -> None:
    alice = Machine()
    red, blue = team("red"), team("blue")
    asked(alice, red, 3)
    asked(alice, blue, 3)
    [first] = served(alice.row, 1, took_s=600)
    Run.objects.filter(pk=first.pk).update(state=State.FAILED)
    others = served(alice.row, 2)
    assert first.team not in [run.team for run in others]


def test_what_was_uploaded_took_no_time_of_the_machine() -> None:
    alice = Machine()
    red = team("red")
    now = timezone.now()
    asked(alice, red)
    served(alice.row, 1)
    queued(state=State.DONE, host=alice.row, attempt=0, claimed_at=now, finished_at=now)
    shares = turns.shares_now(alice.row, {}, timezone.now())
    assert set(shares.used_s) == {red.pk}


def test_each_machine_is_shared_by_itself() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    red, blue = team("red"), team("blue")
    asked(alice, red, 3)
    served(alice.row, 3, took_s=3600)
    [older] = asked(bob, red)
    asked(bob, blue)
    assert claims.claim(bob.row, LLAMA) == older


def test_another_team_s_run_goes_only_to_the_machine_it_names_and_only_while_that_is_open() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    red = team("red")
    queued(team=red)
    [run] = asked(alice, red)
    assert claims.claim(bob.row, LLAMA) is None
    Host.objects.filter(pk=alice.row.pk).update(accepts_visitors=False)
    alice.row.refresh_from_db()
    assert claims.claim(alice.row, LLAMA) is None
    Host.objects.filter(pk=alice.row.pk).update(accepts_visitors=True)
    alice.row.refresh_from_db()
    assert claims.claim(alice.row, LLAMA) == run


def test_the_order_foretold_is_the_order_that_comes() -> None:
    alice = Machine()
    red, blue = team("red"), team("blue")
    asked(alice, red, 4)
    asked(alice, blue, 2)
    for turn in range(3):
        asked(alice, alice.row.team, requester="somebody", turn=turn)
    asked(alice, alice.row.team, by_visitor=False, priority=Priority.RAISED)
    past = queued(state=State.DONE, host=alice.row, attempt=1, team=blue)
    done(past, 60)
    places = foretell(alice.row, timezone.now())
    foretold = sorted(places, key=lambda pk: places[pk].position)
    assert [run.pk for run in served(alice.row, 10)] == foretold


def test_of_two_claims_that_settle_at_once_one_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = Machine()
    queued()
    [run] = served(alice.row, 1, took_s=60)
    waiting, now = {run.team_id: timezone.now()}, timezone.now()
    served_runs = turns._served

    def slow(host: Host, since: datetime, until: datetime) -> list[Served]:
        """While this one counts, another claim of the same host does all of it."""
        monkeypatch.setattr(turns, "_served", served_runs)
        turns.settle(host, waiting, now)
        return served_runs(host, since, until)

    monkeypatch.setattr(turns, "_served", slow)
    turns.settle(alice.row, waiting, now)
    assert turns.shares_now(alice.row, waiting, now).of(VISITORS) == pytest.approx(60)


def test_an_idle_host_asks_the_database_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = Machine()
    with django_assert_num_queries(1):
        assert claims.claim(alice.row, LLAMA) is None


def test_a_claim_asks_as_often_with_many_teams_as_with_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = Machine()
    for number in range(8):
        asked(alice, team(f"team-{number}"), 5)
    served(alice.row, 1)
    with django_assert_num_queries(9):
        assert claims.claim(alice.row, LLAMA) is not None
