from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from guide.presentation import card
from guide.presentation.badge import badge
from guide.presentation.preview import drawn
from recommender.recommendation import Basis, EngineChoice, ModelChoice, QuantChoice
from tests.guide.made import figure, memory, point, recommendation, speed

SVG = "{http://www.w3.org/2000/svg}"
WHEN = datetime(2026, 11, 21, tzinfo=UTC)
LLAMA = ModelChoice("llama-3.1-8b", "Llama 3.1 8B", 8.0, "")
FP8 = QuantChoice("FP8", "8-bit float", 8.0, "")


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_the_title_is_the_verdict() -> None:
    assert card.title(recommendation(model=LLAMA, quant=FP8)) == "Llama 3.1 8B on vLLM, FP8"
    nothing = recommendation(engine=None, headline="Nothing fits: it is too big.")
    assert card.title(nothing) == "Nothing fits"


def test_the_description_says_what_its_figures_rest_on() -> None:
    said = card.description(recommendation())
    assert said == (
        "Run it on vLLM. 60.0 tokens/s for each user (estimated), first token after 120 ms "
        "(estimated)."
    )
    measured = figure(31.0, Basis.MEASURED_HERE)
    assert "(measured)" in card.description(recommendation(speed=speed(tok_s_per_user=measured)))
    assert card.description(recommendation(speed=None)) == "Run it on vLLM."


def test_nothing_of_a_name_is_read_as_markdown() -> None:
    assert card.in_markdown("a](http://evil) [b") == r"a\]\(http://evil\) \[b"


def test_the_badge_has_the_engine_its_colour_and_its_basis() -> None:
    svg = badge(recommendation())
    assert texts(svg) == ["RigGuide", "vLLM, 60.0 tok/s each, estimated"]
    assert "style" not in svg
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == "RigGuide: vLLM, 60.0 tok/s each, estimated"


def test_the_badge_runs_nothing_that_an_engine_is_called() -> None:
    hostile = EngineChoice("vllm", "<script>alert(1)</script>&", "", "")
    svg = badge(recommendation(engine=hostile))
    assert "<script" not in svg
    assert texts(svg)[1].startswith("<script>alert(1)</script>&")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"engine": None, "headline": "Nothing fits: it is too big.", "speed": None},
        {"memory": None},
        {"speed": None},
        {"memory": memory(40.0, 8.0)},
        {"memory": memory(4.0, available=None)},
        {"speed": speed(measured=(point(1, 50.0, Basis.MEASURED_HERE),))},
        {"model": replace(LLAMA, name="<b>& a name of one’s own " * 9), "quant": FP8},
    ],
)
def test_the_preview_is_drawn_whatever_is_known(changes: dict[str, object]) -> None:
    rec = recommendation(**changes)
    svg = drawn(rec, WHEN)
    said = texts(svg)
    assert "shared 21 November 2026, rule book test" in said
    nodes = ET.fromstring(svg).iter(f"{SVG}text")
    verdict = [node.text or "" for node in nodes if node.get("class") == "verdict"]
    assert 1 <= len(verdict) <= 2
    assert card.title(rec).startswith(verdict[0].rstrip("…")[:12])


def test_the_preview_says_what_is_too_much() -> None:
    assert "Memory: 24.0 GiB more than can be used" in texts(
        drawn(recommendation(memory=memory(40.0, 8.0)), WHEN)
    )
