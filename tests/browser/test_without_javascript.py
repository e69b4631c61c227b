"""From question to recipe to share link with JavaScript switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_a_visitor_without_javascript_gets_a_recipe_and_a_link(plain: Page) -> None:
    plain.goto("/")
    plain.locator("#q-users label").filter(has_text="50").first.click()
    plain.locator("#q-hardware label").filter(has_text="NVIDIA").first.click()
    plain.get_by_role("button", name="Update the verdict").click()
    expect(plain.locator("#verdict")).to_contain_text("vLLM")
    plain.get_by_role("link", name="See the recipe").first.click()
    expect(plain.locator("h1")).to_contain_text("vLLM")
    plain.get_by_role("button", name="Share this").click()
    assert re.search(r"/r/[\w-]{20,}$", plain.url)
    expect(plain.locator("h1")).to_contain_text("vLLM")


def test_malformed_answers_get_a_sentence_and_keep_the_rest(plain: Page) -> None:
    answer = plain.goto("/?users=many&hardware=nvidia")
    assert answer is not None
    assert answer.status == 400
    expect(plain.get_by_role("alert")).to_contain_text("takes a whole number from 1")
    expect(plain.locator("#q-hardware input[value=nvidia]")).to_be_checked()


def test_an_unknown_link_is_not_found(plain: Page) -> None:
    answer = plain.goto("/r/nobody-ever-made-this-one")
    assert answer is not None
    assert answer.status == 404
