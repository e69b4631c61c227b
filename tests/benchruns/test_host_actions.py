"""What a team's admins do with a host; its history stays, whatever they do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from benchruns import outcomes
from benchruns.models import AuditEntry, Host, Role, Run, Team
from benchruns.states import State
from tests.benchruns.made import Machine, as_sent, document, queued
from tests.benchruns.people import browser, member, person, team

pytestmark = pytest.mark.django_db
ACTIONS = ("rename", "pause", "resume", "rotate", "detach", "revoke")


@pytest.fixture
def acme() -> Team:
    return team("Acme")


@pytest.fixture
def admin(acme: Team) -> User:
    return member(acme, Role.ADMIN)


@pytest.fixture
def alice(acme: Team) -> Machine:
    return Machine("alice", team=acme, accepts_visitors=False)


def does(who: User | None, machine: Machine, action: str, **form: str) -> Any:
    answer = browser(who).post(f"/hosts/{machine.row.pk}/{action}", form)
    machine.row.refresh_from_db()
    return answer


def verbs(of: Team) -> list[str]:
    entries = AuditEntry.objects.filter(team=of).order_by("pk")
    return list(entries.values_list("verb", flat=True))


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_else_does_any_of_it(action: str, acme: Team, alice: Machine) -> None:
    others = member(team("Others"), Role.OWNER)
    small = (member(acme, Role.MEMBER), member(acme, Role.VIEWER))
    before = Host.objects.values().get(pk=alice.row.pk)
    for who in (None, person("stranger"), others, *small):
        assert does(who, alice, action, name="mine").status_code == 404
    assert Host.objects.values().get(pk=alice.row.pk) == before
    assert verbs(acme) == []


@pytest.mark.parametrize("action", ACTIONS)
def test_looking_at_an_action_does_nothing(action: str, admin: User, alice: Machine) -> None:
    assert browser(admin).get(f"/hosts/{alice.row.pk}/{action}").status_code == 405


def test_a_host_gets_another_name(admin: User, acme: Team, alice: Machine) -> None:
    run = alice_measured(alice)
    assert does(admin, alice, "rename", name="  big \x00 box ").status_code == 303
    assert alice.row.name == "big box"
    assert verbs(acme) == ["host.renamed"]
    run.refresh_from_db()
    assert run.host == alice.row


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [("bob", 409, "has that name"), ("   ", 400, "needs a name"), ("", 400, "needs a name")],
)
def test_a_name_that_is_no_good_changes_nothing(
    name: str, status: int, sentence: str, admin: User, acme: Team, alice: Machine
) -> None:
    Machine("bob", team=acme)
    answer = does(admin, alice, "rename", name=name)
    assert answer.status_code == status
    assert sentence in answer.text
    assert alice.row.name == "alice"


def test_a_paused_host_is_given_nothing_until_it_is_resumed(
    admin: User, acme: Team, alice: Machine
) -> None:
    queued(team=acme, by_visitor=False)
    does(admin, alice, "pause")
    does(admin, alice, "pause")
    assert alice.claim().status_code == 204
    does(admin, alice, "resume")
    assert alice.claim().status_code == 200
    assert verbs(acme) == ["host.paused", "host.resumed"]


def test_a_revoked_token_is_refused_with_the_very_next_word(
    admin: User, acme: Team, alice: Machine
) -> None:
    run = alice.claimed(team=acme, by_visitor=False)
    does(admin, alice, "revoke")
    assert alice.about(run, "heartbeat").status_code == 401
    assert alice.claim().status_code == 401
    assert verbs(acme) == ["host.revoked"]
    assert does(admin, alice, "resume").status_code == 404


def test_a_detached_host_without_a_run_leaves_at_once(
    admin: User, acme: Team, alice: Machine
) -> None:
    does(admin, alice, "detach")
    assert alice.row.revoked_at is not None
    assert alice.claim().status_code == 401


def test_a_detached_host_finishes_its_run_and_then_leaves(
    admin: User, acme: Team, alice: Machine
) -> None:
    run = alice.claimed(team=acme, by_visitor=False)
    queued(team=acme, by_visitor=False)
    does(admin, alice, "detach")
    assert alice.row.revoked_at is None
    assert "It leaves" in browser(admin).get(alice.row.get_absolute_url()).text
    assert alice.about(run, "heartbeat").status_code == 200
    assert alice.about(run, "result", document=as_sent(document())).status_code == 200

    answer = alice.claim()
    assert answer.status_code == 401
    assert "was detached on the site; what it measured stays" in answer.json()["error"]
    alice.row.refresh_from_db()
    assert alice.row.revoked_at is not None
    assert verbs(acme)[0] == "host.leaving"
    assert verbs(acme)[-1] == "host.revoked"


def test_a_host_leaves_by_itself(alice: Machine, acme: Team) -> None:
    assert alice.post("detach", {}).status_code == 200
    assert alice.post("detach", {}).status_code == 401
    assert verbs(acme) == ["host.revoked"]


def alice_measured(alice: Machine) -> Run:
    run = alice.claimed(team=alice.row.team, by_visitor=False)
    outcomes.finish(run.pk, alice.row, run.attempt, as_sent(document()))
    run.refresh_from_db()
    assert run.state == State.DONE
    return run


@pytest.mark.parametrize("action", ["detach", "revoke"])
def test_what_it_measured_stays(action: str, admin: User, alice: Machine) -> None:
    run = alice_measured(alice)
    does(admin, alice, action)
    client = browser(admin)
    assert client.get(run.get_absolute_url()).status_code == 200
    page = client.get(alice.row.get_absolute_url()).text
    assert "detached" in page
    assert run.get_absolute_url() in page
    assert "Look after it" not in page


def test_only_admins_see_the_actions(admin: User, acme: Team, alice: Machine) -> None:
    address = alice.row.get_absolute_url()
    page = browser(admin).get(address).text
    for action in ("rename", "pause", "rotate", "detach", "revoke"):
        assert f'action="/hosts/{alice.row.pk}/{action}"' in page
    assert "Look after it" not in browser(member(acme, Role.MEMBER)).get(address).text


def test_a_host_that_is_gone_has_no_actions(admin: User, alice: Machine) -> None:
    Host.objects.filter(pk=alice.row.pk).update(revoked_at=timezone.now())
    for action in ACTIONS:
        assert does(admin, alice, action, name="x").status_code == 404
