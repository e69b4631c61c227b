"""axe-core in a page: what it finds, in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parent.parent / "vendor" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
NARROW = {
    "type": "rule",
    "values": [
        *("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"),
        *("aria-hidden-focus", "button-name", "link-name", "region", "landmark-unique"),
    ],
}
"""What can differ between a wide page and the same on a phone."""

EVERYTHING = {"type": "tag", "values": STANDARDS}
RUN = "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})"


def violations(page: Page, only: dict[str, Any] = EVERYTHING) -> list[str]:
    """The script is evaluated, not loaded: the page's own policy stays as strict as it is."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(RUN, only)["violations"]
    return [_sentence(one, node) for one in found for node in one["nodes"]]


def _sentence(one: dict[str, Any], node: dict[str, Any]) -> str:
    return f"{one['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})"
