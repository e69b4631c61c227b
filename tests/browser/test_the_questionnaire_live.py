"""Answering live: focus, typing, the back button and mistakes behave as one would hope."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support import RigGuide

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def address(rig: RigGuide, query: str = "") -> str:
    return f"{rig.address}/{query}"


def test_typing_a_number_is_not_disturbed_by_the_answer(page: Page, rig: RigGuide) -> None:
    page.goto("/")
    field = page.locator("#i-users")
    field.click()
    with page.expect_response(lambda answer: "users_exact=37" in answer.url):
        field.press_sequentially("37")
    expect(page).to_have_url(address(rig, "?users=37"))
    assert focused(page) == "i-users"
    with page.expect_response(lambda answer: "users_exact=370" in answer.url):
        field.press_sequentially("0")
    expect(page).to_have_url(address(rig, "?users=370"))
    expect(page.locator("#i-users-exact")).to_be_checked()


def test_a_suggestion_empties_the_number(page: Page, rig: RigGuide) -> None:
    page.goto("/?users=37")
    page.get_by_label("Only me").check()
    expect(page).to_have_url(address(rig, "?users=1"))
    expect(page.locator("#i-users")).to_have_value("")


def test_it_can_be_answered_with_the_keyboard_alone(page: Page, rig: RigGuide) -> None:
    page.goto("/?hardware=nvidia")
    page.locator("#q-hardware input:checked").focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(address(rig, "?hardware=amd"))
    assert page.evaluate("document.activeElement.value") == "amd"


def test_the_back_button_takes_back_an_answer(page: Page, rig: RigGuide) -> None:
    page.goto("/")
    page.get_by_label("Only me").check()
    expect(page).to_have_url(address(rig, "?users=1"))
    page.get_by_label("Apple silicon").check()
    expect(page).to_have_url(address(rig, "?users=1&hardware=apple"))
    page.go_back()
    expect(page).to_have_url(address(rig, "?users=1"))
    expect(page.locator("#i-hardware-open")).to_be_checked()
    expect(page.locator("#q-users input[value='1']")).to_be_checked()


def test_a_mistake_is_said_at_its_field_and_forgotten_once_put_right(
    page: Page, rig: RigGuide
) -> None:
    page.goto("/?hardware=nvidia")
    field = page.locator("#i-users")
    field.fill("0.5")
    expect(page.locator("#e-users")).to_contain_text("whole number")
    expect(page).to_have_url(address(rig, "?hardware=nvidia"))
    expect(page.locator("#verdict")).to_be_visible()
    field.fill("12")
    expect(page).to_have_url(address(rig, "?users=12&hardware=nvidia"))
    expect(page.locator("#e-users")).to_have_count(0)


def test_nothing_special_and_a_need_exclude_one_another(page: Page, rig: RigGuide) -> None:
    page.goto("/?needs=metrics")
    page.get_by_label("Nothing special").check()
    expect(page).to_have_url(address(rig, "?needs=none"))
    page.get_by_label("Tool calls").check()
    expect(page).to_have_url(address(rig, "?needs=tool-calling"))


def test_further_questions_stay_open_while_one_answers(page: Page, rig: RigGuide) -> None:
    page.goto("/")
    page.locator("#thorough summary").click()
    page.get_by_label("Only me").check()
    expect(page).to_have_url(address(rig, "?users=1"))
    assert page.locator("#thorough").get_attribute("open") is not None


def test_the_marks_walk_to_the_side_they_vote_for(page: Page, complaints: list[str]) -> None:
    page.goto("/?users=1&hardware=nvidia&os=linux")
    lane = page.locator("#lane-vllm")
    expect(lane.locator("#mark-a4")).to_have_count(0)
    page.get_by_label("50 or more").check()
    expect(lane.locator("#mark-a4")).to_be_visible()
    assert complaints == []


def test_a_phone_keeps_the_verdict_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/?users=1&hardware=apple")
    expect(page.locator(".verdict-bar")).to_be_in_viewport()
    page.locator("#q-hardware").scroll_into_view_if_needed()
    expect(page.locator(".verdict-bar")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_link_to_a_folded_question_unfolds_it(page: Page) -> None:
    page.goto("/?users=50&hardware=nvidia&os=linux&purpose=production-api&priority=simplicity")
    link = page.locator("#verdict a[href='#q-privacy']").first
    link.click()
    expect(page.locator("#q-privacy legend")).to_be_in_viewport()


def test_a_command_is_copied_whole(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/recipe/?users=1&hardware=cpu&os=linux")
    shown = page.locator("#command-1").inner_text().strip()
    page.locator("[data-copy=command-1]").click()
    expect(page.locator("[data-copy=command-1]")).to_have_text(re.compile("Copied"))
    assert page.evaluate("navigator.clipboard.readText()") == shown
