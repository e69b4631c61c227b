"""Common questions, answered by the rule book as it is."""

from __future__ import annotations

import pytest

from recommender import landings
from recommender.answers import parse
from recommender.landings import LandingError, Page, build, load
from recommender.ledger.verdict import judge
from recommender.recommend import recommend


def page(slug: str) -> Page:
    return landings.answer(load()[slug])


@pytest.mark.parametrize("slug", load())
def test_every_case_is_what_the_guide_itself_answers(slug: str) -> None:
    for one in page(slug).answered:
        assert one.rec.engine is not None
        assert one.rec == recommend(parse(one.case.answers.items()))
        assert one.query == one.case.parsed.urlencode()


def test_it_has_the_questions_the_articles_answer() -> None:
    asked = {
        "which-runtime",
        "vllm-on-a-mac",
        "vllm-always-faster",
        "which-quantisation",
        "how-many-users-ollama",
        "ollama-in-production",
        "llamacpp-or-vllm",
        "kubernetes",
        "apple-silicon",
        "cpu-only",
    }
    assert asked <= set(load())


def test_vllm_does_not_run_on_a_mac_and_it_says_why() -> None:
    found = page("vllm-on-a-mac")
    assert found.never
    assert found.sentence.startswith("No. vLLM")
    assert "Apple" in found.sentence


def test_whether_it_is_always_faster_is_answered_by_the_claims_about_it() -> None:
    sentence = page("vllm-always-faster").sentence
    assert sentence.startswith("No. “For a single request, Ollama and vLLM differ")
    for claim in ("a1.c3", "a1.c2"):
        said = judge(claim).sentence.rstrip(".")
        assert f"{said[0].lower()}{said[1:]} ({claim})." in sentence


def test_the_line_for_ollama_is_found_and_not_written() -> None:
    sentence = page("how-many-users-ollama").sentence
    assert sentence.startswith("We take Ollama for up to ")
    assert " at once, and from " in sentence


def test_it_names_every_engine_that_can_run_and_where() -> None:
    linux, windows = page("amd-gpu").sentence.split("; ")
    assert "vLLM" in linux.partition(" for ")[0]
    assert "vLLM" not in windows
    assert windows.endswith("for an AMD GPU under Windows.")
    assert "MLX-LM" not in linux + windows


def test_it_names_the_quantisation_of_each_case() -> None:
    assert "Q4_K_M for one person with an 8 GB NVIDIA GPU" in page("which-quantisation").sentence


def test_it_reads_advice_from_the_rules() -> None:
    assert "Docker Compose" in page("kubernetes").sentence


SHORT = """
[[landing]]
slug = "which"
question = "Which one?"
about = "It depends."
kind = "which"
rules = ["a1.r1"]
claims = ["a1.c1"]
[[landing.case]]
label = "one"
answers = { users = "1" }
"""


def test_the_same_engine_in_all_cases_is_said_once() -> None:
    one = build(SHORT)["which"]
    assert landings.answer(one).sentence == "Ollama in every one of these cases."


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('about = "It depends."\n', "", "Field required"),
        ('"a1.r1"', '"a1.r99"', "names a1.r99, which nobody says"),
        ('"a1.c1"', '"a9.c1"', "names a9.c1, which nobody says"),
        ('users = "1"', 'users = "nobody"', "which, one: "),
        ('kind = "which"', 'kind = "can-run"', "need `engine`"),
        ('kind = "which"', 'kind = "faster"', "faster needs `decides`"),
        ('kind = "which"', 'kind = "guess"', "Input should be"),
    ],
)
def test_it_does_not_load_what_is_wrong(old: str, new: str, reason: str) -> None:
    with pytest.raises(LandingError, match=reason):
        build(SHORT.replace(old, new))


def test_it_does_not_load_a_slug_twice() -> None:
    with pytest.raises(LandingError, match="has which twice"):
        build(SHORT * 2)
