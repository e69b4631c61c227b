"""A link from its making to its end, as a visitor without an account sees it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import shot

pytestmark = [pytest.mark.browser, pytest.mark.processes]
RECIPE = "/recipe/?users=4&hardware=nvidia&device=rtx-4090&model=llama-3.1-8b&os=linux"


def test_a_visitor_shares_passes_on_and_takes_back(page: Page, complaints: list[str]) -> None:
    page.goto(RECIPE)
    page.get_by_label("Link holds").select_option("30")
    page.get_by_role("button", name="Share this").click()
    expect(page.locator("#link-key")).to_have_text(re.compile(r"^rgl_[\w-]{22}$"))
    key, link = page.locator("#link-key").inner_text(), page.url
    assert violations(page) == []
    for picture in page.locator(".pass-on img").all():
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0
    shot(page, "shared-with-key")
    page.reload()
    expect(page.locator("#link-key")).to_have_count(0)
    _looks_at_what_has_changed(page)
    _revokes(page, key)
    answer = page.goto(link)
    assert answer is not None
    assert answer.status == 404
    assert [said for said in complaints if "404" not in said and "403" not in said] == []


def _looks_at_what_has_changed(page: Page) -> None:
    page.get_by_role("link", name="What has changed since").first.click()
    expect(page.locator("h1")).to_have_text("Today gives the same answer.")
    assert violations(page) == []
    page.go_back()


def _revokes(page: Page, key: str) -> None:
    page.get_by_role("link", name="Revoke this link").click()
    page.get_by_label("Key of the link").fill("rgl_guessed")
    page.get_by_role("button", name="Revoke it for good").click()
    expect(page.get_by_role("alert")).to_contain_text("That is not the key of this link.")
    assert violations(page) == []
    page.get_by_label("Key of the link").fill(key)
    page.get_by_role("button", name="Revoke it for good").click()
    expect(page.locator("h1")).to_have_text("The link is revoked.")


def test_without_a_script_it_is_the_same(plain: Page) -> None:
    plain.goto(RECIPE)
    plain.get_by_role("button", name="Share this").click()
    key = plain.locator("#link-key").inner_text()
    plain.get_by_role("link", name="Revoke this link").click()
    plain.get_by_label("Key of the link").fill(key)
    plain.get_by_role("button", name="Revoke it for good").click()
    expect(plain.locator("h1")).to_have_text("The link is revoked.")
