"""Who asks, how often, with what; and what has not changed is not sent again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone

from benchruns.models import ApiToken, Scope
from tests.benchruns.made import Machine, queued
from tests.benchruns.people import browser, member, person, team
from tests.guide.api.made import BASE, Program, error, measured

pytestmark = pytest.mark.django_db

READS = (
    "/questions", "/recommendation?users=2&hardware=cpu", "/openapi.json", "/hosts", "/runs",
    "/results",
)  # fmt: skip


# Who


@pytest.mark.parametrize("path", READS)
def test_a_token_that_is_none_is_told_so_everywhere(path: str) -> None:
    for given in ("Bearer rgp_guessed", "Bearer", "Basic abc", "rgp_guessed", ""):
        answer = Client().get(f"{BASE}{path}", headers={"Authorization": given})
        assert "unknown, was revoked or has expired" in error(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_opens_nothing_from_the_moment_it_ends() -> None:
    program = Program(person("anna"))
    assert program.get("/hosts").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    error(program.get("/hosts"), 401)


def test_a_cookie_is_nobody_here() -> None:
    """A page elsewhere cannot make a visitor's browser see or do anything."""
    acme = team("acme")
    Machine("bob", team=acme, accepts_visitors=False)
    signed_in = browser(member(acme, "owner"))
    assert signed_in.get(f"{BASE}/hosts").json()["hosts"] == []


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/hosts", Scope.READ),
        ("GET", "/recommendation?users=2", Scope.READ),
        ("POST", "/runs", Scope.RUN),
        ("POST", "/results", Scope.UPLOAD),
        ("DELETE", "/hosts/1", Scope.HOSTS),
    ],
)
def test_a_token_does_only_what_its_scopes_name(method: str, path: str, scope: Scope) -> None:
    others = [one for one in Scope if one is not scope]
    program = Program(person("anna"), others)
    said = error(program.send(method, path, None if method == "GET" else {}), 403)
    assert said.startswith(f"This needs the scope {scope};")
    assert all(other in said for other in others)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/results"), ("PATCH", "/hosts/1"), ("DELETE", "/hosts/1")],
)
def test_without_a_token_it_says_that_one_is_needed(method: str, path: str) -> None:
    assert "This needs a token with the scope" in error(Program().send(method, path, {}), 401)


# How often


@pytest.mark.parametrize("path", READS)
def test_who_asks_too_often_is_told_when_to_come_again(path: str) -> None:
    with patch("guide.api.edge.READS_A_MINUTE", 2):
        address = {"REMOTE_ADDR": f"10.0.0.{READS.index(path) + 1}"}
        answers = [Client().get(f"{BASE}{path}", **address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "More than 2 of these in a minute" in error(answers[-1], 429)


def test_one_token_is_not_slowed_down_by_another_from_the_same_place() -> None:
    anna, bert = Program(person("anna")), Program(person("bert"))
    with patch("guide.api.edge.READS_A_MINUTE", 1):
        assert [p.get("/hosts").status_code for p in (anna, anna, bert)] == [200, 429, 200]


# With what


def test_it_says_which_parameters_there_are_not() -> None:
    assert "colour: Extra inputs" in error(Program().get("/runs?colour=red"), 400)
    assert "is there more than once" in error(Program().get("/runs?limit=1&limit=2"), 400)
    assert "less than or equal to 200" in error(Program().get("/runs?limit=201"), 400)
    assert "'queued'" in error(Program().get("/runs?state=asleep"), 400)


@pytest.mark.parametrize("body", [" ", "{", "[]", "null", '{"engine": 1}', b"\xff", '"\\ud800"'])
def test_it_says_what_is_wrong_with_a_body(body: Any) -> None:
    assert error(Program().post("/runs", body), 400).startswith("The body is not valid:")


def test_it_takes_json_alone() -> None:
    answer = Client().post(f"{BASE}/runs", {"engine": "llama.cpp"})
    assert "Content-Type: application/json" in error(answer, 415)


def test_it_reads_no_more_than_it_needs() -> None:
    large = json.dumps({"answers": "x" * 70_000})
    assert "larger than 65536 bytes" in error(Program().post("/runs", large), 413)


def test_it_says_which_methods_there_are() -> None:
    answer = Program().send("PUT", "/runs")
    assert error(answer, 405) == "PUT is not allowed here; GET, POST, HEAD is."
    assert answer.headers["Allow"] == "GET, POST, HEAD"


@pytest.mark.parametrize("path", ["/hosts/0", f"/hosts/{10**30}", "/runs/x", "/results/nothing"])
def test_an_id_that_can_be_none_is_not_there(path: str) -> None:
    error(Program().get(path), 404)


# Again


def test_what_has_not_changed_is_not_sent_again() -> None:
    run = queued()
    first = Program().get("/runs")
    etag = first.headers["ETag"]
    same = Program().get("/runs", **{"If-None-Match": etag})
    assert (same.status_code, same.content) == (304, b"")
    run.delete()
    assert Program().get("/runs", **{"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("path", ["/questions", "/openapi.json", "/hosts"])
def test_it_answers_head_as_get_without_a_body(path: str) -> None:
    answer = Client().head(f"{BASE}{path}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["ETag"] == Program().get(path).headers["ETag"]


def test_no_cache_in_between_keeps_what_is_somebodys() -> None:
    answer = Program().get("/hosts")
    assert "private" in answer.headers["Cache-Control"]
    assert "Authorization" in answer.headers["Vary"]


def test_a_whole_document_says_when_it_came() -> None:
    run = measured(Machine())
    answer = Program().get(f"/results/{run.pk}/document")
    assert answer.headers["Last-Modified"]
    assert answer.json()["kind"] == "rigguide.result"
