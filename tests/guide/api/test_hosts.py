"""Hosts, for programs."""

from __future__ import annotations

import pytest
from django.utils import timezone

from benchruns.models import AuditEntry, Host
from tests.benchruns.made import Machine
from tests.benchruns.people import member, person, team
from tests.guide.api.made import Program, error

pytestmark = pytest.mark.django_db


def test_a_visitor_sees_those_that_take_visitors() -> None:
    public = Machine("public").row
    Machine("closed", accepts_visitors=False)
    Machine("elsewhere", team=team("acme"))
    (host,) = Program().get("/hosts").json()["hosts"]
    assert (host["id"], host["name"], host["team"]) == (public.pk, "public", "this-site")
    assert host["engines"] == [{"id": "llama.cpp", "provider": "xllamacpp wheel", "version": "b1"}]
    assert host["default_visibility"] is None
    assert Program().get(f"/hosts/{public.pk}").json() == host


def test_members_see_those_of_their_teams() -> None:
    acme = team("acme")
    own = Machine("own", team=acme, accepts_visitors=False).row
    Machine("other", team=team("beta"))
    found = Program(member(acme, "viewer")).get("/hosts").json()["hosts"]
    assert [(host["name"], host["default_visibility"]) for host in found] == [("own", "")]
    error(Program().get(f"/hosts/{own.pk}"), 404)
    error(Program(person("stranger")).get(f"/hosts/{own.pk}"), 404)


def test_they_come_page_by_page() -> None:
    names = [Machine(f"host {n}").row.name for n in range(5)]
    seen, path = [], "/hosts?limit=2"
    while path:
        page = Program().get(path).json()
        seen += [host["name"] for host in page["hosts"]]
        path = (page["next"] or "").partition("/api/v1")[2]
    assert seen == names


def test_they_are_asked_for_by_team() -> None:
    Machine("here")
    assert len(Program().get("/hosts?team=this-site").json()["hosts"]) == 1
    assert Program().get("/hosts?team=acme").json()["hosts"] == []


def test_an_admin_renames_pauses_and_says_who_sees() -> None:
    acme = team("acme")
    host, program = Machine("old", team=acme).row, Program(member(acme, "admin"))
    change = {"name": " new ", "paused": True, "default_visibility": "public"}
    told = program.send("PATCH", f"/hosts/{host.pk}", change).json()
    assert (told["name"], told["paused"], told["default_visibility"]) == ("new", True, "public")
    again = program.send("PATCH", f"/hosts/{host.pk}", {"default_visibility": ""}).json()
    assert (again["name"], again["paused"], again["default_visibility"]) == ("new", True, "")
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"host.renamed", "host.paused", "sharing.default"} <= verbs


def test_a_name_is_there_once() -> None:
    acme = team("acme")
    Machine("taken", team=acme)
    host = Machine("free", team=acme).row
    answer = Program(member(acme, "owner")).send("PATCH", f"/hosts/{host.pk}", {"name": "taken"})
    assert "has a host called taken already" in error(answer, 409)


def test_an_admin_revokes_it_and_a_repeat_changes_nothing() -> None:
    acme = team("acme")
    machine, program = Machine("old", team=acme), Program(member(acme, "admin"))
    first = program.send("DELETE", f"/hosts/{machine.row.pk}").json()
    assert first["revoked_at"]
    assert machine.claim().status_code == 401
    assert program.send("DELETE", f"/hosts/{machine.row.pk}").json() == first


@pytest.mark.parametrize(
    "change", [{"name": "new"}, {"paused": True}, {"default_visibility": "public"}]
)
def test_nothing_of_a_revoked_one_changes(change: dict[str, object]) -> None:
    acme = team("acme")
    host = Machine("old", team=acme, revoked_at=timezone.now()).row
    answer = Program(member(acme, "admin")).send("PATCH", f"/hosts/{host.pk}", change)
    assert "old is revoked: nothing of it changes any more." in error(answer, 409)
    assert Host.objects.filter(name="old", paused=False, default_visibility="").exists()


@pytest.mark.parametrize("role", ["viewer", "member"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_others_of_the_team_change_nothing(role: str, method: str) -> None:
    acme = team("acme")
    host = Machine("bob", team=acme).row
    answer = Program(member(acme, role)).send(method, f"/hosts/{host.pk}", {"paused": True})
    assert "Only admins of acme change bob." in error(answer, 403)
    assert Host.objects.filter(pk=host.pk, revoked_at=None, paused=False).exists()


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_for_strangers_it_is_not_there(method: str) -> None:
    host = Machine("bob", team=team("acme")).row
    error(Program(person("stranger")).send(method, f"/hosts/{host.pk}", {"paused": True}), 404)
    assert Host.objects.filter(pk=host.pk, revoked_at=None, paused=False).exists()
