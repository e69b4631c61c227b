"""Results, for programs: seen, uploaded, shared."""

from __future__ import annotations

from typing import Any

import pytest

from benchruns.models import AuditEntry, Result, Run
from tests.benchruns.made import Machine, as_sent, document
from tests.benchruns.people import member, person, team
from tests.guide.api.made import Program, error, measured

pytestmark = pytest.mark.django_db


# Seeing


def test_it_tells_what_was_measured_and_how_far_it_is_borne_out() -> None:
    run = measured(Machine())
    told = Program().get(f"/results/{run.pk}").json()
    assert (told["engine"], told["model"], told["quant"]) == ("llama.cpp", "llama-3.2-1b", "Q8_0")
    assert (told["tier"], told["disputed"], told["counts"]) == ("unverified", False, True)
    assert told["points"][0]["ttft_p50_ms"] == 200.0
    assert told["points"][0]["ttft_p95_ms"] is None
    (listed,) = Program().get("/results").json()["results"]
    assert listed == told
    whole = Program().get(told["document"].partition("/api/v1")[2]).json()
    assert whole == as_sent(document())


def test_the_list_reads_no_document(django_assert_max_num_queries: Any) -> None:
    for n in range(3):
        measured(Machine(f"host {n}"), 0.05 + n / 100)
    with django_assert_max_num_queries(3) as queries:
        assert len(Program().get("/results").json()["results"]) == 3
    assert all('"benchruns_result"."document"' not in q["sql"] for q in queries)


def test_what_a_team_keeps_to_itself_is_there_for_its_members() -> None:
    acme = team("acme")
    run = measured(Machine("bob", team=acme))
    for path in (f"/results/{run.pk}", f"/results/{run.pk}/document"):
        assert Program(member(acme, "viewer", path)).get(path).status_code == 200
        error(Program().get(path), 404)
        error(Program(person(f"stranger to {path}")).get(path), 404)
    assert Program().get("/results").json()["results"] == []


def test_what_was_refused_says_why_and_counts_for_nothing() -> None:
    alice = Machine()
    run = alice.claimed()
    alice.about(run, "result", document=as_sent(document(itl_s=0.0001)))
    told = Program().get(f"/results/{run.pk}").json()
    assert not told["counts"]
    assert "more than this memory can carry" in told["refused"]


def test_they_are_asked_for_by_what_they_are_of_and_come_page_by_page() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    runs = [measured(alice, 0.05 + n / 1000) for n in range(3)]
    measured(bob, 0.2)
    path, seen = f"/results?host={alice.row.pk}&engine=llama.cpp&hardware=cpu&limit=2", []
    while path:
        page = Program().get(path).json()
        seen += [result["id"] for result in page["results"]]
        path = (page["next"] or "").partition("/api/v1")[2]
    assert seen == [str(run.pk) for run in reversed(runs)]
    assert Program().get("/results?model=qwen3-8b").json()["results"] == []
    assert len(Program().get("/results?tier=repeated").json()["results"]) == 3


def test_a_members_recommendation_rests_on_what_their_team_measured() -> None:
    acme = team("acme")
    measured(Machine("bob", team=acme))
    path = "/recommendation?privacy=auditable&hardware=cpu&memory_gb=16&users=2&model=llama-3.2-1b"
    path += "&quant=Q8_0"
    own = Program(member(acme, "viewer")).get(path).json()["speed"]
    assert "bob" in own["measured_where"]
    assert "not public" in own["measured_trust"]
    assert "bob" not in Program().get(path).text


# Uploading


def body(machine: Machine, **changes: Any) -> dict[str, Any]:
    return {"host": machine.row.pk, "document": as_sent(document(**changes))}


def test_a_member_uploads_what_their_host_measured() -> None:
    acme = team("acme")
    machine, anna = Machine("bob", team=acme), member(acme, "member", "anna")
    answer = Program(anna).post("/results", body(machine))
    told = answer.json()
    assert answer.status_code == 201
    assert (told["uploaded"], told["visibility"], told["team"]) == (True, "team", "acme")
    assert answer.headers["Location"].endswith(f"/api/v1/results/{told['id']}")
    entry = AuditEntry.objects.get(verb="result.uploaded")
    assert (entry.actor_name, entry.target) == ("anna", told["id"])
    assert Program(anna).post("/results", body(machine)).json()["id"] == told["id"]
    assert Result.objects.count() == 1


def test_what_cannot_be_true_is_refused_with_the_reason() -> None:
    acme = team("acme")
    machine, program = Machine("bob", team=acme), Program(member(acme, "member"))
    said = error(program.post("/results", body(machine, itl_s=0.0001)), 422)
    assert "more than this memory can carry" in said
    assert "does not validate" in error(
        program.post("/results", {"host": machine.row.pk, "document": {}}), 422
    )
    assert not Run.objects.exists()


def test_others_upload_nothing() -> None:
    acme = team("acme")
    machine = Machine("bob", team=acme)
    answer = Program(member(acme, "viewer")).post("/results", body(machine))
    assert "Only members of acme upload" in error(answer, 403)
    error(Program(person("stranger")).post("/results", body(machine)), 404)
    assert not Result.objects.exists()


# Sharing


def test_an_admin_shares_and_withdraws() -> None:
    acme = team("acme")
    run, program = measured(Machine("bob", team=acme)), Program(member(acme, "admin"))
    path = f"/results/{run.pk}"
    assert program.send("PATCH", path, {"visibility": "public"}).json()["visibility"] == "public"
    assert Program().get(path).status_code == 200
    assert program.send("PATCH", path, {"visibility": "team"}).status_code == 200
    error(Program().get(path), 404)


def test_others_do_not() -> None:
    acme = team("acme")
    run = measured(Machine("bob", team=acme))
    path = f"/results/{run.pk}"
    answer = Program(member(acme, "member")).send("PATCH", path, {"visibility": "public"})
    assert "say who sees it" in error(answer, 403)
    error(Program(person("stranger")).send("PATCH", path, {"visibility": "public"}), 404)
    assert Result.objects.get().visibility == "team"
