from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest

from recommender import questionnaire
from recommender.rulebook import FILES, Rulebook, RulebookError, build, load
from recommender.schema import ARTICLES, ENGINES

# Every rule of the five articles, by number: a1.r1 to a1.r8 and so on.
RULES = {"a1": 8, "a2": 9, "a3": 20, "a4": 7, "a5": 4}


def texts() -> dict[str, str]:
    folder = files("recommender") / "data"
    return {name: (folder / f"{name}.toml").read_text("utf-8") for name in FILES}


def refused(changed: Mapping[str, str]) -> str:
    with pytest.raises(RulebookError) as caught:
        build({**texts(), **changed})
    return str(caught.value)


def test_it_has_every_rule_of_every_article() -> None:
    wanted = {f"{article}.r{n}" for article, count in RULES.items() for n in range(1, count + 1)}

    assert set(load().rules) == wanted


def test_it_has_all_engines_and_articles() -> None:
    assert set(load().engines) == set(ENGINES)
    assert tuple(load().articles) == ARTICLES


def test_every_article_can_be_read_at_its_source() -> None:
    for article in load().articles:
        assert load().sources[article].url.startswith("https://")


def test_every_source_is_used_and_was_checked() -> None:
    book = load()
    rows: list[Any] = [*book.engines.values(), *book.rules.values(), *book.limits]
    rows += book.penalties
    rows += [*book.capacities, *book.serves.values(), *book.assumptions, *book.advice]
    rows += [*book.conversations.values()]
    rows += [*book.contradictions, *book.device_limits, *book.terms.values()]
    used = {row.source for row in rows}

    assert set(book.sources) - used <= {"adr-0002"}
    assert all(source.checked.year >= 2026 for source in book.sources.values())


def test_primary_sources_can_be_opened() -> None:
    for source in load().sources.values():
        assert source.kind == "decision" or source.url.startswith("https://")


def test_its_version_follows_its_data() -> None:
    changed = build({**texts(), "engines": texts()["engines"] + "\n# a remark\n"})

    assert changed.version != load().version
    assert changed != load()
    assert build(texts()) == load()


def test_it_is_loaded_once() -> None:
    assert load() is load()


def test_a_rule_without_a_source_does_not_load() -> None:
    text = texts()["rules"].replace('id = "a1.r1"\nsource = "a1"', 'id = "a1.r1"')

    said = refused({"rules": text})

    assert "a1.r1" in said
    assert "source" in said


def test_a_source_that_is_not_listed_does_not_load() -> None:
    text = texts()["limits"].replace('source = "tgi-readme"', 'source = "hearsay"', 1)

    said = refused({"limits": text})

    assert "limit.tgi.archived names the source 'hearsay'" in said


def test_an_unknown_field_does_not_load() -> None:
    text = texts()["engines"].replace('name = "Ollama"', 'name = "Ollama"\ncolour = "black"')

    assert "ollama: colour" in refused({"engines": text})


def test_an_unknown_engine_does_not_load() -> None:
    text = texts()["limits"].replace('engine = "tgi"', 'engine = "tgx"', 1)

    assert "limit.tgi.archived: engine" in refused({"limits": text})


def test_an_id_twice_does_not_load() -> None:
    text = texts()["rules"].replace('id = "a1.r2"', 'id = "a1.r1"')

    assert "there twice: a1.r1" in refused({"rules": text})


def test_a_verdict_that_names_no_engine_does_not_load() -> None:
    text = texts()["rules"].replace('engines = [{ engine = "ollama" }]\n', "", 1)

    assert "names no engine" in refused({"rules": text})


def test_an_article_that_forgets_a_verdict_does_not_load() -> None:
    text = texts()["articles"].replace('"a1.r8"]', "]")

    assert "the order of a1" in refused({"articles": text})


def test_an_article_waits_only_at_its_own_verdicts() -> None:
    text = texts()["articles"].replace('waits = ["a2.r1"', 'waits = ["a1.r1"')

    assert "a2 waits at a rule" in refused({"articles": text})


def test_a_step_nobody_knows_does_not_load() -> None:
    text = texts()["house"].replace('step = "audit"', 'step = "mood"', 1)

    assert "house.audit.binary" in refused({"house": text})


def test_a_house_rule_names_engines_one_way_round() -> None:
    text = texts()["house"].replace('engines = ["ollama"]\npenalty', "penalty", 1)

    assert "either `engines` or `except`" in refused({"house": text})


def test_a_broken_file_says_which() -> None:
    assert "house.toml is not TOML" in refused({"house": "[[step"})


def test_a_fact_nobody_knows_does_not_load() -> None:
    text = texts()["terms"].replace('users = ">=50"', 'people = ">=50"')

    said = refused({"terms": text})

    assert "load-50" in said
    assert "there is no fact 'people'" in said


def test_it_finds_the_rules_of_one_article() -> None:
    book: Rulebook = load()

    assert [rule.id for rule in book.of_article("a5")] == ["a5.r1", "a5.r2", "a5.r3", "a5.r4"]


def test_the_weights_of_the_questions_name_their_source() -> None:
    assert questionnaire._data()["source"] in load().sources
