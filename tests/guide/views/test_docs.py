"""`/docs/`: every page is there, linked, and tells what is so now."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from guide.presentation.tour import examples
from guide.views.docs import PAGES
from recommender import rulebook
from recommender.evidence import NoEvidence

pytestmark = pytest.mark.django_db


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_linked_from_the_first_and_from_every_other(client: Client, name: str) -> None:
    assert f'href="/docs/{name}/"' in page(client, "/docs/")
    text = page(client, f"/docs/{name}/")
    assert f"<h1>{PAGES[name]}</h1>" in text
    assert f'href="/docs/{name}/" aria-current="page"' in text
    assert all(f'href="/docs/{other}/"' in text for other in PAGES)


def test_the_docs_are_linked_from_every_page(client: Client) -> None:
    text = page(client, "/")
    assert 'href="/docs/"' in text
    assert 'href="/glossary/"' in text


def test_an_unknown_page_names_those_there_are(client: Client) -> None:
    response = client.get("/docs/nowhere/")
    assert response.status_code == 404
    assert "deciding" in response.content.decode()


def test_the_tour_shows_what_the_decision_says(client: Client) -> None:
    text = page(client, "/docs/tour/")
    for example in examples(NoEvidence()):
        assert escape(example.rec.headline) in text
        assert f"/recipe/?{escape(example.query)}" in text


def test_deciding_asks_the_steps_of_the_rule_book_in_their_order(client: Client) -> None:
    text = page(client, "/docs/deciding/")
    places = [text.index(escape(step.title)) for step in rulebook.load().steps]
    assert places == sorted(places)


def test_a_citation_names_the_rule_book_as_it_is(client: Client) -> None:
    assert rulebook.load().version in page(client, "/docs/citing/")


def test_the_api_page_lists_its_addresses(client: Client) -> None:
    text = page(client, "/docs/api/")
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert all(f"<code>{path}</code>" in text for path in paths)
