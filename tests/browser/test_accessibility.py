"""axe-core finds nothing to object to, on any page, light or dark, wide or on a phone; each page
is kept as a picture."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import AXE, CONTRAST, EVERYTHING, NARROW, violations
from tests.browser.conftest import shot
from tests.support import ROOT, RigGuide

pytestmark = [pytest.mark.browser, pytest.mark.processes]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
RECIPE = "/recipe/?users=20&hardware=nvidia&os=linux&device=rtx-4090&tokens_per_user=10"
PAGES = {
    "landing": "/",
    "mid-questionnaire": "/?users=20&hardware=nvidia&os=windows&privacy=auditable",
    "mistake": "/?users=many&hardware=nvidia",
    "recipe": RECIPE,
    "nothing-fits": "/recipe/?users=1&hardware=nvidia&memory_gb=8&model=llama-3.3-70b",
    "no-machine-yet": "/recipe/?users=4&hardware=none-yet",
    "prices": "/recipe/?device=rtx-4090&users=4&price=1800&currency=EUR&years=3&utilisation=0.3",
    "shared": "{shared}",
    "articles": "/articles/",
    "article": "/articles/a2/",
    "engines": "/engines/",
    "engine": "/engines/vllm/",
    "claims": "/claims/",
    "questions": "/q/",
    "rulebook": "/rulebook/",
    "accuracy": "/accuracy/",
    "models": "/models/?q=llama",
    "devices": "/devices/",
    "compare": "/compare/?results={both}",
    "runs": "/runs/",
    "run-done": "{done}",
    "run-in-progress": "{running}",
    "run-failed": "{failed}",
    "hosts": "/hosts/",
    "host": "{host}",
    "upload": "/results/upload/",
    "error-400": "/recipe/?users=many",
    "error-404": "/nowhere/",
    "glossary": "/glossary/",
    "patterns": "/patterns/",
    "docs": "/docs/",
    "docs-tour": "/docs/tour/",
    "docs-deciding": "/docs/deciding/",
    "docs-measuring": "/docs/measuring/",
    "docs-hosts": "/docs/hosts/",
    "docs-citing": "/docs/citing/",
    "docs-api": "/docs/api/",
}
KEPT = {"landing", "mid-questionnaire", "recipe", "shared", "compare", "claims", "hosts"}
"""Looked at through and through in all four looks; of the others one wide and one of a phone."""


@pytest.fixture(scope="module")
def stock(rig: RigGuide) -> Iterator[dict[str, str]]:
    """Addresses of runs and of a host that the site has meanwhile."""
    yield dict(json.loads(_stocked(rig)))
    _stocked(rig, "--clear")


def _stocked(rig: RigGuide, *words: str) -> str:
    env = {**os.environ, "DATA_DIR": str(rig.data), "PORT": str(rig.port)}
    command = [sys.executable, "-m", "tests.browser.stocked", *words]
    made = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout


@pytest.fixture(scope="module")
def looked(browser: Browser, rig: RigGuide) -> Iterator[Page]:
    """One page for all of these: nothing of one address lasts into the next."""
    context = browser.new_context(base_url=rig.address, viewport=WIDE, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def addresses(looked: Page, stock: dict[str, str]) -> dict[str, str]:
    looked.goto(RECIPE)
    looked.get_by_role("button", name="Share this").click()
    looked.wait_for_url(re.compile(r"/r/[\w-]{20,}$"))
    return {**stock, "shared": looked.url}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_stands_in_anybody_s_way(
    looked: Page, addresses: dict[str, str], name: str
) -> None:
    looked.emulate_media(color_scheme="light")
    looked.set_viewport_size(WIDE)
    looked.goto(PAGES[name].format(**addresses))
    assert violations(looked) == []
    shot(looked, f"{name}-wide-light")
    _dark(looked, name)
    looked.set_viewport_size(PHONE)
    assert violations(looked, EVERYTHING if name in KEPT else NARROW) == []
    assert looked.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot(looked, f"{name}-phone-dark")
    looked.emulate_media(color_scheme="light")
    if name in KEPT:
        shot(looked, f"{name}-phone-light")


def _dark(page: Page, name: str) -> None:
    page.emulate_media(color_scheme="dark")
    assert violations(page, CONTRAST) == []
    if name in KEPT:
        shot(page, f"{name}-wide-dark")


def test_axe_is_byte_for_byte_what_was_vendored() -> None:
    listed = (AXE.parent / "README.md").read_text()
    found = re.search(
        r"`axe\.min\.js` \| `axe-core` \| [\d.]+ \| [^|]+ \| `([0-9a-f]{64})`", listed
    )
    assert found
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == found[1]
    assert (AXE.parent / "LICENSE").is_file()
    assert Path("static") not in AXE.relative_to(ROOT).parents
