"""Runs, for programs: seen, asked for, cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from benchruns.models import Run
from benchruns.states import State
from tests.benchruns.made import Machine, queued
from tests.benchruns.people import member, person, team
from tests.guide.api.made import Program, error, measured

pytestmark = pytest.mark.django_db


def wanted(**changes: Any) -> dict[str, Any]:
    return {"engine": "llama.cpp", "model": "llama-3.2-1b", "quant": "Q8_0"} | changes


# Seeing


def test_a_visitor_sees_the_sites_own_and_what_is_public() -> None:
    acme = team("acme")
    shared = measured(Machine("bob", team=acme), visibility="public")
    own, hidden = queued(), queued(team=acme)
    found = {run["id"] for run in Program().get("/runs").json()["runs"]}
    assert found == {str(own.pk), str(shared.pk)}
    error(Program().get(f"/runs/{hidden.pk}"), 404)
    error(Program(person("stranger")).get(f"/runs/{hidden.pk}"), 404)


def test_members_see_their_teams() -> None:
    acme = team("acme")
    hidden = queued(team=acme)
    told = Program(member(acme, "viewer")).get(f"/runs/{hidden.pk}").json()
    assert (told["id"], told["state"], told["result"]) == (str(hidden.pk), "queued", None)


def test_it_tells_how_far_one_is_and_where_its_result_lies() -> None:
    run = measured(Machine())
    told = Program().get(f"/runs/{run.pk}").json()
    assert (told["state"], told["fraction"], told["visibility"]) == ("done", 1.0, "public")
    assert told["host"]["name"] == "alice"
    result = Program().get(told["result"].partition("/api/v1")[2])
    assert result.json()["id"] == str(run.pk)


def test_they_come_page_by_page_newest_first_each_once_though_more_come_meanwhile() -> None:
    now = timezone.now()
    made = [queued(requested_at=now - timedelta(minutes=n // 2)) for n in range(7)]
    seen: list[str] = []
    path = "/runs?limit=3"
    while path:
        page = Program().get(path).json()
        seen += [run["id"] for run in page["runs"]]
        queued(requested_at=now + timedelta(minutes=len(seen)))
        path = (page["next"] or "").partition("/api/v1")[2]
    assert sorted(seen) == sorted(str(run.pk) for run in made)
    times = [Run.objects.get(pk=pk).requested_at for pk in seen]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("after", ["x", "W10", "WyIxIl0", "WyJhIiwgImIiXQ", "A" * 200])
def test_a_place_that_it_did_not_give_is_refused(after: str) -> None:
    for what in ("hosts", "runs", "results"):
        answer = Program().get(f"/{what}?after={after}")
        assert answer.status_code in (200, 400)
        if answer.status_code == 400:
            assert "after" in error(answer, 400)
    assert Program().get(f"/runs?after={after}").status_code == 400


def test_they_are_asked_for_by_state_engine_and_host() -> None:
    alice = Machine()
    done, waits = measured(alice), queued(wanted_host=alice.row)

    def ids(query: str) -> list[str]:
        return [run["id"] for run in Program().get(f"/runs?{query}").json()["runs"]]

    assert ids("state=done") == [str(done.pk)]
    assert ids(f"host={alice.row.pk}&state=queued") == [str(waits.pk)]
    assert ids("engine=vllm") == []


# Asking for one


def test_a_visitor_asks_where_the_site_lets_visitors(settings: Settings) -> None:
    settings.OPEN_RUNS = True
    alice = Machine()
    answer = Program().post("/runs", wanted(plan="quick"))
    told = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/api/v1/runs/{told['id']}")
    assert (told["state"], told["wanted_host"]["id"]) == ("queued", alice.row.pk)
    assert told["plan"]["name"] == "quick"
    settings.OPEN_RUNS = False
    assert "does not let visitors" in error(Program().post("/runs", wanted()), 403)


def test_a_member_asks_their_own_host_and_says_who_will_see(settings: Settings) -> None:
    settings.OPEN_RUNS = False
    acme = team("acme")
    host = Machine("bob", team=acme, accepts_visitors=False).row
    program = Program(member(acme, "member", "anna"))
    answer = program.post("/runs", wanted(host=host.pk, visibility="private"))
    assert answer.status_code == 201
    run = Run.objects.get()
    assert (run.visibility, run.by_visitor, run.asked_by.get_username()) == (
        "private", False, "anna",
    )  # fmt: skip
    error(Program(member(acme, "viewer")).get(f"/runs/{run.pk}"), 404)


def test_for_strangers_a_host_is_not_there() -> None:
    host = Machine("bob", team=team("acme"), accepts_visitors=False).row
    error(Program(person("stranger")).post("/runs", wanted(host=host.pk)), 404)
    assert not Run.objects.exists()


def test_a_viewer_asks_for_nothing(settings: Settings) -> None:
    settings.OPEN_RUNS = False
    acme = team("acme")
    host = Machine("bob", team=acme, accepts_visitors=False).row
    answer = Program(member(acme, "viewer")).post("/runs", wanted(host=host.pk))
    assert answer.status_code == 403
    assert not Run.objects.exists()


def test_who_is_no_member_does_not_choose_who_sees(settings: Settings) -> None:
    settings.OPEN_RUNS = True
    Machine()
    assert "only members" in error(Program().post("/runs", wanted(visibility="private")), 403)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"engine": "notepad"}, 400, "none of"),
        ({"model": "gpt-9"}, 400, "there is no 'gpt-9'"),
        ({"engine": "vllm"}, 409, "can start vllm"),
        ({"answers": "hardware=toaster"}, 400, "toaster"),
        ({"plan": "endless"}, 400, "'quick'"),
        ({"engine": ""}, 400, "engine"),
    ],
)
def test_it_says_why_not(changes: dict[str, Any], status: int, sentence: str) -> None:
    Machine()
    assert sentence in error(Program().post("/runs", wanted(**changes)), status)
    assert not Run.objects.exists()


# Cancelling


def test_a_member_cancels_and_a_repeat_changes_nothing() -> None:
    acme = team("acme")
    run, program = queued(team=acme), Program(member(acme, "member"))
    for _ in range(2):
        assert program.post(f"/runs/{run.pk}/cancel").json()["state"] == State.CANCELLED


def test_a_viewer_does_not(settings: Settings) -> None:
    acme = team("acme")
    run = queued(team=acme)
    answer = Program(member(acme, "viewer")).post(f"/runs/{run.pk}/cancel")
    assert "not yours to cancel" in error(answer, 403)
    error(Program(person("stranger")).post(f"/runs/{run.pk}/cancel"), 404)
    error(Program().post(f"/runs/{run.pk}/cancel"), 404)
    run.refresh_from_db()
    assert run.state == State.QUEUED
