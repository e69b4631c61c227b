"""What hosts say to the site and what it answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from benchruns import claims
from benchruns.enrolment import make_code, revoke
from benchruns.host_api import claiming
from benchruns.host_api.edge import SMALL
from benchruns.models import EnrolmentCode, Host, Result, Run, RunEvent, Team
from benchruns.models.runs import MAX_EVENTS
from benchruns.outcomes import request_cancel
from benchruns.states import State
from tests.benchruns.made import (
    API,
    FACTS,
    LLAMA,
    NO_VLLM,
    Machine,
    as_sent,
    document,
    event,
    plan,
    queued,
)

pytestmark = pytest.mark.django_db
OF_A_RUN: dict[str, dict[str, Any]] = {
    "heartbeat": {},
    "events": {"events": [event()]},
    "release": {},
    "failure": {"reason": "It broke."},
    "cancelled": {},
    "result": {"document": {}},
}
IDENTITY = {"protocol": 1, "facts": FACTS.model_dump(mode="json"), "engines": [LLAMA, NO_VLLM]}


def enrol(code: str, **changes: Any) -> Any:
    body = IDENTITY | {"code": code, "name": "alice"} | changes
    return Client(enforce_csrf_checks=True).post(API + "enrol", body, "application/json")


# Enrolling


def test_it_exchanges_a_code_for_a_token_that_works() -> None:
    answer = enrol(make_code(Team.embedded())).json()
    assert answer["name"] == "alice"
    assert answer["token"].startswith("rgh_")
    alice = Machine("elsewhere")
    alice.token = answer["token"]
    assert alice.claim().status_code == 204


def test_it_stores_neither_code_nor_token_in_clear() -> None:
    code = make_code(Team.embedded())
    token = enrol(code).json()["token"]
    rows = [str(row) for row in [*Host.objects.values(), *EnrolmentCode.objects.values()]]
    assert not [row for row in rows if code in row or token in row]


def test_it_takes_a_code_once() -> None:
    code = make_code(Team.embedded())
    assert enrol(code).status_code == 201
    again = enrol(code)
    assert again.status_code == 403
    assert again.json()["error"].startswith("This code is unknown, was used already")
    assert Host.objects.count() == 1


def test_of_two_hosts_that_use_a_code_at_once_one_is_refused() -> None:
    """PostgreSQL looks again at the row it waited for, but never again into a subquery."""
    code = make_code(Team.embedded())
    with CaptureQueriesContext(connection) as asked:
        enrol(code)
    updates = [q["sql"] for q in asked if 'SET "used_at"' in q["sql"]]
    assert len(updates) == 1
    assert '"used_at" IS NULL' in updates[0]
    assert "SELECT" not in updates[0]


def test_it_takes_no_old_or_unknown_code() -> None:
    code = make_code(Team.embedded())
    EnrolmentCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert enrol(code).status_code == 403
    assert enrol("rgc_guessed").status_code == 403
    assert Host.objects.count() == 0


def test_it_gives_a_second_host_of_the_same_name_another_one() -> None:
    names = [enrol(make_code(Team.embedded())).json()["name"] for _ in range(3)]
    assert names == ["alice", "alice (2)", "alice (3)"]


def test_it_makes_one_line_of_a_name() -> None:
    said = enrol(make_code(Team.embedded()), name="  al\u202eice\n\tof  night ").json()
    assert said["name"] == "al ice of night"


def test_it_opens_hosts_to_visitors_only_when_the_code_says_so() -> None:
    enrol(make_code(Team.embedded()), name="shy")
    enrol(make_code(Team.embedded(), accepts_visitors=True), name="open")
    assert list(Host.objects.filter(accepts_visitors=True).values_list("name", flat=True)) == [
        "open"
    ]


# The edge


@pytest.mark.parametrize("path", ["claim", "facts", *(f"runs/{uuid4()}/{w}" for w in OF_A_RUN)])
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer rgh_guessed", "Basic rgh_guessed"])
def test_it_knows_nobody_without_a_good_token(path: str, header: str) -> None:
    answer = Client().post(API + path, {}, "application/json", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "token" in answer.json()["error"]


def test_it_refuses_a_revoked_token_from_then_on() -> None:
    alice = Machine()
    run = alice.claimed()
    revoke(alice.row)
    for what, body in OF_A_RUN.items():
        assert alice.about(run, what, **body).status_code == 401
    assert alice.claim().status_code == 401
    run.refresh_from_db()
    assert run.state == State.CLAIMED


def test_a_claim_ends_leases_where_the_sites_own_worker_is_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice, bob = Machine("alice"), Machine("bob")
    run = alice.claimed()
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(claiming.upkeep, "next_s", 0.0)  # nobody has looked lately
    assert bob.claim().json()["run"] == {
        "id": str(run.pk),
        "attempt": 2,
        "lease_s": 15.0,
        "plan": run.plan,
    }


def test_claims_look_for_ended_leases_only_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = Machine()
    run = alice.claimed()
    monkeypatch.setattr(claiming.upkeep, "next_s", inf)  # somebody has just looked
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert alice.claim().status_code == 204
    run.refresh_from_db()
    assert run.state == State.CLAIMED


def test_it_takes_facts_of_a_host_one_release_ahead() -> None:
    alice = Machine()
    card = {"name": "RTX 9090", "vendor": "nvidia", "memory_gib": 96.0, "smell": "ozone"}
    facts = FACTS.model_dump(mode="json") | {"accelerators": [card], "cpu_mood": "fine"}
    assert alice.post("facts", {"protocol": 1, "facts": facts, "engines": []}).status_code == 200
    alice.row.refresh_from_db()
    assert alice.row.machine.accelerators[0].name == "RTX 9090"
    assert "cpu_mood" not in alice.row.facts
    assert "smell" not in alice.row.facts["accelerators"][0]


@pytest.mark.parametrize(
    "changes",
    [
        {"cores_physical": 0, "cores_logical": 0},
        {"memory_gib": 0},
        {"memory_gib": -1},
        {"memory_gib": 1e300},
        {"read_gb_s": 0},
        {"cpu": "x" * 201},
        {"cpu_flags": ["avx"] * 65},
        {"accelerators": [{"name": "x", "vendor": "amd", "memory_gib": 0}]},
        {"accelerators": [{"name": "x", "vendor": "amd"}] * 65},
    ],
)
def test_it_takes_no_machine_that_cannot_be(changes: dict[str, Any]) -> None:
    facts = FACTS.model_dump(mode="json") | changes
    alice = Machine()
    answer = alice.post("facts", {"protocol": 1, "facts": facts, "engines": []})
    assert answer.status_code == 400
    assert next(iter(changes)) in answer.json()["error"]
    alice.row.refresh_from_db()
    assert alice.row.machine == FACTS


@pytest.mark.parametrize("path", ["enrol", "claim", "facts", f"runs/{uuid4()}/heartbeat"])
def test_it_takes_only_post(path: str) -> None:
    answer = Client().get(API + path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"protocol": 1}', "[" * 5000])
def test_it_says_what_is_malformed(body: str) -> None:
    answer = Machine().post("claim", body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("The body is not valid: ")


def test_it_names_the_field_that_is_wrong() -> None:
    answer = Machine().post("claim", {"protocol": 1, "wait_s": 26, "engines": ["--rm"]})
    assert answer.json()["error"].startswith(
        "The body is not valid: wait_s: Input should be less than or equal to 25; engines.0: "
    )


@pytest.mark.parametrize("path", ["claim", "facts"])
@pytest.mark.parametrize(("spoken", "who"), [(3, "update the site"), (0, "update the host")])
def test_it_says_which_side_is_too_old(path: str, spoken: int, who: str) -> None:
    answer = Machine().post(path, {"protocol": spoken, "something": "else entirely"})
    assert answer.status_code == 426
    assert who in answer.json()["error"]


def test_it_does_not_enrol_another_protocol_and_keeps_the_code() -> None:
    code = make_code(Team.embedded())
    assert enrol(code, protocol=3).status_code == 426
    assert enrol(code).status_code == 201


def test_a_host_one_version_behind_gets_the_plans_it_can_read() -> None:
    alice = Machine()
    queued(plan=plan(name="quick"))
    assert alice.claim(protocol=1).status_code == 204
    old = queued()
    found = alice.claim(protocol=1).json()["run"]
    assert found["id"] == str(old.pk)
    assert "name" not in found["plan"]
    assert alice.claim(protocol=2).json()["run"]["plan"]["name"] == "quick"


def test_a_document_of_the_schema_before_is_taken_and_kept_in_the_newest_form() -> None:
    alice = Machine()
    run = alice.claimed()
    old = as_sent(document()) | {"schema_version": 1, "marks": ["the machine swapped 2.0 GiB"]}
    for new in ("guards", "open_points", "goodput", "in_process"):
        del old[new]
    for point in old["points"]:
        del point["guards"], point["client"]
        for count in ("short", "failed", "timeouts", "outside", "ttft_sent_ms", "total_tok_s"):
            del point["summary"][count]
    assert alice.about(run, "result", document=old).status_code == 200
    kept = Result.objects.get(run=run).document
    assert kept["schema_version"] == 2
    assert kept["guards"][0]["guard"] == "swapping"


def test_it_ignores_what_it_does_not_know_yet() -> None:
    body = {"protocol": 1, "wait_s": 0, "engines": ["llama.cpp"], "colour": "blue"}
    assert Machine().post("claim", body).status_code == 204


@pytest.mark.parametrize("path", ["enrol", "claim", "facts", f"runs/{uuid4()}/events"])
def test_it_refuses_what_is_too_large_before_it_reads_it(path: str) -> None:
    answer = Machine().post(path, "[" + " " * SMALL)
    assert answer.status_code == 413
    assert str(SMALL) in answer.json()["error"]


def test_it_refuses_a_result_above_its_own_limit(settings: Settings) -> None:
    alice = Machine()
    run = alice.claimed()
    answer = alice.post(f"runs/{run.pk}/result", "[" + " " * settings.RESULT_MAX_BYTES)
    assert answer.status_code == 413
    run.refresh_from_db()
    assert run.state == State.CLAIMED


# A run that is not the host's


@pytest.mark.parametrize("what", OF_A_RUN)
def test_it_lets_nobody_touch_the_run_of_another(what: str) -> None:
    alice, mallory = Machine("alice"), Machine("mallory")
    run = alice.claimed()
    before = Run.objects.values().get()
    assert mallory.about(run, what, **OF_A_RUN[what]).status_code == 409
    assert Run.objects.values().get() == before


@pytest.mark.parametrize("what", OF_A_RUN)
def test_it_answers_a_stale_attempt_with_409(what: str) -> None:
    alice = Machine()
    run = alice.claimed()
    claims.expire_leases(timezone.now() + timedelta(seconds=16))
    assert alice.claim().status_code == 200
    before = Run.objects.values().get()
    answer = alice.post(f"runs/{run.pk}/{what}", {"attempt": 1} | OF_A_RUN[what])
    assert answer.status_code == 409
    assert "no longer" in answer.json()["error"]
    assert Run.objects.values().get() == before


@pytest.mark.parametrize("what", OF_A_RUN)
def test_it_answers_an_unknown_run_like_one_of_another(what: str) -> None:
    answer = Machine().post(f"runs/{uuid4()}/{what}", {"attempt": 1} | OF_A_RUN[what])
    assert answer.status_code == 409


@pytest.mark.parametrize("what", OF_A_RUN)
def test_it_leaves_alone_what_has_ended(what: str) -> None:
    alice = Machine()
    run = alice.claimed()
    assert alice.about(run, "failure", reason="It broke.").status_code == 200
    before = Run.objects.values().get()
    assert alice.about(run, what, **OF_A_RUN[what]).status_code == 409
    assert Run.objects.values().get() == before


# Claim, heartbeat, events, release, failure, cancelled, facts


def test_it_hands_out_the_plan_with_attempt_and_lease() -> None:
    run = queued()
    assert Machine().claim().json() == {
        "run": {"id": str(run.pk), "attempt": 1, "lease_s": 15.0, "plan": run.plan}
    }


def test_it_has_nothing_to_do() -> None:
    answer = Machine().claim()
    assert (answer.status_code, answer.content) == (204, b"")


def test_it_sees_a_host_that_asks() -> None:
    alice = Machine(last_seen_at=None)
    alice.claim()
    alice.row.refresh_from_db()
    assert alice.row.live


def test_it_keeps_the_lease_with_each_heartbeat() -> None:
    alice = Machine()
    run = alice.claimed()
    Run.objects.update(lease_until=timezone.now())
    answer = alice.about(run, "heartbeat")
    assert answer.json() == {"cancel": False, "lease_s": 15.0}
    run.refresh_from_db()
    assert run.lease_until is not None
    assert run.lease_until > timezone.now() + timedelta(seconds=14)


@pytest.mark.parametrize(("what", "body"), [("heartbeat", {}), ("events", {"events": []})])
def test_it_passes_on_that_somebody_cancelled(what: str, body: dict[str, Any]) -> None:
    alice = Machine()
    run = alice.claimed()
    request_cancel(run)
    assert alice.about(run, what, **body).json()["cancel"] is True


@pytest.mark.parametrize(
    ("phase", "state"),
    [
        ("preparing", State.PREPARING),
        ("starting", State.PREPARING),
        ("warming-up", State.RUNNING),
        ("measuring", State.RUNNING),
        ("finishing", State.RUNNING),
    ],
)
def test_it_follows_the_phases(phase: str, state: State) -> None:
    alice = Machine()
    run = alice.claimed()
    assert alice.about(run, "events", events=[event(phase=phase)]).status_code == 200
    run.refresh_from_db()
    assert (run.state, run.phase, run.point, run.tok_s) == (state, phase, 2, 31.5)


def test_it_never_goes_back_from_measuring_to_preparing() -> None:
    alice = Machine()
    run = alice.claimed()
    alice.about(run, "events", events=[event()])
    alice.about(run, "events", events=[event(phase="preparing")])
    run.refresh_from_db()
    assert run.state == State.RUNNING


def test_it_keeps_a_bounded_number_of_events() -> None:
    alice = Machine()
    run = alice.claimed()
    for _ in range(3):
        alice.about(run, "events", events=[event(point=n) for n in range(100)])
    assert RunEvent.objects.count() == MAX_EVENTS
    alice.about(run, "events", events=[event(message="and still going")])
    run.refresh_from_db()
    assert run.message == "and still going"


def test_it_keeps_steps_and_not_every_word_between_them() -> None:
    alice = Machine()
    run = alice.claimed()
    told = [event(phase="preparing", point=None, message=f"{n} of 3 MiB") for n in range(3)]
    alice.about(run, "events", events=told[:2])
    alice.about(run, "events", events=[told[2], event(point=1), event(point=1), event(point=2)])
    kept = [(e.phase, e.point) for e in RunEvent.objects.all()]
    assert kept == [("preparing", None), ("measuring", 1), ("measuring", 2)]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_it_takes_no_time_that_no_clock_should_show(at: str) -> None:
    alice = Machine()
    run = alice.claimed()
    answer = alice.about(run, "events", events=[event(at=at)])
    assert (answer.status_code, "set the clock" in answer.json()["error"]) == (400, True)


def test_it_takes_a_time_without_a_zone_as_utc() -> None:
    alice = Machine()
    run = alice.claimed()
    alice.about(run, "events", events=[event(at="2026-11-20T12:00:00")])
    assert RunEvent.objects.get().at == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_it_puts_a_released_run_back() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    run = alice.claimed()
    assert alice.about(run, "release").status_code == 200
    assert bob.claim().json()["run"] == {
        "id": str(run.pk),
        "attempt": 2,
        "lease_s": 15.0,
        "plan": run.plan,
    }


def test_it_ends_a_failed_run_with_reason_and_log() -> None:
    alice = Machine()
    run = alice.claimed()
    answer = alice.about(run, "failure", reason="Out of memory.", log="ggml: \x00 failed")
    assert answer.status_code == 200
    run.refresh_from_db()
    assert (run.state, run.reason, run.log) == (
        State.FAILED,
        "Out of memory.",
        "ggml:  failed",
    )
    assert run.finished_at is not None


def test_it_keeps_the_end_of_a_long_log() -> None:
    alice = Machine()
    run = alice.claimed()
    alice.about(run, "failure", reason="It broke.", log="x" * 200_000 + "the end")
    run.refresh_from_db()
    assert (len(run.log), run.log[-7:]) == (64_000, "the end")


def test_it_calls_a_run_that_broke_while_it_was_cancelled_cancelled() -> None:
    alice = Machine()
    run = alice.claimed()
    request_cancel(run)
    alice.about(run, "failure", reason="The engine went away.")
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_it_ends_a_cancelled_run() -> None:
    alice = Machine()
    run = alice.claimed()
    request_cancel(run)
    assert alice.about(run, "cancelled").status_code == 200
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_it_cancels_a_run_that_is_handed_back_after_somebody_cancelled_it() -> None:
    alice = Machine()
    run = alice.claimed()
    request_cancel(run)
    assert alice.about(run, "release").status_code == 200
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_it_learns_what_a_machine_is_now() -> None:
    alice = Machine()
    told = IDENTITY | {"engines": [LLAMA, NO_VLLM | {"provider": "pip", "version": "0.12"}]}
    assert alice.post("facts", told).status_code == 200
    alice.row.refresh_from_db()
    assert sorted(alice.row.installed) == ["llama.cpp", "vllm"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1", "1e999"])
def test_it_takes_no_number_that_is_none(number: str) -> None:
    alice = Machine()
    run = alice.claimed()
    body = json.dumps({"attempt": 1, "events": [event(tok_s=7.125)]}).replace("7.125", number)
    assert alice.post(f"runs/{run.pk}/events", body).status_code == 400
