"""Who sees a run: one rule for pages, lists, documents, logs and comparisons.

What is public is there for everybody, what belongs to a team for its members, and what somebody
asked for on the site's own machines for whoever asked.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from benchruns.models import Run
from benchruns.models.runs import visible
from benchruns.models.teams import EMBEDDED_SLUG, NOBODY, Person
from benchruns.models.visibility import results_for


def seen_by(requester: str, runs: QuerySet[Run], person: Person = NOBODY) -> QuerySet[Run]:
    """Those of the runs that they may see.

    `requester`: `visitors.address_key` of who asks; "" is nobody. It opens what was asked for
    without signing in: who has left a team does not see its runs by their address.
    """
    seen = visible(person)
    if requester:
        seen |= Q(requester=requester, asked_by=None, team__slug=EMBEDDED_SLUG)
    if person.is_authenticated:
        seen |= Q(asked_by=person, team__slug=EMBEDDED_SLUG)
    return runs.filter(seen)


def results_seen_by(requester: str, person: Person = NOBODY) -> Q:
    """Of results, the same rule."""
    seen = results_for(person)
    if requester:
        theirs = Q(run__requester=requester, run__asked_by=None)
        seen |= theirs & Q(run__team__slug=EMBEDDED_SLUG)
    return seen
