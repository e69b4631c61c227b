"""Golden cases: people, what they should be told, what they must not be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import yaml

from recommender.answers import parse
from recommender.recommend import recommend
from recommender.recommendation import Recommendation
from recommender.render import as_markdown

PERSONAS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "personas.yaml").read_text("utf-8")
)
KEYS = {"name", "answers", "engine", "opinions", "rules", "says", "never"}


def told(persona: dict[str, Any]) -> Recommendation:
    return recommend(parse(parse_qsl(persona["answers"])))


def rules_of(rec: Recommendation) -> set[str]:
    reasons = [*rec.because, *rec.advice, *(rule for o in rec.opinions for rule in o.rules)]
    return {reason.rule for reason in reasons}


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: str(persona["name"]))
def test_it_tells_each_person_what_fits(persona: dict[str, Any]) -> None:
    rec, text = told(persona), as_markdown(told(persona))
    said = {opinion.article: opinion.engine for opinion in rec.opinions}

    assert (rec.engine.id if rec.engine else None) == persona["engine"]
    assert said == said | persona.get("opinions", {})
    assert set(persona.get("rules", ())) <= rules_of(rec)
    assert [part for part in persona.get("says", ()) if part not in text] == []
    assert [part for part in persona.get("never", ()) if part in text] == []


def test_it_knows_every_key_of_a_persona() -> None:
    assert {key for persona in PERSONAS for key in persona} <= KEYS


def test_it_has_many_people() -> None:
    assert len({persona["name"] for persona in PERSONAS}) == len(PERSONAS) >= 40


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: str(persona["name"]))
def test_every_recipe_is_complete(persona: dict[str, Any]) -> None:
    rec = told(persona)

    assert rec.model is not None
    assert rec.quant is not None
    assert rec.memory is not None
    assert abs(sum(part.gib for part in rec.memory.parts) - rec.memory.total_gib) < 0.01
    assert {"install", "serve"} & {command.step for command in rec.commands}
