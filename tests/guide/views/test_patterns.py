"""`/patterns/` shows every part; the style sheets take every colour from the tokens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from guide.presentation.patterns import STATUSES, TOKENS, TYPE
from recommender import rulebook
from recommender.recommendation import Basis

CSS = Path(settings.BASE_DIR) / "static" / "css"
SHEETS = sorted(CSS.glob("*.css"))
DEFINED = set(re.findall(r"^\s*(--[\w-]+):", (CSS / "tokens.css").read_text(), re.MULTILINE))
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[;, )])|\brgba?\(|\bhsla?\(")


@pytest.mark.django_db
def test_it_shows_every_part_light_and_dark(client: Client) -> None:
    text = client.get("/patterns/").content.decode()
    for scheme in ("light", "dark"):
        part = text[text.index(f'class="scheme theme-{scheme}"') :]
        assert all(f"colour-{name}" in part for names in TOKENS.values() for name in names)
        assert all(f"type-{size}" in part for size in TYPE)
        assert all(f'data-status="{status}"' in part for status in STATUSES)
        assert all(f'data-engine="{engine}"' in part for engine in rulebook.load().engines)
        assert part.count('class="basis"') >= len(Basis) - 2  # estimates are links of that class


def test_every_shown_token_is_one() -> None:
    shown = {f"--{name}" for names in TOKENS.values() for name in names}
    assert shown <= DEFINED
    assert {f"--text-{size}" for size in TYPE} <= DEFINED


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_uses_only_tokens_that_there_are(sheet: Path) -> None:
    text = sheet.read_text()
    own = set(re.findall(r"(--[\w-]+):", text))
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= DEFINED | own | {"--engine"}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_takes_its_colours_from_the_tokens(sheet: Path) -> None:
    if sheet.name == "tokens.css":
        return
    screen = re.sub(r"@media print \{.*", "", sheet.read_text(), flags=re.DOTALL)
    plain = screen.replace("background: #fff;", "")  # a QR code is read on white in the dark too
    assert COLOUR.findall(plain) == []


def test_light_and_dark_differ_in_every_colour_that_is_ground_or_text() -> None:
    text = (CSS / "tokens.css").read_text()
    pairs = dict(re.findall(r"(--[\w-]+): light-dark\((.+?)\);", text))
    for name in ("--paper", "--ink", "--ink-soft", "--line", "--signal", "--good", "--bad"):
        light, dark = pairs[name].split(", ")
        assert light != dark, name
