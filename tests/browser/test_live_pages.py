"""A run's page and the board of hosts change while one looks, by the stream and without it.

The host of these stories is the test itself: it says what a real one would, when the story wants.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.benchruns.made import FACTS, LLAMA
from tests.browser.conftest import shot
from tests.support import ROOT, RigGuide

pytestmark = [pytest.mark.browser, pytest.mark.processes]
VITALS = {
    "cpu_percent": 42,
    "memory_used_gib": 6,
    "memory_gib": 16,
    "accelerators": [
        {
            "name": "NVIDIA RTX 4090",
            "utilisation_percent": 88,
            "memory_used_gib": 18.5,
            "memory_gib": 24,
            "temperature_c": 63,
            "power_w": 320,
        }
    ],
}


class Alice:
    """A host that does what it is told."""

    def __init__(self, rig: RigGuide, name: str) -> None:
        self.http = httpx.Client(base_url=f"{rig.address}/api/host/v1/", trust_env=False)
        about = {"protocol": 2, "facts": FACTS.model_dump(mode="json"), "engines": [LLAMA]}
        made = self.http.post("enrol", json={"code": _code(rig), "name": name, **about})
        assert made.status_code == 201, made.text
        self.id, self.name = made.json()["host"], made.json()["name"]
        self.http.headers["Authorization"] = f"Bearer {made.json()['token']}"
        self.claim()

    def claim(self, **more: Any) -> dict[str, Any] | None:
        asked = {"protocol": 2, "wait_s": 0, "engines": ["llama.cpp"], **more}
        answer = self.http.post("claim", json=asked)
        answer.raise_for_status()
        return answer.json()["run"] if answer.content else None

    def tell(self, run: dict[str, Any], tok_s: float, fraction: float) -> None:
        progress = {
            "at": "2026-11-21T12:00:00Z",
            "phase": "measuring",
            "message": "2 clients",
            "point": 2,
            "points": 3,
            "clients": 2,
            "tok_s": tok_s,
            "fraction": fraction,
        }
        told = {"attempt": run["attempt"], "events": [progress]}
        self.http.post(f"runs/{run['id']}/events", json=told).raise_for_status()

    def leave(self) -> None:
        """Nobody else is to be offered a host that does no work."""
        self.http.post("detach", json={"protocol": 2}).raise_for_status()
        self.http.close()

    def fail(self, run: dict[str, Any], reason: str) -> None:
        told = {"attempt": run["attempt"], "reason": reason}
        self.http.post(f"runs/{run['id']}/failure", json=told).raise_for_status()


def _code(rig: RigGuide) -> str:
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    env |= {"DATA_DIR": str(rig.data), "PORT": str(rig.port)}
    command = [sys.executable, "manage.py", "enrolment_code", "--visitors"]
    made = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return made.stdout.split()[-1] if made.stdout.split() else ""


@pytest.fixture
def alice(rig: RigGuide) -> Iterator[Alice]:
    host = Alice(rig, "alice")
    yield host
    host.leave()


def asked(page: Page, alice: Alice) -> str:
    """The path of a new run that waits for alice."""
    page.goto("/schedules/")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    form = {
        "csrfmiddlewaretoken": token,
        "answers": "users=4&hardware=cpu",
        "engine": "llama.cpp",
        "model": "smollm2-135m",
        "quant": "Q8_0",
        "host": str(alice.id),
    }
    made = page.request.post("/runs/", form=form, max_redirects=0)
    assert made.status == 303, made.text()
    return made.headers["location"]


def polls(page: Page) -> list[str]:
    """Every time the page asks for its progress."""
    seen: list[str] = []
    page.on("request", lambda r: seen.append(r.url) if r.url.endswith("/progress") else None)
    return seen


def test_a_run_s_page_changes_by_the_stream_alone(
    page: Page, alice: Alice, complaints: list[str]
) -> None:
    path, seen = asked(page, alice), polls(page)
    page.goto(path)
    expect(page.locator("#run-progress")).to_contain_text("Next in the queue.")
    run = alice.claim()
    assert run is not None
    expect(page.locator("#run-state")).to_contain_text("taken by a machine")
    alice.tell(run, 11.5, 0.4)
    expect(page.locator("#run-progress")).to_contain_text("11.5")
    expect(page.locator("#run-state")).to_contain_text("measuring")
    alice.tell(run, 12.5, 0.4)  # by then what moved before has been heard as well
    expect(page.locator("#run-progress")).to_contain_text("12.5")
    page.get_by_role("button", name="Cancel").focus()
    asked_for = len(seen)
    for number in range(20, 26):
        alice.tell(run, number + 0.5, number / 50)
        expect(page.locator("#run-progress")).to_contain_text(f"{number}.5")
    assert len(seen) == asked_for, "it polled although the stream told all"
    assert page.evaluate("document.activeElement.textContent.trim()") == "Cancel"
    shot(page, "run-live")
    alice.fail(run, "The engine went home.")
    expect(page.locator("main")).to_contain_text("The engine went home.")
    expect(page.locator("#toasts")).to_contain_text("Failed, alice")
    assert _shifted(page) < 0.1
    assert complaints == []


def _shifted(page: Page) -> float:
    """Cumulative layout shift, as browsers count it."""
    shifted = page.evaluate(
        """() => new Promise((done) => {
            let sum = 0;
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
            }).observe({type: "layout-shift", buffered: true});
            requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
        })"""
    )
    return float(shifted)


def test_it_polls_where_no_stream_comes_through(page: Page, alice: Alice) -> None:
    page.route("**/events*", lambda route: route.abort())
    path, seen = asked(page, alice), polls(page)
    page.goto(path)
    run = alice.claim()
    assert run is not None
    alice.tell(run, 33.5, 0.5)
    expect(page.locator("#run-progress")).to_contain_text("33.5")
    alice.fail(run, "Enough.")
    expect(page.locator("main")).to_contain_text("Enough.")
    assert seen


def test_it_polls_while_a_proxy_holds_the_stream_back(page: Page, alice: Alice) -> None:
    def silence(route: Route) -> None:
        """The stream is there and never says a word."""
        route.fulfill(status=200, content_type="text/event-stream", body=": nothing\n\n")

    page.route("**/events*", silence)
    path = asked(page, alice)
    page.goto(path)
    run = alice.claim()
    assert run is not None
    alice.tell(run, 44.5, 0.5)
    expect(page.locator("#run-progress")).to_contain_text("44.5")
    alice.fail(run, "Enough.")
    expect(page.locator("main")).to_contain_text("Enough.")


def test_the_board_shows_what_a_host_tells(page: Page, alice: Alice, complaints: list[str]) -> None:
    page.goto("/hosts/")
    card = page.locator(f"#host-{alice.id}")
    expect(card).to_contain_text("not told")
    alice.claim(vitals=VITALS)
    expect(card).to_contain_text("NVIDIA RTX 4090")
    expect(card).to_contain_text("63°C")
    shot(page, "hosts-live")
    assert complaints == []


def test_a_new_host_comes_onto_the_board(page: Page, rig: RigGuide, alice: Alice) -> None:
    page.goto("/hosts/")
    expect(page.locator(f"#host-{alice.id}")).to_be_visible()
    bob = Alice(rig, "bob")
    expect(page.locator(f"#host-{bob.id}")).to_be_visible(timeout=20_000)
    bob.http.close()


def test_without_javascript_a_run_s_page_still_goes_on(
    plain: Page, page: Page, alice: Alice
) -> None:
    path = asked(page, alice)
    plain.goto(path)
    expect(plain.locator("#run-progress")).to_contain_text("Next in the queue.")
    run = alice.claim()
    assert run is not None
    alice.tell(run, 55.5, 0.5)
    expect(plain.locator("#run-progress")).to_contain_text("55.5", timeout=20_000)
    alice.fail(run, "Enough.")


HIDDEN = """(hidden) => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_page_that_nobody_looks_at_asks_for_nothing_until_somebody_does(
    page: Page, alice: Alice
) -> None:
    path = asked(page, alice)
    run = alice.claim()
    assert run is not None
    alice.tell(run, 61.5, 0.5)
    page.goto(path)
    expect(page.locator("#run-progress")).to_contain_text("61.5")
    page.evaluate(HIDDEN, True)
    alice.tell(run, 62.5, 0.6)
    assert "62.5" in page.request.get(f"{path}progress").text()
    expect(page.locator("#run-progress")).to_contain_text("61.5")
    page.evaluate(HIDDEN, False)
    expect(page.locator("#run-progress")).to_contain_text("62.5")
    alice.fail(run, "Enough.")
