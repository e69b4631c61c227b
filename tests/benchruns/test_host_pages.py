"""Attached machines as visitors see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchruns.enrolment import revoke
from benchruns.models import Run, Team
from tests.benchruns.made import Machine, queued

pytestmark = pytest.mark.django_db


def hosts() -> str:
    return Client().get("/hosts/").text


def test_it_lists_machines_with_what_they_are() -> None:
    Machine("alice")
    for said in ("alice", "AMD EPYC 7B13, 1 core, 16 GiB", "online", "llama.cpp"):
        assert said in hosts()
    assert "vLLM" not in hosts()


def test_it_says_when_a_machine_was_last_seen() -> None:
    Machine(last_seen_at=timezone.now() - timedelta(hours=2))
    assert "last seen 2\xa0hours ago" in hosts()


def test_it_says_how_another_machine_is_attached() -> None:
    text = Client().get("/hosts/", HTTP_HOST="localhost:8000").text
    for command in (
        "manage.py enrolment_code --visitors",
        "rigguide attach http://localhost:8000 CODE",
        "rigguide host",
    ):
        assert command in text
    assert "only this very machine can reach" in text
    assert "HTTPS" not in text


def test_it_warns_of_no_loopback_where_others_can_reach_it() -> None:
    text = Client().get("/hosts/", HTTP_HOST="testserver").text
    assert "rigguide attach http://testserver CODE" in text
    assert "only this very machine can reach" not in text


def test_it_lists_nothing_that_is_not_the_visitors_business() -> None:
    revoke(Machine("revoked").row)
    Machine("shy", accepts_visitors=False)
    Machine("theirs", team=Team.objects.create(slug="others", name="Others"))
    assert "No machine is attached." in hosts()


def test_it_shows_one_machine_and_what_is_not_installed() -> None:
    alice = Machine("alice")
    text = Client().get(alice.row.get_absolute_url()).text
    for said in ("AMD EPYC 7B13", "15.6", "xllamacpp wheel", "not installed", "pip install vllm"):
        assert said in text


def test_it_shows_only_machines_it_lists() -> None:
    for machine in (
        Machine("shy", accepts_visitors=False),
        Machine("theirs", team=Team.objects.create(slug="others", name="Others")),
    ):
        assert Client().get(machine.row.get_absolute_url()).status_code == 404
    assert Client().get("/hosts/999/").status_code == 404
    assert Client().get(f"/hosts/{'9' * 40}/").status_code == 404


def test_it_runs_no_script_of_a_host() -> None:
    hostile = "<script>alert(1)</script>"
    engine = {"id": hostile, "provider": hostile, "version": hostile, "detail": hostile}
    alice = Machine(hostile, engines=[engine])
    for text in (hosts(), Client().get(alice.row.get_absolute_url()).text):
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_a_machine_s_page_asks_the_same_of_the_database_however_many_runs_it_had() -> None:
    alice = Machine()

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            text = Client().get(f"/hosts/{alice.row.pk}/").text
        assert all(run.get_absolute_url() in text for run in Run.objects.all())
        return [query["sql"] for query in queries]

    queued(host=alice.row, wanted_host=alice.row)
    few = asked()
    for _ in range(5):
        queued(host=alice.row, wanted_host=alice.row)
    many = asked()
    assert len(many) == len(few)
    assert not any('"log"' in sql for sql in many)
