"""A visitor's two ways through one page: three questions, or all; by hand or by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support import RigGuide

pytestmark = [pytest.mark.browser, pytest.mark.processes]
TABS = 80  # more than any question is away from the one before it


def _engine(page: Page) -> str:
    return page.locator("#verdict .verdict-engine").inner_text()


def _tab_to(page: Page, name: str) -> None:
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(name)


def test_three_questions_give_an_answer(page: Page, complaints: list[str]) -> None:
    page.goto("/")
    assert page.locator("#quick > li").count() == 3
    page.get_by_label("An API in production").check()
    expect(page).to_have_url(re.compile("purpose=production-api"))
    page.get_by_label("50 or more").check()
    expect(page).to_have_url(re.compile("users=50"))
    page.get_by_label("NVIDIA", exact=False).first.check()
    expect(page).to_have_url(re.compile("hardware=nvidia"))
    assert _engine(page) == "vLLM"
    page.get_by_role("link", name="See the recipe").click()
    expect(page.locator("h1")).to_contain_text("vLLM")
    assert complaints == []


def test_the_keyboard_alone_answers_and_never_loses_its_place(page: Page, rig: RigGuide) -> None:
    page.goto("/")
    for name in ("purpose", "users", "hardware"):
        _tab_to(page, name)
        page.keyboard.press("ArrowDown")
        expect(page).to_have_url(re.compile(f"{name}="))
        assert page.evaluate("document.activeElement.name") == name
    page.locator("#thorough summary").focus()
    page.keyboard.press("Enter")
    _tab_to(page, "os")
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("os="))
    assert page.evaluate("document.activeElement.name") == "os"
    _tab_to(page, "device")
    with page.expect_response(lambda answer: "device=" in answer.url):
        page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("device="))
    assert page.evaluate("document.activeElement.name") == "device"


def test_an_open_question_names_the_engines_it_could_lead_to(page: Page) -> None:
    page.goto("/?users=1&hardware=nvidia")
    first = page.locator(".opens > li").first
    expect(first).to_contain_text("changes it most")
    first.get_by_role("link").first.click()
    question = first.get_attribute("id")
    assert question is not None
    expect(page.locator(f"#q-{question.removeprefix('open-')} legend")).to_be_in_viewport()


def test_an_engine_that_is_out_stays_in_its_lane_with_the_reason(page: Page) -> None:
    page.goto("/?users=20&hardware=nvidia&os=linux")
    lane = page.locator("#lane-vllm")
    place = page.locator(".board > li").all_inner_texts()
    expect(lane).not_to_have_class(re.compile("lane-out"))
    page.locator("#thorough").get_by_label("Windows").check()
    expect(lane).to_have_class(re.compile("lane-out"))
    expect(lane).to_contain_text("Out.")
    names = [text.split("\n")[0] for text in page.locator(".board > li").all_inner_texts()]
    assert names[:7] == [text.split("\n")[0] for text in place][:7]


def test_nothing_moves_for_those_who_asked_for_stillness(page: Page) -> None:
    page.goto("/?users=20&hardware=nvidia&os=linux")
    durations = page.evaluate(
        "[...document.querySelectorAll('.lane *')].map(e => getComputedStyle(e).transitionDuration)"
    )
    assert {*durations} <= {"0s", ""}


def test_a_link_leads_to_any_state(page: Page, rig: RigGuide) -> None:
    page.goto("/?users=30&hardware=amd&privacy=auditable&context=8192")
    expect(page.locator("#i-users")).to_have_value("30")
    expect(page.locator("#thorough")).to_have_attribute("open", "")
    expect(page.locator("#q-privacy input[value=auditable]")).to_be_checked()
    page.goto("/#thorough")
    expect(page.locator("#q-os legend")).to_be_visible()


def test_the_back_button_takes_back_one_answer_after_the_other(page: Page, rig: RigGuide) -> None:
    page.goto("/")
    page.get_by_label("Chat", exact=False).first.check()
    expect(page).to_have_url(re.compile("purpose=chat$"))
    page.get_by_label("Only me").check()
    expect(page).to_have_url(re.compile("users=1$"))
    page.go_back()
    expect(page).to_have_url(re.compile("purpose=chat$"))
    page.go_back()
    expect(page).to_have_url(f"{rig.address}/")
    expect(page.locator("#i-purpose-open")).to_be_checked()


def test_on_a_phone_the_bar_leads_to_the_reasons_and_the_recipe(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/?users=20&hardware=nvidia")
    bar = page.locator(".verdict-bar")
    expect(bar).to_be_in_viewport()
    bar.get_by_role("link", name="Why").click()
    expect(page.locator(".verdict-line")).to_be_in_viewport()
    expect(bar).to_be_in_viewport()
    bar.get_by_role("link", name="See the recipe").click()
    expect(page.locator("h1")).to_be_visible()
