"""Question → recipe → run → measured → share link in a fresh profile. All parts are real."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import FLAGS, chromium_path, shot
from tests.support import RigGuide

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.processes]

MEASURED_WITHIN_MS = 300_000  # the default plan ends itself after two minutes, then it is told


def _answer(page: Page, question: str, choice: str) -> None:
    with page.expect_response(lambda answer: "/?" in answer.url):
        page.locator(f"#q-{question} label").filter(has_text=choice).first.click()


def _verdict_is(page: Page, engine: str) -> None:
    expect(page.locator("#verdict .verdict-engine").first).to_have_text(engine)


def test_a_visitor_asks_measures_and_shares(
    page: Page, rig: RigGuide, playwright: Playwright, tmp_path: Path, complaints: list[str]
) -> None:
    _asks_and_sees_the_verdict_change(page)
    _measures(page)
    figures = _sees_measured_beside_estimated(page)
    link = _shares(page)
    _somebody_else_reads_it(playwright, tmp_path, link, figures)
    assert complaints == []


def _asks_and_sees_the_verdict_change(page: Page) -> None:
    page.goto("/")
    _answer(page, "users", "2 to 4")
    _answer(page, "hardware", "processor")
    _verdict_is(page, "Ollama")
    page.locator("#thorough summary").click()
    _answer(page, "privacy", "audit")
    _verdict_is(page, "llama.cpp")
    _chooses_a_model_and_keeps_the_place(page)
    shot(page, "questions")
    page.get_by_role("link", name="See the recipe").first.click()
    expect(page.locator("h1")).to_contain_text("llama.cpp")


def _chooses_a_model_and_keeps_the_place(page: Page) -> None:
    page.locator("#i-model").focus()
    scrolled = page.evaluate("window.scrollY")
    assert scrolled > 0
    with page.expect_response(lambda answer: "smollm2" in answer.url):
        page.locator("#i-model").select_option("smollm2-135m")
    expect(page).to_have_url(re.compile("model=smollm2-135m"))  # the answers are in the address
    assert page.evaluate("document.activeElement.id") == "i-model"
    assert abs(page.evaluate("window.scrollY") - scrolled) < 40


def _measures(page: Page) -> None:
    expect(page.locator("main")).to_contain_text("Nobody has measured")
    shot(page, "recipe-estimated")
    page.get_by_role("button", name="Measure on this machine").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.locator("progress")).to_be_visible()
    shot(page, "run-in-progress")
    expect(page.locator("main")).to_contain_text("What was measured", timeout=MEASURED_WITHIN_MS)
    shot(page, "run-done")


def _sees_measured_beside_estimated(page: Page) -> list[str]:
    """The measured tokens/s per user that the recipe shows are those of the result document."""
    document = json.loads(page.request.get(f"{page.url}result.json").text())
    points = document["points"]
    assert [point["clients"] for point in points][:2] == [1, 2]
    assert document["model"]["synthetic"] is True
    assert document["engine"]["id"] == "llama.cpp"
    run = urlsplit(page.url).path
    page.get_by_role("link", name="Back to the recipe").click()
    assert page.locator(".key-figures .basis").all_inner_texts() == ["measured here"] * 2
    expect(page.locator(f'main a[href$="{run}"]').first).to_be_visible()
    shot(page, "recipe-measured")
    return [_as_shown(point["summary"]["tok_s_per_user"]["p50"]) for point in points[:2]]


def _as_shown(tok_s: float) -> str:
    return f"{tok_s:,.0f}" if tok_s >= 100 else f"{tok_s:.1f}"


def _shares(page: Page) -> str:
    page.get_by_role("button", name="Share this").click()
    page.wait_for_url(re.compile(r"/r/[\w-]{20,}$"))
    return page.url


def _somebody_else_reads_it(
    playwright: Playwright, folder: Path, link: str, figures: list[str]
) -> None:
    reader = playwright.chromium.launch_persistent_context(
        folder / "profile", executable_path=chromium_path(playwright), args=FLAGS
    )
    page = reader.new_page()
    assert page.goto(link)
    expect(page.locator("h1")).to_contain_text("llama.cpp")
    shown = page.locator("main").inner_text()
    for figure in figures:
        assert figure in shown
    assert json.loads(page.request.get(f"{link}.json").text())["engine"] == "llama.cpp"
    assert page.request.get(f"{link}.md").text().startswith("# ")
    shot(page, "shared")
    reader.close()
