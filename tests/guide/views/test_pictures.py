"""Pictures as files, from every page that shows them."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from django.core.cache import cache
from django.test import Client

pytestmark = pytest.mark.django_db
ANSWERS = "users=30&hardware=nvidia&device=rtx-4090&model=llama-3.1-8b&os=linux"
DATA = re.compile(r'<script id="(plot-[^"]+)" type="application/json">(.*?)</script>', re.DOTALL)
FILE = re.compile(r'<a href="([^"]+\.(?:svg|png|csv)[^"]*)" download')
PAGES = ("/recipe/?" + ANSWERS, "/claims/", "/accuracy/")


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_has_its_data_its_key_and_its_three_files(page: str, client: Client) -> None:
    text = client.get(page).text
    data = dict(DATA.findall(text))
    assert len(data) >= 2
    assert text.count('class="plot"') == len(data) == text.count('class="plot-key"')
    assert len(FILE.findall(text)) == 3 * len(data)
    for plot in map(json.loads, data.values()):
        assert plot["series"]
        assert all(one["said"].endswith(".") for s in plot["series"] for one in s["readings"])


@pytest.mark.parametrize("page", PAGES)
def test_every_file_a_page_offers_is_there_under_a_name_of_its_own(
    page: str, client: Client
) -> None:
    names = set()
    for address in FILE.findall(client.get(page).text)[:6]:
        response = client.get(address.replace("&amp;", "&"))
        assert response.status_code == 200, address
        found = re.fullmatch(
            r'attachment; filename="(rigguide-[a-z0-9.-]+)"', response["Content-Disposition"]
        )
        assert found, response["Content-Disposition"]
        names.add(found[1])
    assert len(names) == 6


def test_what_is_saved_has_the_figures_that_the_page_shows(client: Client) -> None:
    plot = json.loads(dict(DATA.findall(client.get(PAGES[0]).text))["plot-speed"])
    rows = list(csv.DictReader(StringIO(client.get(f"/recipe/pictures/speed.csv?{ANSWERS}").text)))
    said = [one["said"] for series in plot["series"] for one in series["readings"]]
    assert [row["in words"] for row in rows] == said


def test_a_shared_picture_stays_as_it_was(client: Client) -> None:
    link = client.post("/share/", {"answers": ANSWERS})["Location"]
    assert f"{link}/pictures/speed.svg" in client.get(link).text
    response = client.get(f"{link}/pictures/memory.svg")
    ET.fromstring(response.text)
    assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        (f"/recipe/pictures/beauty.svg?{ANSWERS}", 404, "there is speed, memory"),
        (f"/recipe/pictures/speed.gif?{ANSWERS}", 404, "there is svg, png, csv"),
        ("/recipe/pictures/speed.svg?users=many", 400, "takes a whole number"),
        ("/claims/pictures/chart-none.svg", 404, "There is no picture"),
        ("/accuracy/pictures/none.svg", 404, "There are no rows of kind"),
    ],
)
def test_it_says_what_is_not_there(address: str, status: int, said: str, client: Client) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert said in response.text


def test_data_cannot_end_its_own_element(client: Client) -> None:
    name = "%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E"
    text = client.get(f"/recipe/?{ANSWERS}&purpose={name}").text
    assert "<script>alert" not in text
