"""Who sees a run and what it measured: one rule for pages, lists, the API and the decision."""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet

from benchruns.models.teams import (
    EMBEDDED_SLUG,
    Membership,
    Person,
    Role,
    Team,
    Visibility,
    teams_of,
)

MANAGERS: Final = (Role.OWNER, Role.ADMIN)


def results_for(person: Person) -> Q:
    """Of results: what is public; to members also what is their team's or their own."""
    public = Q(visibility=Visibility.PUBLIC)
    if not person.is_authenticated:
        return public
    return (
        public | Q(visibility=Visibility.TEAM) & _of_teams(person, "run__") | _kept(person, "run__")
    )


def runs_for(person: Person) -> Q:
    """Of runs: as their result; one without is open work of the site's own team, or its team's."""
    unmeasured, hidden = Q(result=None), Q(visibility__in=(Visibility.TEAM, Visibility.PRIVATE))
    public = Q(result__visibility=Visibility.PUBLIC)
    public |= unmeasured & Q(team__slug=EMBEDDED_SLUG) & ~hidden
    if not person.is_authenticated:
        return public
    shared = Q(result__visibility=Visibility.TEAM)
    shared |= unmeasured & ~Q(visibility=Visibility.PRIVATE)
    return public | shared & _of_teams(person) | _kept(person)


def _of_teams(person: Person, prefix: str = "") -> Q:
    return Q(**{f"{prefix}team__in": teams_of(person)})


def _kept(person: Person, prefix: str = "") -> Q:
    """What somebody asked for in a team they are still in, or on the site's own hosts; and all of
    the teams whose admin they are."""
    still = _of_teams(person, prefix) | Q(**{f"{prefix}team__slug": EMBEDDED_SLUG})
    managed = Q(**{f"{prefix}team__in": managed_by(person)})
    return Q(**{f"{prefix}asked_by": person}) & still | managed


def managed_by(person: Person) -> QuerySet[Team]:
    """The standing teams in which somebody is an admin or an owner; none for visitors."""
    if not person.is_authenticated:
        return Team.objects.none()
    roles = Membership.objects.filter(user=person, role__in=MANAGERS)
    return Team.objects.standing().filter(pk__in=roles.values("team"))
