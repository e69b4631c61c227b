"""Who may do what in a team, and who sees what a team has."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from benchruns.models import Host, Role, Run, Team
from benchruns.models.teams import NOBODY
from benchruns.permits import ALLOWED, Act, may, person, require, role_in, teams_of, teams_where
from tests.benchruns import people
from tests.benchruns.made import Machine, queued

pytestmark = pytest.mark.django_db

TABLE = {
    Role.VIEWER: {Act.VIEW},
    Role.MEMBER: {Act.VIEW, Act.RUN},
    Role.ADMIN: {Act.VIEW, Act.RUN, Act.ATTACH, Act.MANAGE},
    Role.OWNER: {Act.VIEW, Act.RUN, Act.ATTACH, Act.MANAGE, Act.OWN},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_each_role_may_do_what_the_table_says(role: Role, act: Act) -> None:
    acme = people.team()
    assert may(people.member(acme, role), acme, act) == (act in TABLE[role])


def test_every_role_is_in_the_table_and_each_may_more_than_the_one_before() -> None:
    assert set(ALLOWED) == set(Role)
    ladder = [ALLOWED[role] for role in (Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER)]
    assert all(less < more for less, more in pairwise(ladder))


@pytest.mark.parametrize("act", Act)
def test_a_role_counts_only_in_its_own_team(act: Act) -> None:
    acme, other = people.team("Acme"), people.team("Other")
    owner = people.member(other, Role.OWNER)
    assert not may(owner, acme, act)
    assert not may(NOBODY, acme, act)
    assert not may(NOBODY, Team.embedded(), act)


def test_visitors_are_told_without_asking_the_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    acme = people.team()
    with django_assert_num_queries(0):
        assert role_in(NOBODY, acme) is None
        assert list(teams_of(NOBODY)) == []
        assert teams_where(NOBODY, Act.VIEW) == []


def test_somebody_is_in_several_teams_with_a_role_in_each() -> None:
    acme, other, third = people.team("Acme"), people.team("Other"), people.team("Third")
    anna = people.member(acme, Role.OWNER, "anna")
    people.join(anna, other, Role.VIEWER)
    people.member(other, Role.OWNER, "otto")
    people.member(third, Role.OWNER, "tina")
    assert set(teams_of(anna)) == {acme, other}
    assert teams_where(anna, Act.MANAGE) == [acme]
    assert teams_where(anna, Act.VIEW) == [acme, other]


def test_nobody_has_a_role_in_a_deleted_team() -> None:
    acme = people.team()
    anna = people.member(acme, Role.OWNER)
    acme.deleted_at = timezone.now()
    acme.save()
    assert role_in(anna, acme) is None
    assert not teams_of(anna).exists()


def test_too_small_a_role_and_none_are_refused_alike() -> None:
    acme = people.team()
    for user in (people.member(acme, Role.VIEWER), people.person("stranger"), AnonymousUser()):
        request = RequestFactory().get("/", HTTP_COOKIE="sessionid=x")
        request.user = user
        with pytest.raises(Http404) as refused:
            require(request, acme, Act.RUN)
        assert refused.value.args == ()


def test_without_a_session_cookie_the_session_is_not_looked_at() -> None:
    request = RequestFactory().get("/")  # has neither a session nor a user
    assert not person(request).is_authenticated


def test_hosts_are_seen_by_their_team_and_open_ones_by_everybody() -> None:
    acme = people.team()
    open_here, shy = Machine("open").row, Machine("shy", accepts_visitors=False).row
    theirs, gone = Machine("theirs", team=acme).row, Machine("gone", team=acme).row
    Host.objects.filter(pk=gone.pk).update(revoked_at=timezone.now())
    viewer, stranger = people.member(acme, Role.VIEWER), people.person("stranger")
    site = people.member(Team.embedded(), Role.VIEWER)

    assert set(Host.objects.visible_to(NOBODY)) == {open_here}
    assert set(Host.objects.visible_to(stranger)) == {open_here}
    assert set(Host.objects.visible_to(viewer)) == {open_here, theirs, gone}
    assert set(Host.objects.visible_to(site)) == {open_here, shy}


def test_runs_of_a_team_are_seen_by_its_members_once_each() -> None:
    acme = people.team()
    here, theirs = queued(), queued(team=acme)
    viewer = people.member(acme, Role.VIEWER)
    people.member(acme, Role.ADMIN)
    assert list(Run.objects.visible_to(NOBODY)) == [here]
    assert list(Run.objects.visible_to(people.person("stranger"))) == [here]
    assert list(Run.objects.visible_to(viewer)) == [here, theirs]
