"""`/accuracy/`: errors on unseen rows, pictured, listed and to be taken along."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from recommender.accuracy import load, of_kind, summary

pytestmark = pytest.mark.django_db


def get(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_each_kind_with_its_median_beside_the_roofline(client: Client) -> None:
    page = get(client, "/accuracy/")
    errors = summary(of_kind(load().rows, "decode"))
    assert errors.median is not None
    assert errors.baseline_median is not None
    for share in (errors.median, errors.baseline_median):
        shown = f"{100 * share:.1f} %" if share < 0.2 else f"{100 * share:,.0f} %"
        assert shown in page
    assert 'id="decode"' in page


def test_its_picture_has_a_point_for_every_row_and_a_table_beside_it(client: Client) -> None:
    page = get(client, "/accuracy/")
    assert page.count('<g class="point"') == sum(1 for row in load().rows if row.predicted)
    assert '/accuracy/rows/?kind=decode"' in page
    assert page.count("<tr id=") == 0
    table = get(client, "/accuracy/rows/?kind=decode")
    assert table.count("<tr id=") == len(of_kind(load().rows, "decode"))


def test_it_says_how_it_is_made_again(client: Client) -> None:
    page = get(client, "/accuracy/")
    assert "rigguide calibrate --write" in page
    assert all(digest in page for digest in load().made_with.values())


def test_the_worst_have_links_to_their_sources(client: Client) -> None:
    page = get(client, "/accuracy/").split('id="worst"')[1]
    assert page.count(">Source</a>") == 10


def test_every_row_can_be_downloaded(client: Client) -> None:
    response = client.get("/accuracy.csv")
    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    found = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [row["id"] for row in found] == [row.id for row in load().rows]
    assert float(found[0]["published"]) == load().rows[0].published


def test_an_unknown_kind_is_a_400_that_says_which_there_are(client: Client) -> None:
    response = client.get("/accuracy/rows/?kind=speed")
    assert response.status_code == 400
    assert "decode" in response.content.decode()


def test_every_estimate_leads_there(client: Client) -> None:
    recipe = get(client, "/recipe/?device=rtx-4090&model=qwen3-8b&users=4")
    assert 'href="/accuracy/"' in recipe.split("<footer")[0]
    assert '<a class="basis" href="/accuracy/"' in recipe
