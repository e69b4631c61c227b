"""How findings become a verdict."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from recommender.ledger.finding import Finding, Scope, Stance, Status, Tier
from recommender.ledger.load import load
from recommender.ledger.verdict import combine, judge

VERDICTS = {
    "impossible": ["a2.c1", "a4.c1", "a4.c3"],
    "refuted": [
        "a1.c1",
        "a1.c5",
        "a2.c8",
        "a3.c2",
        "a4.c2",
        "a4.c5",
        "a4.c6",
        "a4.c8",
        "a5.c2",
    ],
    "holds": ["a2.c12", "a3.c4", "a3.c5"],
    "untested": ["a2.c7", "a4.c7"],
}


def finding(stance: Stance, tier: Tier = Tier.PUBLISHED, **changes: Any) -> Finding:
    scope = changes.pop("scope", Scope())
    assert isinstance(scope, Scope)
    return Finding(tier, stance, "told", scope=scope, **changes)


PRO, CONTRA = Stance.SUPPORTS, Stance.CONTRADICTS


@pytest.mark.parametrize("status", VERDICTS)
def test_it_judges_the_articles_without_any_run(status: str) -> None:
    judged = [claim for claim in load().claims if judge(claim).status == status]
    assert judged == sorted(VERDICTS[status], key=list(load().claims).index)


def test_every_verdict_has_a_sentence_and_where_it_was_decided_a_date() -> None:
    for claim in load().claims:
        verdict = judge(claim)
        assert verdict.sentence.endswith("."), claim
        assert (verdict.when is None) == (verdict.status is Status.UNTESTED), claim
        assert bool(verdict.condition) == (verdict.status is Status.HOLDS_ONLY_IF), claim


def test_every_finding_says_where_it_comes_from() -> None:
    for claim in load().claims:
        for found in judge(claim).findings:
            assert found.title, claim
            assert found.when, claim
            assert found.url or found.source in {"adr-0008", "unlinked"}, claim


def test_nothing_found_is_untested() -> None:
    verdict = combine("a1.c1", [])
    assert (verdict.status, verdict.decided_by, verdict.when) == (Status.UNTESTED, None, None)


def test_it_says_why_it_cannot_be_tested() -> None:
    assert combine("a2.c7", [], untestable="Nobody can.").sentence == "Nobody can."


def test_what_only_bears_on_a_claim_decides_nothing() -> None:
    assert combine("a1.c1", [finding(Stance.BEARS)]).status is Status.UNTESTED


def test_all_for_it_holds_and_all_against_it_refutes() -> None:
    assert combine("a1.c1", [finding(PRO), finding(PRO)]).status is Status.HOLDS
    assert combine("a1.c1", [finding(CONTRA)]).status is Status.REFUTED


def test_impossible_outranks_everything() -> None:
    found = [finding(PRO, Tier.MEASURED), finding(Stance.IMPOSSIBLE, Tier.ARITHMETIC)]
    assert combine("a1.c1", found).status is Status.IMPOSSIBLE


def test_what_was_superseded_does_not_count() -> None:
    found = [finding(PRO, Tier.MEASURED), finding(CONTRA, superseded=True)]
    assert combine("a1.c1", found).status is Status.HOLDS


def test_a_source_the_claim_repeats_is_no_second_witness() -> None:
    scope = Scope("A100", "nvidia", "8B", 64)
    verdict = combine("a1.c1", [finding(PRO, origin=True, scope=scope)])
    assert verdict.condition == "it is this case: 8B on A100 with 64 clients"
    both = [finding(PRO, origin=True, scope=scope), finding(PRO)]
    assert combine("a1.c1", both).status is Status.HOLDS


def test_the_latest_deciding_finding_dates_the_verdict() -> None:
    found = [finding(PRO, when=date(2026, 1, 1)), finding(PRO, when=date(2026, 5, 1))]
    assert combine("a1.c1", [*found, finding(Stance.BEARS, when=date(2026, 9, 1))]).when == date(
        2026, 5, 1
    )


@pytest.mark.parametrize(
    ("pro", "contra", "condition"),
    [
        (Scope(variant="as-shipped"), Scope(variant="tuned"), "it is left as it ships"),
        (Scope(variant="tuned"), Scope(variant="as-shipped"), "its slots are set for the load"),
        (Scope(clients=4), Scope(clients=32), "no more than 4 ask at once"),
        (Scope(clients=4), Scope(peak=True), "no more than 4 ask at once"),
        (Scope(clients=1), Scope(clients=8), "one asks at a time"),
        (Scope(clients=64), Scope(clients=8), "64 or more ask at once"),
        (
            Scope(clients=1, same_quant=True),
            Scope(clients=1, same_quant=False),
            "both engines run the same precision",
        ),
        (
            Scope(clients=1, same_quant=False),
            Scope(clients=1, same_quant=True),
            "the engines run different precisions",
        ),
        (Scope(hardware="apple"), Scope(hardware="nvidia"), "it runs on Apple silicon"),
        (Scope("M4", model="9B"), Scope("A100"), "it is this case: 9B on M4 (1 of 2 tests)"),
    ],
)
def test_it_finds_what_separates_the_sides(pro: Scope, contra: Scope, condition: str) -> None:
    verdict = combine("a1.c1", [finding(PRO, scope=pro), finding(CONTRA, scope=contra)])
    assert (verdict.status, verdict.condition) == (Status.HOLDS_ONLY_IF, condition)


def test_a_condition_that_a_source_names_comes_first() -> None:
    named = finding(Stance.ONLY_IF, Tier.DOCUMENTED, only_if="it rains")
    assert combine("a1.c1", [named, finding(PRO)]).condition == "it rains"


def parts(*stances: tuple[int | None, Stance]) -> Status:
    found = [finding(stance, part=part) for part, stance in stances]
    return combine("a1.c1", found, parts=["one", "two"]).status


def test_a_claim_of_two_parts_is_judged_part_by_part() -> None:
    assert parts((0, PRO), (1, PRO)) is Status.HOLDS
    assert parts((0, CONTRA), (1, CONTRA)) is Status.REFUTED
    assert parts((0, PRO), (1, CONTRA)) is Status.HOLDS_ONLY_IF
    assert parts((0, CONTRA)) is Status.REFUTED
    assert parts((0, PRO)) is Status.HOLDS_ONLY_IF
    assert parts((0, PRO), (1, PRO), (None, CONTRA)) is Status.HOLDS_ONLY_IF


def test_it_names_the_parts() -> None:
    found = [finding(PRO, part=0), finding(CONTRA, part=1)]
    verdict = combine("a1.c1", found, parts=["six times", "ten times"])
    assert verdict.sentence == "Holds only in part. Six times: holds; ten times: refuted."
