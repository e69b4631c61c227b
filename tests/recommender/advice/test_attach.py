"""Hardware advice travels with the recommendation: into links, JSON and Markdown."""

from __future__ import annotations

from urllib.parse import parse_qsl

from recommender.advice.attach import CHOOSE, NO_COMMANDS, advised
from recommender.answers import parse
from recommender.recipe import with_forms
from recommender.recommend import recommend
from recommender.recommendation import Recommendation
from recommender.render import as_json, as_markdown, restore, snapshot

FORTY = "purpose=internal-tool&users=40&hardware=none-yet&model=llama-3.3-70b"


def told(query: str) -> Recommendation:
    answers = parse(parse_qsl(query))
    return advised(recommend(answers), answers)


def test_commands_that_no_advised_machine_could_run_are_not_given() -> None:
    """FP8 of 70 billion parameters on one card of an unknown kind: none of those advised."""
    rec = told(FORTY)

    assert rec.commands == ()
    assert with_forms(rec).forms == ()
    assert any(NO_COMMANDS in warning and CHOOSE in warning for warning in rec.warnings)


def test_commands_that_suit_an_advised_machine_stay_and_it_is_named() -> None:
    rec = told("hardware=none-yet&users=1&model=qwen3-8b")

    assert rec.commands
    assert any(warning.startswith("The commands suit a machine") for warning in rec.warnings)


def test_the_recipe_of_a_chosen_machine_has_its_commands() -> None:
    assert told("hardware=none-yet&device=rtx-4090&users=1&model=qwen3-8b").commands


def test_a_link_keeps_it_as_it_was() -> None:
    rec = told("hardware=none-yet&users=4&tokens_per_user=20")
    assert rec.machines is not None
    assert restore(snapshot(rec)) == rec


def test_programs_get_margins_and_what_smaller_ones_lack() -> None:
    machines = as_json(told("hardware=none-yet&users=4&model=qwen3-8b"))["machines"]
    families = [f for f in machines["families"] if f["smallest"]]
    assert families
    assert all(m["limit"] > 0 for f in families for m in f["smallest"]["margins"])
    assert any(f["smaller"] and f["smaller"]["text"] for f in families)


def test_people_read_it_in_the_document() -> None:
    text = as_markdown(told("device=rtx-4090&model=llama-3.3-70b&quant=Q4_K_M"))
    section = text.split("## Which machine to get")[1].split("\n## ")[0]
    assert "One NVIDIA card" in section
    assert "GiB short" in section
    assert "% to spare" in section


def test_where_a_machine_is_named_and_fits_nothing_is_added() -> None:
    answers = parse([("device", "rtx-4090"), ("model", "qwen3-8b")])
    rec = recommend(answers)
    assert advised(rec, answers) == rec
    assert as_json(rec)["machines"] is None


def test_what_there_is_no_file_for_is_said_without_an_id() -> None:
    rec = with_forms(told("hardware=none-yet&users=4&model=qwen3-8b"))
    assert rec.forms
    assert [form.why_not for form in rec.forms if "none-yet" in form.why_not] == []
