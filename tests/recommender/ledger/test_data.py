"""The ledger's data: complete, in one piece, and refused when it is not."""

from __future__ import annotations

from importlib.resources import files

import pytest

from recommender import rulebook
from recommender.ledger.load import FILES, LedgerError, build, load

IDS = [
    "a1.c1",
    "a1.c2",
    "a1.c3",
    "a1.c4",
    "a1.c5",
    "a1.c6",
    "a1.c7",
    "a2.c1",
    "a2.c2",
    "a2.c3",
    "a2.c4",
    "a2.c5",
    "a2.c6",
    "a2.c7",
    "a2.c8",
    "a2.c9",
    "a2.c10",
    "a2.c11",
    "a2.c12",
    "a3.c1",
    "a3.c2",
    "a3.c3",
    "a3.c4",
    "a3.c5",
    "a3.c6",
    "a4.c1",
    "a4.c2",
    "a4.c3",
    "a4.c4",
    "a4.c5",
    "a4.c6",
    "a4.c7",
    "a4.c8",
    "a5.c1",
    "a5.c2",
]
RUNS = ["a1.c2", "a1.c3", "a1.c4", "a2.c4", "a2.c5", "a2.c11", "a4.c2", "a4.c4", "a4.c5", "a5.c1"]


def texts(**changes: tuple[str, str]) -> dict[str, str]:
    """The shipped files, with one passage replaced in some of them."""
    folder = files("recommender") / "data"
    found = {name: (folder / f"{name}.toml").read_text("utf-8") for name in FILES}
    for name, (old, new) in changes.items():
        assert old in found[name]
        found[name] = found[name].replace(old, new, 1)
    return found


def test_it_has_every_claim_of_the_articles() -> None:
    assert list(load().claims) == IDS


def test_it_can_test_by_a_run_what_a_run_can_settle() -> None:
    assert set(RUNS) <= set(load().tests)


def test_it_has_all_nine_contradictions() -> None:
    assert [topic.id for topic in load().contradictions] == [
        "ollama-limit",
        "vllm-advantage",
        "llamacpp-concurrency",
        "llamacpp-api",
        "formats",
        "ollama-llamacpp-single",
        "amd",
        "cpu-only",
        "mlx",
    ]


def test_claims_on_different_sides_contradict_each_other() -> None:
    against = load().against
    assert set(against["a4.c5"]) == {"a2.c6", "a5.c1", "a5.r3"}
    for claim, others in against.items():
        for other in others:
            assert other not in against or claim in against[other], (claim, other)


def test_one_article_can_contradict_itself() -> None:
    assert "a1.c2" in load().against["a1.c1"]


def test_it_names_only_rules_that_exist() -> None:
    said = {who for topic in load().contradictions for side in topic.sides for who in side.who}
    assert said <= set(IDS) | set(rulebook.load().rules)


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("claims", 'source = "a1"\n', "", "claim a1.c1: source: Field required"),
        ("claims", 'source = "a1"\n', 'source = "a9"\n', "source 'a9', which does not exist"),
        ("claims", 'group = "load"', 'group = "rumours"', "group 'rumours', which does not exist"),
        ("claims", 'id = "a1.c2"', 'id = "a1.c1"', "claim a1.c1 is there twice"),
        ("claims", "low = 0.30\n", "low = 0.30\nsure = true\n", "Extra inputs are not permitted"),
        ("claims", 'device = "rtx-4090"', 'device = "abacus"', "'abacus', which is not among"),
        ("claims", 'means = ["documented"]\n', "", "needs either `means` or `untestable`"),
        ("claims_contradictions", '"a5.r1"', '"a5.r9"', "claim or rule 'a5.r9', which does not"),
        ("claims_published", 'source = "redhat-ollama-vllm"\n', "", "source: Field required"),
        ("claims_published", 'origin_of = ["a2.c4"]', 'origin_of = ["a2.c44"]', "claim 'a2.c44'"),
        ("claims_documented", 'only_if = "nobody', 'text2 = "nobody', "Extra inputs"),
        ("claims_tests", 'claim = "a1.c2"', 'claim = "a2.c7"', "exactly when claims_tests.toml"),
        ("claims_sources", 'id = "pagedattention"', 'id = "a1"', "repeats a1"),
        ("claims_sources", "[[source]]", "[[source]", "is not TOML"),
    ],
)
def test_it_does_not_load_what_does_not_hang_together(
    file: str, old: str, new: str, reason: str
) -> None:
    with pytest.raises(LedgerError, match=reason):
        build(texts(**{file: (old, new)}))
