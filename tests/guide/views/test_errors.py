"""Every error says what was wrong and what to do, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.views import defaults

from guide.views.share import SHARES_A_MINUTE

pytestmark = pytest.mark.django_db


def too_often(client: Client) -> Any:
    cache.clear()
    answers = [client.post("/share/", {"answers": ""}) for _ in range(SHARES_A_MINUTE + 1)]
    cache.clear()
    return answers[-1]


def forged(_: Client) -> Any:
    return Client(enforce_csrf_checks=True).post("/share/", {"answers": "users=1"})


WALK: dict[str, tuple[int, Callable[[Client], Any]]] = {
    "a wrong answer": (400, lambda c: c.get("/recipe/?users=many")),
    "a question nobody asks": (400, lambda c: c.get("/recipe/?colour=red")),
    "a shelf asked wrongly": (400, lambda c: c.get("/devices/?size=large")),
    "a wrong answer shared": (400, lambda c: c.post("/share/", {"answers": "users=many"})),
    "a stale form": (403, forged),
    "no such page": (404, lambda c: c.get("/nowhere/")),
    "no such engine": (404, lambda c: c.get("/engines/abacus/")),
    "no such link": (404, lambda c: c.get("/r/nobody-ever-made-this-one")),
    "no such run": (404, lambda c: c.get("/runs/7f9c1f4e-0000-4000-8000-000000000000/")),
    "the wrong method": (405, lambda c: c.get("/share/")),
    "the wrong method of a page": (405, lambda c: c.post("/glossary/")),
    "too large": (413, lambda c: c.get("/too-large/")),
    "too often": (429, too_often),
}


@pytest.mark.parametrize("case", WALK)
def test_a_page_of_an_error_says_what_to_do(client: Client, case: str) -> None:
    status, ask = WALK[case]
    response = ask(client)
    text = response.content.decode()
    assert response.status_code == status
    assert f'<p class="eyebrow">{status}</p>' in text
    todo = text[text.index('id="todo"') :]
    assert "<li>" in todo
    assert 'class="button" href="/' in todo
    assert text.count("<h1") == 1


def test_the_sentence_says_what_is_allowed(client: Client) -> None:
    text = client.get("/devices/?size=large").content.decode()
    assert "takes a number above 0, such as 24" in text
    assert "takes POST" in client.get("/share/").content.decode()


def test_a_wrong_answer_leads_back_with_the_right_ones(client: Client) -> None:
    text = client.get("/recipe/?users=many&hardware=cpu").content.decode()
    assert 'href="/?hardware=cpu"' in text


def test_a_wrong_method_still_names_the_right_ones(client: Client) -> None:
    assert client.get("/share/").headers["Allow"] == "POST"


@pytest.mark.parametrize("address", ["/api/v1/recommendation", "/r/x.json"])
def test_a_program_gets_json(client: Client, address: str) -> None:
    response = client.post(address)
    assert response.status_code == 405
    assert response["Content-Type"].startswith("application/json")
    assert response.json()["error"]


def test_an_asynchronous_site_says_the_same() -> None:
    response = async_to_sync(AsyncClient().get)("/share/")
    assert response.status_code == 405
    assert "What to do" in response.content.decode()


def test_a_fault_of_ours_says_that_nothing_is_lost() -> None:
    response = defaults.server_error(RequestFactory().get("/"))
    text = response.content.decode()
    assert response.status_code == 500
    assert "nothing is lost" in text


def test_what_a_team_keeps_to_itself_says_how_to_be_let_in() -> None:
    request: HttpRequest = RequestFactory().get("/")
    response: HttpResponse = defaults.permission_denied(request, Exception(""))
    assert response.status_code == 403
    assert "ask one of its admins" in response.content.decode()


def test_whoever_asks_too_often_is_told_when_to_come_back(client: Client) -> None:
    assert too_often(client)["Retry-After"] == "60"
