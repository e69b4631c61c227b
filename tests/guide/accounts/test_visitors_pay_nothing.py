"""Accounts cost who has none nothing: no session, no query, no page that varies with cookies."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchruns.models import Role
from tests.benchruns import people
from tests.benchruns.made import Machine, queued

pytestmark = pytest.mark.django_db

# Pages without a form: one has a token, which is a cookie of its own.
PAGES = ("/articles/", "/engines/", "/runs/", "/hosts/", "/account/", "/healthz", "/nowhere")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_sets_or_reads_a_session(path: str) -> None:
    answer = Client().get(path)
    assert "sessionid" not in answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_asks_the_database_who_that_is(path: str) -> None:
    Machine()
    queued()
    with CaptureQueriesContext(connection) as asked:
        Client().get(path)
    tables = ("auth_user", "django_session", "account_", "mfa_", "membership")
    assert not [q["sql"] for q in asked for table in tables if table in q["sql"]]


def test_pages_that_show_a_team_its_own_do_vary() -> None:
    acme = people.team()
    Machine("zebra", team=acme)
    mine = people.browser(people.member(acme, Role.VIEWER)).get("/hosts/")
    assert "zebra" in mine.text
    assert "Cookie" in mine.headers["Vary"]
    assert "zebra" not in Client().get("/hosts/").text
