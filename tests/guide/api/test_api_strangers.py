"""Every operation as somebody who has no business there; a new one cannot be forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from benchruns.models import AuditEntry, Host, Result, Run, Team
from guide.api.all import OPERATIONS
from guide.api.operations import Operation
from tests.benchruns.made import Machine, as_sent, document, queued
from tests.benchruns.people import join, member, person, team
from tests.guide.api.made import BASE, Program, measured

pytestmark = pytest.mark.django_db

BODIES: dict[str, Any] = {
    "change-host": {"paused": True},
    "request-run": {"engine": "llama.cpp", "model": "llama-3.2-1b", "quant": "Q8_0"},
    "upload-result": {"document": as_sent(document(itl_s=0.07))},
    "share-result": {"visibility": "public"},
}
EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
WRITES = pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.writes], ids=lambda operation: operation.id
)


class Acme:
    """A team that keeps to itself what it has: a host, a run that waits, one that is measured."""

    def __init__(self) -> None:
        self.team = team("acme")
        self.machine = Machine("secret host", team=self.team, accepts_visitors=False)
        self.done = measured(self.machine)
        self.waits = queued(team=self.team, wanted_host=self.machine.row)

    def ask(self, operation: Operation, who: Program) -> Any:
        run = self.waits if operation.id == "cancel-run" else self.done
        path = operation.path.removeprefix(BASE)
        path = path.replace("{host}", str(self.machine.row.pk)).replace("{run}", str(run.pk))
        body = BODIES.get(operation.id)
        if operation.id in ("request-run", "upload-result"):
            body = {**body, "host": self.machine.row.pk}
        return who.send(operation.method.upper(), path, body)

    def untouched(self) -> bool:
        host = Host.objects.get(pk=self.machine.row.pk)
        self.waits.refresh_from_db()
        kept = Result.objects.get(run=self.done).visibility == "team"
        calm = not host.paused and host.revoked_at is None and self.waits.state == "queued"
        return kept and calm and Run.objects.count() == 2


@pytest.fixture
def acme() -> Acme:
    return Acme()


def test_every_operation_with_a_body_is_tried_with_one() -> None:
    assert set(BODIES) == {one.id for one in OPERATIONS if one.body is not None}


@EVERY
@pytest.mark.parametrize("who", ["visitor", "stranger", "owner of another team"])
def test_to_strangers_it_is_not_there_and_tells_nothing(
    acme: Acme, operation: Operation, who: str
) -> None:
    someone = person("someone")
    if who == "owner of another team":
        join(someone, team("beta"), "owner")
    before = AuditEntry.objects.count()
    answer = acme.ask(operation, Program(None if who == "visitor" else someone))
    if "{" not in operation.path and not operation.writes:
        assert answer.status_code == 200
    else:
        assert answer.status_code in ((401, 404) if operation.needs else (404,))
    for told in ("secret host", str(acme.done.pk), str(acme.waits.pk)):
        assert told not in answer.text
    assert acme.untouched()
    assert AuditEntry.objects.filter(team=acme.team).count() == before


@WRITES
def test_a_viewer_changes_nothing(acme: Acme, operation: Operation) -> None:
    answer = acme.ask(operation, Program(member(acme.team, "viewer")))
    assert answer.status_code == 403, answer.text
    assert acme.untouched()


@EVERY
def test_a_hosts_token_is_no_persons(acme: Acme, operation: Operation) -> None:
    program = Program()
    program.headers["Authorization"] = f"Bearer {acme.machine.token}"
    assert acme.ask(operation, program).status_code == 401
    assert acme.untouched()


@EVERY
def test_whoever_leaves_the_team_is_a_stranger_with_the_same_token(
    acme: Acme, operation: Operation
) -> None:
    anna = member(acme.team, "owner", "anna")
    program = Program(anna)
    assert acme.ask(OPERATIONS[1], program).status_code == 200
    anna.memberships.all().delete()
    answer = acme.ask(operation, program)
    listed = "{" not in operation.path and not operation.writes
    assert answer.status_code == (200 if listed else 404)
    assert "secret host" not in answer.text
    assert acme.untouched()


def test_a_deleted_teams_things_are_gone_for_its_members_too(acme: Acme) -> None:
    program = Program(member(acme.team, "owner"))
    Team.objects.filter(pk=acme.team.pk).update(deleted_at=acme.done.requested_at)
    assert acme.ask(OPERATIONS[1], program).status_code == 404


def test_an_address_that_is_none_tells_which_there_are() -> None:
    for method in ("get", "post", "delete", "put"):
        answer = getattr(Client(enforce_csrf_checks=True), method)(f"{BASE}/secrets")
        assert answer.status_code == 404
        assert "/api/v1/runs/{run}/cancel" in answer.json()["error"]
