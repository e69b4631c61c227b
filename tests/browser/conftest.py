"""A real Chromium against the real thing: site, broker, workers, llama.cpp."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.support import ROOT, RigGuide, running

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = ROOT / "var" / "screenshots"
WITHIN_MS = 60_000
"""A page shows what is expected as soon as it can, however busy the machine is: what is not there
by then will never come."""
expect.set_options(timeout=WITHIN_MS)


def chromium_path(playwright: Playwright) -> str:
    """The one that CHROMIUM names, the first on the PATH, or Playwright's own."""
    own = playwright.chromium.executable_path
    named = [os.environ.get("CHROMIUM", ""), "chromium", "google-chrome", own]
    found = next(filter(None, map(shutil.which, filter(None, named))), None)
    assert found, "no Chromium: `make test` installs it, or say CHROMIUM=/path/to/it"
    return found


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RigGuide]:
    with running(tmp_path_factory.mktemp("rigguide")) as rig:
        yield rig


# Of a module, not of the session: it keeps an event loop running in this thread, and tests of
# other folders run loops of their own.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium_path(playwright), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the page's console said: errors, refused by the content security policy included."""
    return []


@pytest.fixture
def page(browser: Browser, rig: RigGuide, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(
        base_url=rig.address, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(WITHIN_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()


@pytest.fixture
def plain(browser: Browser, rig: RigGuide) -> Iterator[Page]:
    """A browser with JavaScript switched off."""
    context: BrowserContext = browser.new_context(base_url=rig.address, java_script_enabled=False)
    context.set_default_timeout(WITHIN_MS)
    yield context.new_page()
    context.close()


def shot(page: Page, name: str) -> Path:
    """Build output, never committed: what the page looked like."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path
