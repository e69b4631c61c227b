"""The forms of a recipe: chosen without a script, copied with one, downloaded either way."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]
RECIPE = "/recipe/?users=50&hardware=nvidia&os=linux&purpose=production-api&device=rtx-4090"
FORMS = ("shell", "script", "compose", "service", "kubernetes")


def only_shown(page: Page, form: str) -> None:
    for other in FORMS:
        panel = page.locator(f"#panel-{other}")
        expect(panel).to_be_visible() if other == form else expect(panel).to_be_hidden()


def test_one_form_at_a_time_without_javascript(plain: Page) -> None:
    plain.goto(RECIPE)
    only_shown(plain, "shell")
    for form in FORMS[1:]:
        plain.locator(f"label:has(#form-{form})").click()
        only_shown(plain, form)
    expect(plain.locator("button[data-copy]").first).to_be_hidden()


def test_the_keyboard_walks_through_the_forms(plain: Page) -> None:
    plain.goto(RECIPE)
    plain.locator("#form-shell").focus()
    plain.keyboard.press("ArrowRight")
    only_shown(plain, "script")
    plain.keyboard.press("ArrowRight")
    only_shown(plain, "compose")


def test_a_file_is_downloaded_under_its_name(plain: Page, tmp_path: Path) -> None:
    plain.goto(RECIPE)
    plain.locator("label:has(#form-compose)").click()
    with plain.expect_download() as waiting:
        plain.get_by_role("link", name="Download docker-compose.yml").click()
    assert waiting.value.suggested_filename == "docker-compose.yml"
    waiting.value.save_as(tmp_path / "file")
    engine = yaml.safe_load((tmp_path / "file").read_text())["services"]["engine"]
    assert engine["ports"] == ["127.0.0.1:8000:8000"]


def test_nothing_runs_off_the_side_of_a_phone(plain: Page) -> None:
    plain.set_viewport_size({"width": 390, "height": 844})
    plain.goto(RECIPE)
    for form in FORMS:
        plain.locator(f"label:has(#form-{form})").click()
        wide = plain.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
