"""The audit log: who attached, ran, revoked, shared, invited, changed a role."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from benchruns import audit
from benchruns.audit import WORDS
from benchruns.enrolment import make_code, revoke
from benchruns.models import AuditEntry, Role, Run, Team
from benchruns.models.teams import NOBODY
from benchruns.team_pages.audit import A_PAGE
from tests.benchruns import people
from tests.benchruns.made import API, FACTS, Machine, as_sent, document, queued

pytestmark = pytest.mark.django_db


def lines(team: Team) -> list[tuple[str, str, str]]:
    entries = AuditEntry.objects.filter(team=team).order_by("id")
    return [(entry.actor_name, entry.verb, entry.target) for entry in entries]


def adam_of(team: Team) -> User:
    return people.member(team, Role.ADMIN, "adam")


def test_it_tells_who_attached_and_who_revoked_a_host() -> None:
    acme = people.team()
    adam = adam_of(acme)
    told = {"protocol": 2, "name": "alice", "facts": FACTS.model_dump(mode="json"), "engines": []}
    body: Any = told | {"code": make_code(acme, made_by=adam)}
    assert Client().post(f"{API}enrol", body, "application/json").status_code == 201
    revoke(acme.hosts.get(), adam)
    assert lines(acme) == [
        ("adam", "host.attached", "alice"),
        ("adam", "host.revoked", "alice"),
    ]


def test_it_tells_who_asked_for_a_run_and_who_cancelled_it() -> None:
    acme = people.team()
    alice = Machine(team=acme, accepts_visitors=False)
    client = people.browser(people.member(acme, Role.MEMBER, "mia"))
    form = {"engine": "llama.cpp", "model": "llama-3.2-1b", "quant": "Q8_0", "host": alice.row.pk}
    assert client.post("/runs/", form).status_code == 303
    run = Run.objects.get()
    client.post(f"/runs/{run.pk}/cancel")
    assert lines(acme) == [
        ("mia", "run.requested", str(run.pk)),
        ("mia", "run.cancelled", str(run.pk)),
    ]
    assert (run.asked_by.username, run.by_visitor) == ("mia", False)


def test_it_keeps_of_a_visitor_no_more_than_that_there_was_one() -> None:
    Machine()
    Client().post("/runs/", {"engine": "llama.cpp", "model": "llama-3.2-1b", "quant": "Q8_0"})
    (entry,) = AuditEntry.objects.all()
    assert (entry.actor, entry.actor_name, entry.verb) == (None, "a visitor", "run.requested")
    assert "127.0.0.1" not in str(entry.detail)


def test_it_tells_what_a_machine_uploaded() -> None:
    alice = Machine("alice")
    assert alice.post("results", {"document": as_sent(document())}).status_code == 201
    (entry,) = AuditEntry.objects.all()
    assert (entry.actor_name, entry.verb) == ("host alice", "result.uploaded")
    alice.post("results", {"document": as_sent(document())})
    assert AuditEntry.objects.count() == 1, "the same again is nothing new"


def test_it_outlives_the_account() -> None:
    acme = people.team()
    adam = adam_of(acme)
    audit.record(adam, acme, "host.renamed", "alice")
    adam.delete()
    (entry,) = AuditEntry.objects.all()
    assert (entry.actor, entry.actor_name) == (None, "adam")


def test_the_site_itself_and_visitors_are_named_as_such() -> None:
    acme = people.team()
    assert audit.record(None, acme, "run.requested").actor_name == "the site"
    assert audit.record(NOBODY, acme, "run.requested").actor_name == "a visitor"


def test_a_page_shows_it_in_words_newest_first() -> None:
    acme = people.team()
    adam = adam_of(acme)
    audit.record(adam, acme, "host.renamed", "alice", before="bob")
    audit.record(adam, acme, "something.new", "<script>")
    text = people.browser(adam).get("/teams/acme/audit/").text
    assert "renamed the host <strong>alice</strong>" in text
    assert "before bob" in text
    assert "something.new <strong>&lt;script&gt;</strong>" in text
    assert text.index("something.new") < text.index("renamed the host")


def test_it_has_pages_that_cost_the_same(django_assert_max_num_queries: Any) -> None:
    acme, other = people.team(), people.team("Other")
    for number in range(A_PAGE + 1):
        audit.record(None, acme, "run.requested", f"run-{number}")
    audit.record(None, other, "run.requested", "zebra")
    client = people.browser(adam_of(acme))
    with django_assert_max_num_queries(6):
        first = client.get("/teams/acme/audit/").text
    second = client.get("/teams/acme/audit/?page=2").text
    assert (f"run-{A_PAGE}<" in first, "run-0<" in first) == (True, False)
    assert (f"run-{A_PAGE}<" in second, "run-0<" in second) == (False, True)
    assert "zebra" not in first + second
    for wrong in ("0", "3", "x"):
        assert client.get(f"/teams/acme/audit/?page={wrong}").status_code == 404


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_members_do_not_read_it(role: Role) -> None:
    acme = people.team()
    client = people.browser(people.member(acme, role))
    assert client.get("/teams/acme/audit/").status_code == 404
    assert "Audit log" not in client.get("/teams/acme/").text


def test_the_words_are_sentences_about_what_happened() -> None:
    assert all(verb.count(".") == 1 and words for verb, words in WORDS.items())


def test_a_run_of_a_team_is_cancelled_by_nobody_else() -> None:
    acme = people.team()
    run = queued(team=acme)
    viewer, stranger = people.member(acme, Role.VIEWER), people.person("stranger")
    assert people.browser(viewer).post(f"/runs/{run.pk}/cancel").status_code == 403
    for nobody in (people.browser(stranger), people.browser()):
        assert nobody.post(f"/runs/{run.pk}/cancel").status_code == 404
    assert not AuditEntry.objects.exists()
