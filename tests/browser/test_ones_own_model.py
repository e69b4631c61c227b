"""A model that is in no list: of its file only the head leaves the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.recommender.own.test_gguf_file import written

pytestmark = [pytest.mark.browser, pytest.mark.processes]
LARGE = 200 * 2**20


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A GGUF file with a lot behind its head; sparse, so it takes no room."""
    path = written(tmp_path / "large.gguf")
    with path.open("ab") as file:
        file.truncate(LARGE)
    return path


def test_the_page_sends_the_head_alone_and_keeps_what_was_answered_since(
    page: Page, large: Path, complaints: list[str]
) -> None:
    page.goto("/")
    page.locator("#q-hardware label").filter(has_text="NVIDIA").first.click()
    expect(page).to_have_url("/?hardware=nvidia")
    page.locator("#own-model > summary").click()
    page.set_input_files("#own-model-file", large)
    kept = page.evaluate("document.getElementById('own-model-file').files[0].size")
    assert kept < LARGE / 4

    page.get_by_role("button", name="Use this model").click()
    expect(page.locator("#i-model")).to_contain_text("Small but real, your own")
    assert "hardware=nvidia" in page.url
    assert "model=custom" in page.url
    expect(page.locator("#i-quant")).to_have_value("F16")
    assert complaints == []


def test_without_javascript_too_large_a_file_gets_a_sentence(plain: Page, large: Path) -> None:
    plain.goto("/?users=4")
    plain.locator("#own-model > summary").click()
    plain.set_input_files("#own-model-file", large)
    plain.get_by_role("button", name="Use this model").click()
    expect(plain.locator(".lede")).to_contain_text("head -c 24M model.gguf")


def test_what_was_wrong_is_in_sight_and_has_the_focus_without_javascript(plain: Page) -> None:
    plain.goto("/?users=4")
    plain.locator("#own-model > summary").click()
    plain.get_by_label("Its config.json, pasted").fill("{")
    plain.get_by_role("button", name="Use this model").click()
    expect(plain.locator("#own-model-error")).to_be_in_viewport()
    expect(plain.locator("#own-model-error")).to_be_focused()


def test_a_device_is_described_without_javascript(plain: Page) -> None:
    plain.goto("/?users=4&hardware=nvidia")
    plain.locator("#own-device > summary").click()
    plain.get_by_label("Memory bandwidth").fill("1008")
    plain.get_by_label("Memory", exact=True).fill("24")
    plain.get_by_role("button", name="Use this device").click()
    expect(plain.locator("#i-device")).to_contain_text("My device, your own (1008 GB/s, 24 GB)")
