"""What a shared link is shown as elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from django.core.cache import cache
from django.test import Client

from guide.models import SharedRecommendation
from recommender.answers import parse
from recommender.recommend import recommend

pytestmark = pytest.mark.django_db
ANSWERS = "users=50&hardware=nvidia&device=rtx-4090&model=llama-3.1-8b&os=linux"
SITE = "http://testserver"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def link(client: Client) -> str:
    return str(client.post("/share/", {"answers": ANSWERS})["Location"])


class Heads(HTMLParser):
    """`<meta>` by name or property, and `<link>` by type."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[given.get("property") or given.get("name", "")] = given.get("content", "")
        if tag == "link":
            self.links[given.get("type") or given.get("rel", "")] = given.get("href", "")


def heads(link: str) -> Heads:
    return Heads(Client().get(link).text)


def test_others_show_it_with_title_description_and_picture(link: str) -> None:
    meta = heads(link).meta
    kept = SharedRecommendation.objects.get().recommendation()
    assert kept.engine is not None
    assert kept.engine.name in meta["og:title"]
    assert kept.headline.rstrip(".") in meta["og:description"]
    assert meta["og:url"] == f"{SITE}{link}"
    assert meta["og:image"] == meta["twitter:image"] == f"{SITE}{link}.png"
    assert (meta["og:image:width"], meta["og:image:height"]) == ("1200", "630")
    assert meta["twitter:card"] == "summary_large_image"


def test_the_picture_is_1200_by_630_and_is_kept_by_caches(link: str, client: Client) -> None:
    response = client.get(f"{link}.png")
    assert response["Content-Type"] == "image/png"
    assert (int.from_bytes(response.content[16:20]), int.from_bytes(response.content[20:24])) == (
        1200,
        630,
    )
    assert "immutable" in response["Cache-Control"]
    again = client.get(f"{link}.png", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_the_picture_of_another_link_is_another(link: str, client: Client) -> None:
    other = client.post("/share/", {"answers": "users=1&hardware=apple"})["Location"]
    assert client.get(f"{link}.png").content != client.get(f"{other}.png").content


def test_embedding_sites_find_what_to_show(link: str, client: Client) -> None:
    address = heads(link).links["application/json+oembed"]
    assert address.startswith(f"{SITE}/oembed?url=")
    response = client.get(address.removeprefix(SITE))
    said = response.json()
    assert (said["version"], said["type"]) == ("1.0", "link")
    assert said["thumbnail_url"] == f"{SITE}{link}.png"
    assert (said["thumbnail_width"], said["thumbnail_height"]) == (1200, 630)
    assert said["title"] == heads(link).meta["og:title"]
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        (f"url={SITE}/r/nothing-was-shared&format=json", 404),
        (f"url={SITE}/engines/", 404),
        ("url=http://elsewhere.example/r/x", 404),
        ("url=http://[", 404),
        ("url=javascript:alert(1)", 404),
        (f"url={SITE}/r/x&format=xml", 501),
    ],
)
def test_embedding_says_what_it_cannot_show(query: str, status: int, client: Client) -> None:
    response = client.get(f"/oembed?{query}")
    assert response.status_code == status
    assert response.json()["error"]


def test_the_badge_stands_in_a_readme(link: str, client: Client) -> None:
    response = client.get(f"{link}/badge.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert "immutable" in response["Cache-Control"]
    ET.fromstring(response.text)
    page = Client().get(link).text
    markdown = re.search(r'id="pass-badge">([^<]+)<', page)
    assert markdown is not None
    assert markdown[1].endswith(f"]({SITE}{link}/badge.svg)]({SITE}{link})")


def test_the_code_leads_to_the_link(link: str, client: Client) -> None:
    response = client.get(f"{link}/qr.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert f"QR code of {SITE}{link}" in response.text
    assert "style" not in response.text
    assert f'src="{link}/qr.svg"' in Client().get(link).text


def test_a_printed_recipe_has_the_code_of_its_own_address(client: Client) -> None:
    page = client.get(f"/recipe/?{ANSWERS}").text
    source = re.search(r'src="(/recipe/qr.svg[^"]+)"', page)
    assert source is not None
    response = client.get(source[1].replace("&amp;", "&"))
    assert f"{SITE}/recipe/?" in response.text
    assert client.get("/recipe/qr.svg?users=many").status_code == 400


def test_one_continues_from_the_answers(link: str) -> None:
    page = Client().get(link).text
    go_on = page[: page.index("Continue from these answers")].rpartition('href="')[2]
    again = Client().get(go_on.partition('"')[0].replace("&amp;", "&")).text
    assert re.search(r'<input[^>]*name="hardware"[^>]*value="nvidia"[^>]*checked', again)


# What has changed since


def kept_then(**changes: object) -> str:
    """As if shared long ago, with answers that give another engine today."""
    then = SharedRecommendation.of(recommend(parse([("users", "1"), ("hardware", "cpu")])))
    old: dict[str, object] = {
        "slug": "old",
        "answers": [["users", "50"], ["hardware", "nvidia"], ["os", "linux"]],
        "snapshot": then.snapshot | {"rulebook_version": "2020.1"},
        "rulebook_version": "2020.1",
    }
    SharedRecommendation.objects.bulk_create([SharedRecommendation(**old | changes)])
    return "/r/old"


def test_it_says_what_is_different_today_and_why(client: Client) -> None:
    page = client.get(f"{kept_then()}/since").text
    assert "The same answers are answered differently today." in page
    assert re.search(r"The engine would be vLLM today; it was \w", page)
    assert "The rule book is " in page
    assert "it was 2020.1." in page
    assert re.search(r"Speaks for vLLM now: \w", page)
    assert re.search(r"By its rules article a\d now takes", page)
    assert 'class="since-differs"' in page


def test_it_says_that_nothing_is_different(link: str, client: Client) -> None:
    page = client.get(f"{link}/since").text
    assert "Today gives the same answer." in page
    assert "Nothing: the same rule book" in page
    assert "since-differs" not in page
    assert f'href="{link}/since"' in client.get(link).text


def test_it_says_when_the_questions_are_others_now(client: Client) -> None:
    page = client.get(f"{kept_then(answers=[['gone', 'yes']])}/since").text
    assert "no longer take one of these answers" in page
    assert "Answer again" in page


def test_what_can_no_longer_be_read_has_no_picture_and_says_so(client: Client) -> None:
    link = kept_then(snapshot={"format": 99})
    for form in (".png", "/badge.svg", "/since", "/pictures/speed.svg"):
        response = client.get(link + form)
        assert response.status_code == 410, form
        assert "format 99" in response.text
    oembed = client.get(f"/oembed?url={quote(SITE + link)}")
    assert (oembed.status_code, "format 99" in oembed.json()["error"]) == (410, True)
