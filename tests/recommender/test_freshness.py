"""How old the sources are."""

from __future__ import annotations

from datetime import date, timedelta

from recommender import freshness, rulebook
from recommender.freshness import Sourced
from recommender.ledger.load import load

TODAY = date(2026, 11, 20)


def sourced(days: int | None) -> Sourced:
    checked = None if days is None else TODAY - timedelta(days=days)
    return Sourced(f"s{days}", "A page", "https://example.org/", checked, "rule book", ())


def test_it_lists_every_source_there_is() -> None:
    listed = {source.id for source in freshness.sources()}
    assert set(rulebook.load().sources) | set(load().sources) <= listed


def test_every_source_of_rules_and_claims_has_a_date() -> None:
    assert all(s.checked for s in freshness.sources() if s.where != "catalogue")


def test_the_oldest_comes_first_and_what_has_no_date_before_it() -> None:
    days = [source.checked or date.min for source in freshness.sources()]
    assert days == sorted(days)


def test_it_finds_what_is_older_and_what_nobody_dated() -> None:
    among = [sourced(10), sourced(91), sourced(90), sourced(None)]
    found = freshness.older_than(90, TODAY, among)
    assert [source.id for source in found] == ["s91", "sNone"]


def test_it_knows_who_uses_a_source() -> None:
    used = {source.id: source.used_by for source in freshness.sources()}
    assert "a4.c5" in used["llamacpp-server"]
    assert "a1.r1" in used["a1"]


def test_a_source_nobody_uses_would_show() -> None:
    """Every source of the ledger's own is used; only rows of the calibration data name theirs."""
    unused = {s.id for s in freshness.sources() if s.where == "claims" and not s.used_by}
    assert unused == {"calibration"}


def test_the_current_edition_is_in_the_change_log() -> None:
    changes = freshness.changes()
    assert changes[0].version == rulebook.EDITION
    assert [c.date for c in changes] == sorted((c.date for c in changes), reverse=True)
