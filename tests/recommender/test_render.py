from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.absence import UNPUBLISHED
from recommender.answers import parse, questions
from recommender.questions import Kind
from recommender.recommend import recommend
from recommender.render import SnapshotError, as_json, as_markdown, restore, snapshot
from tests.recommender.made import measurement, point, told

QUERY = "users=50&hardware=nvidia&os=linux&purpose=production-api&tokens_per_user=10"
PROMISED = {
    "engine",
    "model",
    "quant",
    "settled",
    "next_question",
    "opinions",
    "because",
    "rejected",
    "flips",
    "memory",
    "speed",
    "commands",
    "rulebook_version",
}


def test_the_json_has_what_was_promised() -> None:
    data = as_json(told(QUERY))

    assert set(data) >= PROMISED
    assert data["engine"] == "vllm"
    assert data["opinions"]["a1"]["engine"] == "vllm"
    assert data["opinions"]["a1"]["rules"][0] == "a1.r2"
    assert all({"rule", "source", "text"} <= set(reason) for reason in data["because"])
    assert all({"change", "engine"} <= set(flip) for flip in data["flips"])
    assert {"basis", "low", "high"} <= set(data["speed"])
    assert data["memory"]["total_gib"] == pytest.approx(
        sum(p["gib"] for p in data["memory"]["parts"])
    )
    assert data["rejected"]["tgi"][0]["url"].startswith("https://")


def test_an_article_without_an_opinion_is_null() -> None:
    assert as_json(told(""))["opinions"]["a5"]["engine"] is None


def test_the_json_is_json() -> None:
    assert json.loads(json.dumps(as_json(told(QUERY)))) == json.loads(
        json.dumps(as_json(told(QUERY)))
    )


def test_a_snapshot_gives_back_the_same_recommendation() -> None:
    rec = told("users=4&hardware=cpu&memory_gb=24", measurement("ollama", point(4, 7.0)))

    assert restore(json.loads(json.dumps(snapshot(rec)))) == rec


def test_what_is_not_a_snapshot_is_refused() -> None:
    with pytest.raises(SnapshotError, match="fields are not as kept"):
        restore({"headline": "trust me"})


def test_the_markdown_tells_the_whole_recipe() -> None:
    text = as_markdown(told(QUERY))

    assert text.startswith("# vLLM")
    for title in ("Why", "What the articles say", "Memory", "Speed", "Commands", "Ruled out"):
        assert f"## {title}" in text
    assert "```sh" in text
    assert text.endswith("\n")


def test_the_markdown_of_nothing_says_why() -> None:
    text = as_markdown(told("users=1&hardware=nvidia&memory_gb=8&model=llama-3.3-70b"))

    assert text.startswith("# Nothing fits")
    assert "## Commands" not in text
    assert "GiB" in text


def test_a_figure_that_is_not_known_is_never_zero() -> None:
    data = as_json(told("users=1"))

    assert data["speed"]["value"] is None
    assert "Each user: not known" in as_markdown(told("users=1"))


SOME = {q.id: [o.value for o in q.options] for q in questions() if q.kind is not Kind.NUMBER}
NUMBERS = {"users": ["1", "3", "7", "15", "30", "80"], "gpus": ["1", "2", "8"]}
SIZES = {"memory_gb": ["8", "24", "80"], "context": ["4096", "32768"]}
TARGETS = {"tokens_per_user": ["5", "30"], "ttft_ms": ["300", "3000"]}
ANY = {k: st.sampled_from(v) for k, v in {**SOME, **NUMBERS, **SIZES, **TARGETS}.items()}


@given(st.fixed_dictionaries({}, optional=ANY))
@settings(max_examples=150, deadline=None)
def test_any_answers_get_a_whole_recommendation(said: dict[str, str]) -> None:
    rec = recommend(parse(said.items()))

    assert rec.headline.endswith(".")
    assert restore(json.loads(json.dumps(snapshot(rec)))) == rec
    assert as_json(rec)["engine"] not in {r.engine for r in rec.rejected}
    assert dict(parse_qsl(parse(rec.answers).urlencode())) == said
    withheld = any(warning.startswith("No recipe for") for warning in rec.warnings)
    assert (rec.engine is None or withheld) == (rec.commands == ())
    unsure = any(r.rule == UNPUBLISHED for out in rec.rejected for r in out.reasons)
    assert not (rec.settled and rec.next_question)
    assert rec.settled or rec.next_question or unsure
    assert "{" not in " ".join(reason.text for reason in (*rec.because, *rec.advice))
    assert as_markdown(rec)
