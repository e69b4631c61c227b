"""Walks the site as a reader would, link by link, and holds every page to the same promises."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.test import Client

MOST_PAGES = 60
NAMED = ("alternate", "canonical")
"""Links that a browser names and does not load."""
BEGIN = (
    "/",
    "/?users=30&hardware=nvidia&os=linux",
    "/?users=nobody",
    "/recipe/?users=30&hardware=nvidia&os=linux&purpose=production-api",
    "/recipe/?users=1&hardware=apple",
    "/recipe/?users=nobody",
    "/recipe/?hardware=none-yet&users=4",
    "/recipe/?device=rtx-4090&model=llama-3.3-70b&quant=Q4_K_M",
    "/recipe/?device=rtx-4090&users=4&price=1800&currency=EUR&years=3&utilisation=0.3",
    "/accuracy/",
    "/r/nothing-was-shared-here",
    "/patterns/",
    "/glossary/",
    "/docs/tour/",
    "/docs/api/",
    "/devices/?q=4090",
)
pytestmark = pytest.mark.django_db


@dataclass
class Page(HTMLParser):
    """What a page is made of, as far as these promises go."""

    address: str
    links: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    lang: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inline(tag, given)
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(tag)
        if tag == "a":
            self.links.append(given.get("href", ""))
        loaded = tag == "img" or (tag == "script" and given.get("type") != "application/json")
        if loaded or (tag == "link" and given.get("rel") not in NAMED):
            self.assets.append(given.get("src") or given.get("href", ""))
        if tag == "svg" and not {"aria-hidden", "aria-label", "aria-labelledby"} & set(given):
            self.unnamed.append(self.get_starttag_text() or "")
        self._ids(given)

    def _ids(self, given: dict[str, str]) -> None:
        if "id" in given:
            self.ids.append(given["id"])
        for name in ("aria-describedby", "aria-labelledby", "for"):
            self.references += given.get(name, "").split()

    def _inline(self, tag: str, given: dict[str, str]) -> None:
        data = given.get("type") == "application/json"  # never run: the policy lets it pass
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.inline.append(tag)
        self.inline += [n for n in given if n == "style" or n.startswith(("on", "hx-on"))]


def read(client: Client, address: str) -> Page | None:
    """None for what is no page: JSON, Markdown, a redirect."""
    response = client.get(address)
    assert response.status_code != 500, address
    policy = response.headers.get("Content-Security-Policy", "")
    assert "script-src 'self'" in policy, address
    assert "unsafe" not in policy, address
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return None
    page = Page(address)
    page.feed(response.content.decode())
    return page


_walked: list[Page] = []


@pytest.fixture
def walked(client: Client) -> list[Page]:
    """Walked once: what the pages are made of does not change between two tests."""
    if not _walked:
        _walked.extend(walk(client))
    return _walked


def walk(client: Client) -> list[Page]:
    waiting, seen = deque(BEGIN), set(BEGIN)
    pages: list[Page] = []
    while waiting and len(pages) < MOST_PAGES:
        page = read(client, waiting.popleft())
        if page is None:
            continue
        pages.append(page)
        for link in page.links:
            address = urldefrag(urljoin(page.address, link)).url
            if address not in seen and not urlsplit(address).netloc:
                seen.add(address)
                waiting.append(address)
    return pages


def test_it_finds_pages_of_every_kind(walked: list[Page]) -> None:
    kinds = {page.address.partition("?")[0].split("/")[1] for page in walked}
    assert {"", "recipe", "articles", "engines", "runs", "hosts", "r"} <= kinds


def test_it_has_no_inline_script_or_style(walked: list[Page]) -> None:
    assert {page.address: page.inline for page in walked if page.inline} == {}


def test_it_loads_nothing_from_elsewhere(walked: list[Page]) -> None:
    elsewhere = {a for page in walked for a in page.assets if not a.startswith("/")}
    assert elsewhere == set()


def test_it_uses_each_id_once(walked: list[Page]) -> None:
    twice = {p.address: sorted({i for i in p.ids if p.ids.count(i) > 1}) for p in walked}
    assert {address: ids for address, ids in twice.items() if ids} == {}


def test_it_points_labels_and_descriptions_at_something(walked: list[Page]) -> None:
    lost = {p.address: set(p.references) - set(p.ids) for p in walked}
    assert {address: ids for address, ids in lost.items() if ids} == {}


def test_it_names_every_picture_or_hides_it(walked: list[Page]) -> None:
    assert {page.address: page.unnamed for page in walked if page.unnamed} == {}


def test_it_has_one_first_heading_and_skips_no_level(walked: list[Page]) -> None:
    for page in walked:
        levels = [int(heading[1]) for heading in page.headings]
        assert levels.count(1) == 1, page.address
        jumps = [b - a for a, b in pairwise(levels)]
        assert max(jumps, default=0) <= 1, (page.address, levels)


def test_it_says_its_language(walked: list[Page]) -> None:
    assert {page.lang for page in walked} == {"en"}


def test_anchors_lead_to_something(walked: list[Page]) -> None:
    ids = {page.address: set(page.ids) for page in walked}
    for page in walked:
        for link in page.links:
            address, fragment = urldefrag(urljoin(page.address, link))
            if fragment and address in ids:
                assert fragment in ids[address], (page.address, link)
