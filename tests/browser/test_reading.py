"""A reader's ways: words that explain themselves, long lists on a phone, a recipe on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import RigGuide

pytestmark = [pytest.mark.browser, pytest.mark.processes]
RECIPE = "/recipe/?users=20&hardware=nvidia&os=linux&device=rtx-4090"
PHONE_PIXELS = 4_000  # a few screens; the list of devices once took 21,000


@pytest.fixture
def phone(browser: Browser, rig: RigGuide) -> Iterator[Page]:
    """A phone: small, and touched."""
    context = browser.new_context(
        base_url=rig.address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


def test_a_word_explains_itself_to_the_keyboard_and_escape_puts_it_away(
    page: Page, complaints: list[str]
) -> None:
    page.goto(RECIPE)
    word = page.locator("a.term", has_text="first token").first
    word.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("until the first text arrives")
    assert word.get_attribute("aria-describedby") == "term-tip"
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/glossary/#ttft$"))
    expect(page.locator("#ttft")).to_be_in_viewport()
    assert complaints == []


def test_a_definition_stays_while_one_points_at_it(page: Page) -> None:
    page.goto(RECIPE)
    page.locator("a.term", has_text="KV cache").first.hover()
    tip = page.get_by_role("tooltip")
    expect(tip).to_be_visible()
    tip.hover()
    expect(tip).to_be_visible()
    page.mouse.move(2, 2)
    expect(tip).to_be_hidden()


def test_the_first_touch_explains_and_the_second_leads_to_the_glossary(phone: Page) -> None:
    phone.goto(RECIPE)
    word = phone.locator("a.term", has_text="first token").first
    word.tap()
    tip = phone.get_by_role("tooltip")
    expect(tip).to_be_visible()
    box = tip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    word.tap()
    expect(phone).to_have_url(re.compile(r"/glossary/#ttft$"))


def test_without_a_script_a_word_is_a_link(plain: Page) -> None:
    plain.goto(RECIPE)
    plain.locator("a.term", has_text="first token").first.click()
    expect(plain).to_have_url(re.compile(r"/glossary/#ttft$"))
    expect(plain.locator("#ttft")).to_be_visible()


@pytest.mark.parametrize("address", ["/devices/", "/models/"])
def test_a_long_list_is_a_few_screens_on_a_phone(phone: Page, address: str) -> None:
    phone.goto(address)
    assert phone.evaluate("document.documentElement.scrollHeight") < PHONE_PIXELS
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_device_is_found_without_a_script(plain: Page) -> None:
    plain.set_viewport_size({"width": 390, "height": 844})
    plain.goto("/devices/")
    plain.get_by_label("Name").fill("4090")
    plain.get_by_role("button", name="Show").click()
    expect(plain.locator("#rtx-4090")).to_be_visible()
    plain.get_by_role("link", name="RTX 4090", exact=False).first.click()
    expect(plain).to_have_url(re.compile(r"\?hardware=nvidia&device=rtx-4090"))


def test_the_parts_of_the_site_open_on_a_phone_without_a_script(plain: Page) -> None:
    plain.set_viewport_size({"width": 390, "height": 844})
    plain.goto("/")
    docs = plain.locator("#site-nav").get_by_role("link", name="Docs")
    expect(docs).to_be_hidden()
    plain.get_by_role("button", name="Menu").click()
    docs.click()
    expect(plain).to_have_url(re.compile("/docs/$"))


def test_a_recipe_is_two_sheets_of_paper_at_most(page: Page) -> None:
    page.goto(RECIPE)
    sheets = page.pdf(format="A4", prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", sheets)) <= 2


def test_what_is_pinned_up_says_the_answers_and_the_commands(page: Page) -> None:
    page.goto(RECIPE)
    page.emulate_media(media="print")
    expect(page.locator(".print-only")).to_contain_text("RTX 4090")
    expect(page.locator("#command-1")).to_be_visible()
    expect(page.get_by_role("button", name="Share this")).to_be_hidden()
    expect(page.locator(".masthead")).to_be_hidden()
