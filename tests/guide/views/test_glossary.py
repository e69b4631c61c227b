"""`/glossary/`, and that every word the site uses is in it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape

from recommender import glossary
from tests.benchruns.made import Machine
from tests.benchruns.test_compare_page import measured

pytestmark = pytest.mark.django_db
TEMPLATES = Path(settings.BASE_DIR) / "templates"
USED = re.compile(r'{% term "([^"]+)"')
ABBREVIATION = re.compile(r"\b[A-Z][A-Z0-9]{2,}\b")
ORDINARY = {
    # names of makers, products, works and units that are no terms of the field
    *("AMD", "NVIDIA", "RTX", "AMX", "MAX", "IBM", "MLX", "LLM", "SGLANG", "TGI", "CPU", "CPUs"),
    *("UTC", "CSV", "PDF", "HTTP", "HTTPS", "JSON", "YAML", "TOML", "API", "URL", "SVG", "PNG"),
    *("USB", "RAM", "ARM", "POWER", "RISC", "EPYC", "SHA", "GET", "POST", "HTML", "WSL"),
    *("EUR", "USD", "CODE", "FILE", "FOLDER", "SITE", "README", "TLS"),
}


def test_it_shows_every_word_with_its_definition(client: Client) -> None:
    page = client.get("/glossary/").content.decode()
    found = glossary.load()
    for term in found.terms.values():
        assert f'id="{term.id}"' in page
        assert escape(term.text) in page
        assert all(escape(name) in page for name in term.names)
    for quant in found.quants:
        assert f'id="{quant.anchor}"' in page


def test_every_word_used_in_a_template_is_explained() -> None:
    used = {
        name: path.name
        for path in TEMPLATES.rglob("*.html")
        for name in USED.findall(path.read_text())
    }
    assert len(used) > 10
    assert {n: where for n, where in used.items() if not glossary.load().find(n)} == {}


def words_of(client: Client, address: str) -> str:
    """What a reader sees: no tags, no commands, no attributes."""
    page = client.get(address).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    plain = re.sub(r"<(pre|svg|code|option|select)\b.*?</\1>", " ", main, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", plain))


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/recipe/?users=30&hardware=nvidia&os=linux&device=rtx-4090",
        "/recipe/?users=1&hardware=apple",
        "/docs/measuring/",
        "/docs/deciding/",
    ],
)
def test_every_abbreviation_a_reader_meets_is_explained(client: Client, address: str) -> None:
    found = glossary.load()
    met = {*ABBREVIATION.findall(words_of(client, address))}
    explained = {part.upper() for name in found.words for part in re.findall(r"[A-Za-z0-9]+", name)}
    assert met - explained - ORDINARY == set()


def test_the_page_of_a_run_explains_its_abbreviations(client: Client) -> None:
    run = measured(Machine("forge").row)
    text = words_of(client, f"/runs/{run.pk}/")
    assert "TTFT" in text
    assert glossary.load().find("TTFT") is not None


def test_the_links_of_terms_lead_to_a_word(client: Client) -> None:
    page = client.get("/recipe/?users=30&hardware=nvidia&os=linux").content.decode()
    anchors = set(re.findall(r'href="/glossary/#([^"]+)"', page))
    assert {"ttft", "kv-cache"} <= anchors
    shown = client.get("/glossary/").content.decode()
    assert all(f'id="{anchor}"' in shown for anchor in anchors)
