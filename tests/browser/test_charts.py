"""Pictures by pointer and keyboard, and nothing that the security policy forbids."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import shot

pytestmark = [pytest.mark.browser, pytest.mark.processes]
RECIPE = "/recipe/?users=30&hardware=nvidia&device=rtx-4090&model=llama-3.1-8b&os=linux"
SPEED = '[data-plot="plot-speed"]'


def violations(page: Page) -> list[str]:
    """What the policy refused from now on; the console says it too, this says it surely."""
    page.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation',"
        " (event) => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));"
    )
    return []


@pytest.mark.parametrize("address", [RECIPE, "/accuracy/", "/claims/"])
def test_pictures_break_no_policy(page: Page, complaints: list[str], address: str) -> None:
    violations(page)
    page.goto(address)
    frames = page.locator(".plot-frame")
    expect(frames.first).to_be_visible()
    assert frames.count() == page.locator("[data-plot]").count()
    for button in page.locator(".plot-button").all()[:12]:
        button.click()
    frames.first.hover()
    assert page.evaluate("window.refused") == []
    assert complaints == []


def test_the_keyboard_reads_every_figure(page: Page, complaints: list[str]) -> None:
    page.goto(RECIPE)
    frame, reading = page.locator(f"{SPEED} .plot-frame"), page.locator(f"{SPEED} .plot-reading")
    hint = reading.inner_text()
    frame.focus()
    page.keyboard.press("Home")
    expect(reading).to_contain_text("1 user: ")
    first = reading.inner_text()
    page.keyboard.press("ArrowRight")
    expect(reading).to_contain_text("users at once: ")
    assert reading.inner_text() != first
    page.keyboard.press("End")
    expect(page.locator(f"{SPEED} .plot-ring")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(reading).to_have_text(hint)
    assert complaints == []


def test_one_reaches_the_picture_and_its_buttons_by_tab(page: Page) -> None:
    page.goto(RECIPE)
    page.locator(f"{SPEED} .plot-frame").focus()
    reached = set()
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"log users", "log tokens/s", "+", "−", "all", "SVG"} <= reached


def test_an_axis_turns_and_says_so(page: Page) -> None:
    page.goto(RECIPE)
    button = page.locator(SPEED).get_by_role("button", name="Logarithmic axis: tokens/s")
    expect(button).to_have_attribute("aria-pressed", "false")
    before = page.locator(f"{SPEED} .hollow").first.get_attribute("cy")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.locator(f"{SPEED} .hollow").first.get_attribute("cy") != before
    button.click()
    assert page.locator(f"{SPEED} .hollow").first.get_attribute("cy") == before


def test_looking_closer_and_away_again(page: Page) -> None:
    page.goto(RECIPE)
    ticks = page.locator(f"{SPEED} .tick")
    whole = ticks.all_text_contents()
    frame = page.locator(f"{SPEED} .plot-frame")
    frame.focus()
    for _ in range(3):
        page.keyboard.press("+")
    assert ticks.all_text_contents() != whole
    page.keyboard.press("0")
    assert ticks.all_text_contents() == whole


def test_a_series_steps_aside_but_never_the_last(page: Page) -> None:
    page.goto("/accuracy/")
    chart = page.locator('[data-plot="plot-decode"]')
    points = chart.locator(".point")
    everything = points.count()
    toggles = chart.locator(".plot-toggle")
    toggles.first.click()
    expect(toggles.first).to_have_attribute("aria-pressed", "false")
    assert 0 < points.count() < everything
    for toggle in toggles.all()[1:]:
        toggle.click()
    assert points.count() > 0
    pressed = [toggle.get_attribute("aria-pressed") for toggle in toggles.all()]
    assert pressed.count("true") == 1


def test_the_script_draws_where_the_server_drew(page: Page, plain: Page) -> None:
    spots = {}
    for name, each in (("script", page), ("server", plain)):
        each.goto(RECIPE)
        circles = each.locator(f"{SPEED} svg.plot-picture circle.hollow")
        expect(circles.first).to_be_visible()
        spots[name] = sorted(
            (round(float(c.get_attribute("cx") or 0)), round(float(c.get_attribute("cy") or 0)))
            for c in circles.all()
        )
    assert spots["script"] == spots["server"]


def test_without_a_script_picture_key_table_and_files_are_there(plain: Page) -> None:
    plain.goto(RECIPE)
    chart = plain.locator(SPEED)
    expect(chart.locator("svg.plot-picture")).to_be_visible()
    expect(chart.locator(".plot-key")).to_contain_text("estimated")
    expect(chart.get_by_role("link", name=re.compile("as PNG$"))).to_be_visible()
    assert chart.locator("button").count() == 0


def test_nothing_jumps_when_the_script_comes(page: Page) -> None:
    page.add_init_script(
        "window.shifted = 0; new PerformanceObserver((list) => { for (const e of list.getEntries())"
        " if (!e.hadRecentInput) window.shifted += e.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(RECIPE)
    expect(page.locator(f"{SPEED} .plot-frame")).to_be_visible()
    assert page.evaluate("window.shifted") < 0.02


def test_the_picture_is_worth_a_look(page: Page) -> None:
    page.goto(RECIPE)
    expect(page.locator(f"{SPEED} .plot-frame")).to_be_visible()
    shot(page, "recipe-with-pictures")
