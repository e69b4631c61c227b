"""The exhaustive table: what holds for every combination of answers there is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender import domain, house, opinions, rulebook, table
from recommender.conditions import Grid
from recommender.folding import unfold
from recommender.rulebook import Rulebook, RulebookError
from recommender.schema import ENGINES
from recommender.table import Table

Cells = NDArray[np.uint16]

PLACES = st.tuples(*(st.integers(0, len(domain.values(axis)) - 1) for axis in domain.AXES))


def test_it_has_millions_of_combinations(dense: Cells) -> None:
    assert dense.size == domain.size() > 1_000_000


def test_folding_loses_nothing(dense: Cells, folded: Table) -> None:
    assert (unfold(folded.folded) == dense).all()


def test_every_combination_has_one_decision(folded: Table) -> None:
    wins = folded.wins()

    assert wins[None] == 0
    assert sum(wins.values()) == domain.size()


def test_every_engine_wins_somewhere_but_the_archived_one(folded: Table) -> None:
    wins = folded.wins()

    assert wins.pop("tgi") == 0
    assert all(wins[engine] for engine in ENGINES if engine != "tgi")


def test_no_cell_holds_an_engine_that_cannot_run(book: Rulebook, dense: Cells) -> None:
    for n, machine in enumerate(domain.machines()):
        place = (n, *([0] * (len(domain.AXES) - 1)))
        out = {limit.engine for limit in book.limits if limit.when.truth(domain.facts_at(place))}
        for cell in np.unique(dense[n]):
            assert not out & set(table.ranking(int(cell))), machine


def test_an_excluded_engine_stays_out_whatever_is_struck(folded: Table) -> None:
    place = (0,) * len(domain.AXES)
    possible = table.ranking(folded.folded.value(place))

    assert folded.winner(place, frozenset(possible)) is None


@given(PLACES)
@settings(max_examples=400, deadline=None)
def test_the_decision_on_one_case_is_the_cell_of_the_table(place: tuple[int, ...]) -> None:
    book = rulebook.load()
    whole = domain.facts_at(place)

    decision = house.decide(book, whole)

    assert domain.place(whole) == place
    assert table.cell(decision) == table.load(book).folded.value(place)
    assert table.ranking(table.cell(decision)) == decision.possible()


@given(PLACES, st.frozensets(st.sampled_from(ENGINES)))
@settings(max_examples=300, deadline=None)
def test_striking_out_is_taking_the_next(place: tuple[int, ...], struck: frozenset[str]) -> None:
    book = rulebook.load()
    left = [e for e in house.decide(book, domain.facts_at(place)).possible() if e not in struck]

    assert table.load(book).winner(place, struck) == (left[0] if left else None)


def test_every_rule_fires_somewhere(book: Rulebook) -> None:
    silent = {rule.id for rule in book.rules.values()}
    silent |= {charge.id for charge in house.charges(book)}
    silent |= {advice.id for advice in book.advice}
    conditions = [(r.id, r.when) for r in book.rules.values()]
    conditions += [(c.id, c.when) for c in house.charges(book)]
    conditions += [(a.id, a.when) for a in book.advice if a.topic != "tool-calling"]
    for machine in domain.machines():
        chunk = domain.Chunk(machine)
        silent -= {name for name, when in conditions if name in silent and np.any(when.over(chunk))}

    assert silent == {"house.advice.tool-calling"}  # it reads a need that decides nothing


def test_every_article_decides_by_each_of_its_rules_but_the_unreachable_one(book: Rulebook) -> None:
    idle = {(b.rule.id, b.engine) for a in book.articles for b in opinions.branches(book, a)}
    for machine in domain.machines():
        chunk = domain.Chunk(machine)
        for article in book.articles:
            open_: Grid = True
            for branch in opinions.branches(book, article):
                hit = branch.over(chunk) & open_
                open_ = open_ & (hit ^ True)
                if np.any(hit):
                    idle.discard((branch.rule.id, branch.engine))

    assert idle == {
        ("a2.r4", "llama.cpp"),  # its first question already takes every processor
        ("a3.r10", "ollama"),  # "unsure": only while something is not known
    }


def test_every_question_matters_somewhere(dense: Cells) -> None:
    winners = table._winners(0)[dense]
    for n, axis in enumerate(domain.AXES):
        assert (winners.max(axis=n) != winners.min(axis=n)).any(), axis


@pytest.mark.parametrize("fact", domain.MACHINE)
def test_every_fact_of_the_machine_matters_somewhere(fact: str, dense: Cells) -> None:
    winners = table._winners(0)[dense]
    others = [name for name in domain.MACHINE if name != fact]
    seen: dict[tuple[object, ...], list[int]] = {}
    for n, machine in enumerate(domain.machines()):
        seen.setdefault(tuple(getattr(machine, name) for name in others), []).append(n)

    assert any((winners[group] != winners[group[0]]).any() for group in seen.values())


@pytest.mark.parametrize("need", domain.needs())
def test_every_need_matters_somewhere(need: str, dense: Cells) -> None:
    winners = table._winners(0)[dense]
    bit = 1 << domain.needs().index(need)
    without = [n for n in range(len(domain.values("needs"))) if not n & bit]

    assert (winners[:, without] != winners[:, [n | bit for n in without]]).any()


def test_every_option_is_told_from_another(dense: Cells) -> None:
    """No two options of a question lead to the same winners everywhere."""
    winners = table._winners(0)[dense]
    for n, axis in enumerate(domain.AXES):
        if axis in ("machine", "needs"):
            continue
        rows = np.moveaxis(winners, n, 0).reshape(winners.shape[n], -1)
        same = [
            (domain.values(axis)[a], domain.values(axis)[b])
            for a in range(len(rows))
            for b in range(a)
            if (rows[a] == rows[b]).all()
        ]
        assert same == SAME.get(axis, [])


# The house treats both alike; the articles (and so the opinions shown), or the estimates, do not.
SAME: dict[str, list[tuple[object, object]]] = {
    "purpose": [("prototype", "chat")],
    "users": [(50, 20)],
}


def test_it_is_kept_on_disk_and_read_back(
    book: Rulebook, folded: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_kept", [])
    table.load.cache_clear()
    table.keep_in(tmp_path / "tables")
    built = table.load(book)
    table.load.cache_clear()
    monkeypatch.setattr(table, "build", _never)

    again = table.load(book)

    assert again is not built
    assert again.wins() == built.wins() == folded.wins()
    assert len(list((tmp_path / "tables").iterdir())) == 1


def _never(book: Rulebook) -> Table:
    pytest.fail("the table on disk was not used")


def test_a_threshold_between_the_cuts_is_refused() -> None:
    folder = files("recommender") / "data"
    texts = {n: (folder / f"{n}.toml").read_text("utf-8") for n in rulebook.FILES}
    texts["terms"] = texts["terms"].replace('users = ">=10"', 'users = ">=12"')

    with pytest.raises(RulebookError, match="users with 12"):
        table.build(rulebook.build(texts))
