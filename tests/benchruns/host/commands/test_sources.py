"""`rigguide sources`."""

from __future__ import annotations

from datetime import UTC, datetime

from click.testing import CliRunner, Result

from benchruns.host.cli import main
from recommender.freshness import sources


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sources", *arguments])


def test_it_lists_what_rules_and_claims_rest_on() -> None:
    said = run()
    assert said.exit_code == 0
    expected = [source for source in sources() if source.where != "catalogue"]
    assert said.output.endswith(f"{len(expected)} sources.\n")
    assert all(source.id in said.output for source in expected)


def test_it_lists_the_catalogue_on_demand() -> None:
    assert run("--catalogue").output.endswith(f"{len(sources())} sources.\n")


def test_it_lists_only_what_is_old() -> None:
    oldest = min(s.checked for s in sources() if s.where != "catalogue" and s.checked)
    days = (datetime.now(UTC).date() - oldest).days
    assert run("--older-than", str(max(days - 1, 0))).output.count("\n") >= 1
    none = run("--older-than", str(days + 1))
    assert none.output.startswith("None of ")


def test_it_says_which_have_no_date() -> None:
    assert "no date" in run("--catalogue", "--older-than", "100000").output


def test_it_refuses_a_negative_age() -> None:
    said = run("--older-than", "-1")
    assert said.exit_code == 2
    assert "-1 is not in the range x>=0" in said.output
