"""Measurements that come by themselves: by the clock, or with a new version of an engine."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from benchruns import claims, schedules
from benchruns.enrolment import revoke
from benchruns.host.presets import named
from benchruns.models import AuditEntry, Host, Role, Run, Schedule, Team
from benchruns.models.runs import Priority
from benchruns.states import State
from benchruns.tasks import start_due_schedules
from benchruns.timetable import Every
from tests.benchruns.made import FACTS, LLAMA, NO_VLLM, Machine, queued
from tests.benchruns.people import browser, member, team

pytestmark = pytest.mark.django_db
SUNDAY = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NEWER = LLAMA | {"version": "b2"}


def schedule(**columns: Any) -> Schedule:
    """Every Sunday at three, due on the Sunday of these stories."""
    return Schedule.objects.create(
        **{
            "team": Team.embedded(),
            "engine": "llama.cpp",
            "model": "llama-3.2-1b",
            "quant": "Q8_0",
            "preset": "quick",
            "every": Every.WEEK,
            "weekday": 6,
            "at": time(3),
            "next_at": SUNDAY,
        }
        | columns
    )


# By the clock


def test_it_starts_a_run_when_it_is_due_and_not_before() -> None:
    alice = Machine()
    weekly = schedule(host=alice.row)
    assert schedules.start_due(SUNDAY - timedelta(seconds=1)) == []
    [run] = schedules.start_due(SUNDAY)
    assert (run.schedule, run.wanted_host, run.team) == (weekly, alice.row, weekly.team)
    assert run.what == named("quick", engine="llama.cpp", model="llama-3.2-1b", quant="Q8_0")
    assert (run.priority, run.by_visitor) == (Priority.SCHEDULED, False)
    assert "every Sunday at 03:00 UTC" in run.note
    weekly.refresh_from_db()
    assert (weekly.next_at, weekly.last_at) == (SUNDAY + timedelta(days=7), SUNDAY)


def test_who_sees_its_runs_is_said_by_the_host() -> None:
    schedule(host=Machine(default_visibility="private").row)
    [run] = schedules.start_due(SUNDAY)
    assert run.visibility == "private"
    assert browser().get(run.get_absolute_url()).status_code == 404


def test_it_starts_one_run_however_often_it_is_looked_at() -> None:
    schedule(host=Machine().row)
    for minutes in range(5):
        schedules.start_due(SUNDAY + timedelta(minutes=minutes))
    assert Run.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_that_look_at_once_one_starts_it() -> None:
    schedule(host=Machine().row)
    start = Barrier(4)

    def look(_: int) -> int:
        start.wait()
        try:
            return len(schedules.start_due(SUNDAY))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(look, range(4))) == [0, 0, 0, 1]
    assert Run.objects.count() == 1


def test_the_database_takes_no_second_run_of_one_occasion() -> None:
    weekly = schedule()
    queued(schedule=weekly, occasion="a Sunday")
    with pytest.raises(IntegrityError):
        queued(schedule=weekly, occasion="a Sunday")


def test_what_was_missed_while_the_site_was_away_comes_once() -> None:
    weekly = schedule(host=Machine().row)
    late = SUNDAY + timedelta(days=23)
    assert len(schedules.start_due(late)) == 1
    assert schedules.start_due(late) == []
    weekly.refresh_from_db()
    assert weekly.next_at == SUNDAY + timedelta(days=28)


def test_a_paused_one_starts_nothing_and_goes_on_with_its_next_time() -> None:
    weekly = schedule(host=Machine().row)
    schedules.set_paused(weekly, paused=True, now=SUNDAY - timedelta(days=1))
    assert schedules.start_due(SUNDAY) == []
    schedules.set_paused(weekly, paused=False, now=SUNDAY + timedelta(days=2))
    assert schedules.start_due(SUNDAY + timedelta(days=2)) == []
    assert len(schedules.start_due(SUNDAY + timedelta(days=7))) == 1


def test_without_a_host_it_takes_the_one_that_answers_and_has_least_to_do() -> None:
    Machine("away", last_seen_at=timezone.now() - timedelta(days=1))
    busy, free = Machine("busy"), Machine("free")
    Machine("cannot", measures=["vllm"])
    Machine("paused", paused=True)
    queued(wanted_host=busy.row)
    schedule()
    [run] = schedules.start_due(SUNDAY)
    assert run.wanted_host == free.row


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("gone", "alice was detached"),
        ("cannot", "No machine of This site that it may use can start llama.cpp."),
        ("full", "1 measurements are waiting, which is the most"),
    ],
)
def test_it_says_why_there_was_no_run(why: str, said: str, settings: Settings) -> None:
    alice = Machine(measures=["vllm"] if why == "cannot" else ["llama.cpp"])
    weekly = schedule(host=alice.row)
    if why == "gone":
        revoke(alice.row)
    if why == "full":
        settings.RUN_QUEUE_LIMIT = 1
        queued()
    before = Run.objects.count()
    assert schedules.start_due(SUNDAY) == []
    weekly.refresh_from_db()
    assert (Run.objects.count(), weekly.next_at) == (before, SUNDAY + timedelta(days=7))
    assert said in weekly.said
    assert said in browser().get("/schedules/").text


def test_one_that_fails_holds_up_no_other() -> None:
    schedule(engine="vllm")
    schedule(host=Machine().row)
    assert len(schedules.start_due(SUNDAY)) == 1


def test_a_host_that_is_switched_off_does_not_find_a_run_of_each_day() -> None:
    alice = Machine()
    daily = schedule(host=alice.row, every=Every.DAY)
    [first] = schedules.start_due(SUNDAY)
    for days in range(1, 4):
        assert schedules.start_due(SUNDAY + timedelta(days=days)) == []
    daily.refresh_from_db()
    assert daily.next_at == SUNDAY + timedelta(days=4)
    assert "Its last run still waits for alice" in daily.said
    assert claims.claim(alice.row, ("llama.cpp",)) == first
    assert len(schedules.start_due(SUNDAY + timedelta(days=4))) == 1
    daily.refresh_from_db()
    assert daily.said == ""


def test_a_run_that_waits_for_another_reason_holds_up_no_schedule() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    queued(wanted_host=alice.row)  # somebody's
    schedule(host=bob.row)
    schedule(host=alice.row)
    assert len(schedules.start_due(SUNDAY)) == 2


def came_already(faulty: Schedule) -> None:
    queued(schedule=faulty, occasion=f"{SUNDAY:%Y-%m-%dT%H:%MZ}", state=State.DONE)


def unreadable_limits(faulty: Schedule) -> None:
    Host.objects.filter(pk=faulty.host_id).update(accepts={"open": "perhaps"})


@pytest.mark.parametrize(
    ("fault", "kind"), [(came_already, "IntegrityError"), (unreadable_limits, "ValidationError")]
)
def test_a_fault_of_one_is_told_and_holds_up_no_other(
    fault: Callable[[Schedule], None], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    faulty = schedule(host=Machine("alice").row)
    fault(faulty)
    sound = schedule(host=Machine("bob").row)
    [run] = schedules.start_due(SUNDAY)
    assert run.schedule == sound
    faulty.refresh_from_db()
    assert faulty.next_at == SUNDAY + timedelta(days=7)
    assert kind in faulty.said
    [told] = [record for record in caplog.records if record.exc_info]
    assert told.message == f"schedule {faulty.pk}: no run"


def test_the_site_s_own_worker_looks() -> None:
    schedule(host=Machine().row, next_at=timezone.now() - timedelta(seconds=1))
    start_due_schedules()
    assert Run.objects.get().priority == Priority.SCHEDULED


def test_beat_knows_the_task(settings: Settings) -> None:
    tasks = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert start_due_schedules.name in tasks


def test_the_audit_log_says_that_the_site_asked() -> None:
    schedule(host=Machine().row)
    schedules.start_due(SUNDAY)
    entry = AuditEntry.objects.get(verb="run.requested")
    assert (entry.actor, entry.actor_name) == (None, "the site")


# With a new version


def told(alice: Machine, *engines: dict[str, Any]) -> list[Run]:
    """The machine says which engines it has; the runs that come of it."""
    known = set(Run.objects.values_list("pk", flat=True))
    body = {"protocol": 2, "facts": FACTS.model_dump(mode="json"), "engines": list(engines)}
    assert alice.post("facts", body).status_code == 200
    return list(Run.objects.exclude(pk__in=known))


def test_a_new_version_starts_what_waits_for_it() -> None:
    alice = Machine()
    waits = schedule(every=Every.NEVER, next_at=None, on_new_version=True)
    assert told(alice, LLAMA, NO_VLLM) == []
    [run] = told(alice, NEWER, NO_VLLM)
    assert (run.schedule, run.wanted_host) == (waits, alice.row)
    assert told(alice, NEWER, NO_VLLM) == []


def test_an_engine_that_was_not_there_before_is_new() -> None:
    alice = Machine()
    schedule(engine="vllm", quant="BF16", on_new_version=True)
    assert len(told(alice, LLAMA, NO_VLLM | {"provider": "venv", "version": "0.11"})) == 1


def test_a_version_that_comes_back_is_not_measured_again() -> None:
    alice = Machine()
    schedule(on_new_version=True)
    assert len(told(alice, NEWER)) == 1
    assert told(alice, LLAMA | {"version": "b3"}) != []
    assert told(alice, NEWER) == []


@pytest.mark.parametrize(
    "columns", [{"paused": True}, {"on_new_version": False}, {"engine": "vllm"}]
)
def test_other_schedules_are_left_alone(columns: dict[str, Any]) -> None:
    schedule(**{"on_new_version": True} | columns)
    assert told(Machine(), NEWER) == []


def test_another_host_s_version_is_none_of_its_business() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    schedule(on_new_version=True, host=alice.row)
    assert told(bob, NEWER) == []
    assert len(told(alice, NEWER)) == 1


def test_another_team_s_schedule_hears_nothing_of_it() -> None:
    schedule(on_new_version=True, team=team("Red"))
    assert told(Machine(), NEWER) == []


# Its page


FORM = {
    "team": "this-site",
    "engine": "llama.cpp",
    "model": "llama-3.2-1b",
    "quant": "Q8_0",
    "preset": "quick",
    "host": "",
    "every": "week",
    "weekday": "6",
    "at": "03:00",
}


def post(user: Any = None, **changes: Any) -> Any:
    return browser(user).post("/schedules/", FORM | changes)


def test_a_member_makes_one() -> None:
    red = team("Red")
    ann = member(red, Role.MEMBER)
    alice = Machine(team=red)
    made = post(ann, team="red", host=alice.row.pk, on_new_version="on")
    assert made.status_code == 303
    weekly = Schedule.objects.get()
    assert (weekly.team, weekly.host, weekly.made_by) == (red, alice.row, ann)
    assert weekly.next_at is not None
    assert (weekly.next_at.weekday(), weekly.next_at > timezone.now()) == (6, True)
    shown = browser(ann).get("/schedules/").text
    assert "Every Sunday at 03:00 UTC, and on a new version of the engine." in shown
    assert AuditEntry.objects.get(verb="schedule.made").actor == ann


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"every": "never"}, "Choose a time, or a new version of the engine, or both."),
        ({"model": "llama-9"}, "Select a valid choice"),
        ({"at": "25:00"}, "Enter a valid time"),
        ({"weekday": "7"}, "Select a valid choice"),
        ({"model": "llama-3.1-405b", "host": "here"}, "alice cannot measure this."),
        ({"host": "theirs"}, "Select a valid choice"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_what_was_filled_in(
    changes: dict[str, str], said: str
) -> None:
    hosts = {"here": Machine().row.pk, "theirs": Machine("bob", team=team("Red")).row.pk}
    given = {name: hosts.get(value, value) for name, value in changes.items()}
    refused = post(**given)
    assert refused.status_code == 400
    assert said in refused.text
    assert '<option value="llama.cpp" selected>' in refused.text
    assert not Schedule.objects.exists()


def test_a_host_is_one_of_the_same_team() -> None:
    red = team("Red")
    boss = member(red, Role.OWNER)
    other = team("Blue")
    Machine("theirs", team=other)
    mine = Machine("mine", team=Team.embedded())
    refused = post(boss, team="red", host=mine.row.pk)
    assert "mine is no host of Red." in refused.text


def test_a_member_pauses_resumes_and_removes_it() -> None:
    red = team("Red")
    ann, weekly = member(red, Role.MEMBER), schedule(team=red)
    for what, paused in (("pause", True), ("resume", False)):
        assert browser(ann).post(f"/schedules/{weekly.pk}/{what}").status_code == 303
        weekly.refresh_from_db()
        assert (weekly.paused, weekly.next_at is None) == (paused, paused)
    assert browser(ann).post(f"/schedules/{weekly.pk}/remove").status_code == 303
    assert not Schedule.objects.exists()
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["schedule.paused", "schedule.resumed", "schedule.removed"]


def test_what_it_measured_stays_when_it_is_removed() -> None:
    alice = Machine()
    weekly = schedule(host=alice.row)
    [run] = schedules.start_due(SUNDAY)
    assert browser().post(f"/schedules/{weekly.pk}/remove").status_code == 303
    run.refresh_from_db()
    assert run.schedule is None
    assert claims.claim(alice.row, ("llama.cpp",)) == run


@pytest.mark.parametrize("role", [Role.VIEWER, None])
@pytest.mark.parametrize("what", ["pause", "resume", "remove"])
def test_for_others_there_is_no_such_schedule(role: Role | None, what: str) -> None:
    red = team("Red")
    weekly = schedule(team=red)
    somebody = member(red, role) if role else None
    assert browser(somebody).post(f"/schedules/{weekly.pk}/{what}").status_code == 404
    assert (f"schedule-{weekly.pk}" in browser(somebody).get("/schedules/").text) == bool(role)


def test_where_visitors_schedule_nothing_they_see_none(settings: Settings) -> None:
    settings.OPEN_SCHEDULES = False
    weekly = schedule()
    assert f"schedule-{weekly.pk}" not in browser().get("/schedules/").text
    assert post().status_code == 404
    assert browser().post(f"/schedules/{weekly.pk}/pause").status_code == 404


def test_it_is_filled_in_from_a_run_that_one_may_see() -> None:
    alice = Machine()
    run = queued(wanted_host=alice.row)
    shown = browser().get(f"/schedules/?run={run.pk}").text
    assert f'<option value="{alice.row.pk}" selected>alice</option>' in shown
    assert '<option value="llama-3.2-1b" selected>' in shown
    for odd in ("nothing", "0" * 36, f"{run.pk}x"):
        assert browser().get(f"/schedules/?run={odd}").status_code == 200
