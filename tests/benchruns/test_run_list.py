"""The list of runs: narrowed down, and page by page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from benchruns import run_list
from benchruns.models import Run
from benchruns.states import State
from tests.benchruns.made import Machine, plan, queued

pytestmark = pytest.mark.django_db


def listed(query: str = "") -> list[str]:
    """The ids of the runs on that page, in their order."""
    response = Client().get(f"/runs/?{query}")
    assert response.status_code == 200
    return re.findall(r'href="/runs/([0-9a-f-]{36})/"', response.text)


def older(query: str = "") -> str | None:
    found = re.search(r'href="/runs/\?([^"]+)" rel="next"', Client().get(f"/runs/?{query}").text)
    return found and found[1].replace("&amp;", "&")


def made(count: int, **columns: object) -> list[str]:
    """Newest first."""
    now = timezone.now()
    runs = [queued(requested_at=now - timedelta(minutes=n), **columns) for n in range(count)]
    return [str(run.pk) for run in runs]


def test_it_goes_through_all_runs_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_list, "LISTED", 4)
    runs = made(10)
    pages, query = [listed()], older()
    while query:
        pages.append(listed(query))
        query = older(query)
    assert [len(page) for page in pages] == [4, 4, 2]
    assert [run for page in pages for run in page] == runs


def test_runs_of_the_very_same_moment_are_neither_lost_nor_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_list, "LISTED", 2)
    now = timezone.now()
    runs = {str(queued(requested_at=now).pk) for _ in range(5)}
    seen, query = listed(), older()
    while query:
        seen += listed(query)
        query = older(query)
    assert len(seen) == 5
    assert set(seen) == runs


def test_what_comes_meanwhile_moves_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_list, "LISTED", 2)
    runs = made(4)
    query = older()
    assert query is not None
    queued()
    assert listed(query) == runs[2:]


def test_it_is_narrowed_down() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    waiting = queued(wanted_host=alice.row)
    failed = queued(wanted_host=bob.row, state=State.FAILED)
    vllm = queued(wanted_host=bob.row, plan=plan(engine="vllm"), state=State.EXPIRED)
    running = queued(state=State.RUNNING)
    assert listed("state=waiting") == [str(waiting.pk)]
    assert listed("state=working") == [str(running.pk)]
    assert listed("state=failed") == [str(failed.pk)]
    assert listed("state=expired") == [str(vllm.pk)]
    assert listed("engine=vllm") == [str(vllm.pk)]
    assert listed(f"host={bob.row.pk}") == [str(vllm.pk), str(failed.pk)]
    assert listed(f"host={bob.row.pk}&state=failed&engine=llama.cpp") == [str(failed.pk)]
    assert listed("state=measured") == []
    assert "Nothing like that." in Client().get("/runs/?state=measured").text


def test_the_next_page_is_narrowed_down_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_list, "LISTED", 1)
    [newer, second] = made(2, state=State.FAILED)
    queued()
    query = older("state=failed")
    assert query is not None
    assert [listed("state=failed"), listed(query)] == [[newer], [second]]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("state=odd", "state: &#x27;odd&#x27; is none of waiting, working, measured"),
        ("engine=odd", "engine: &#x27;odd&#x27; is none of"),
        ("host=99", "host: &#x27;99&#x27; is none of none."),
        ("before=yesterday", "before: &#x27;yesterday&#x27; is no place in this list"),
        ("before=2026-11-21T12:00:00_no-id", "is no place in this list"),
        ("before=2026-99-21T12:00:00Z_x", "is no place in this list"),
    ],
)
def test_it_says_what_it_does_not_understand(query: str, said: str) -> None:
    response = Client().get(f"/runs/?{query}")
    assert response.status_code == 400
    assert said in response.text


def test_a_page_deep_in_the_list_asks_as_little_as_the_first(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_list, "LISTED", 2)
    made(9)
    query = older(older() or "")
    assert query
    for page in ("", query):
        with django_assert_num_queries(2):
            listed(page)


@pytest.mark.parametrize("filters", ["", "state=measured", "engine=llama.cpp"])
def test_the_database_sorts_nothing_for_it(filters: str) -> None:
    """However long the list is, it goes to a page by an index and reads no more than that page."""
    if connection.vendor != "sqlite":
        pytest.skip(
            "PostgreSQL chooses by how much there is; benchmarks/ holds it against the time"
        )
    made(3, state=State.DONE)
    chosen = run_list.Filters(**dict(pair.split("=") for pair in filters.split("&") if pair))
    runs = chosen.apply(Run.objects.all()).order_by("-requested_at", "-pk")[:50]
    explained = runs.explain()
    assert "USING INDEX run_newest" in explained
    assert "TEMP B-TREE FOR ORDER BY" not in explained
