"""`rigguide sources`: which sources were compared when, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import click

from recommender import freshness
from recommender.freshness import Sourced


@click.command()
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Only sources last compared more than DAYS days ago, or without a date.",
)
@click.option("--catalogue", is_flag=True, help="The sources of models and devices as well.")
def command(days: int | None, *, catalogue: bool) -> None:
    """What the rules, limits and claims rest on, and when somebody last looked."""
    today = datetime.now(UTC).date()
    among = [s for s in freshness.sources() if catalogue or s.where != "catalogue"]
    listed = among if days is None else list(freshness.older_than(days, today, among))
    for source in listed:
        click.echo(_line(source, today))
    click.echo(_summary(listed, among, days))


def _line(source: Sourced, today: date) -> str:
    age = source.age_days(today)
    when = "no date     " if source.checked is None else f"{source.checked} {age:>4} d"
    return f"{when}  {source.where:<9}  {source.id}  {source.url or source.title}"


def _summary(listed: Sequence[Sourced], among: Sequence[Sourced], days: int | None) -> str:
    if days is None:
        return f"{len(among)} sources."
    if not listed:
        return f"None of {len(among)} sources is older than {days} days."
    return f"{len(listed)} of {len(among)} sources are older than {days} days or have no date."
