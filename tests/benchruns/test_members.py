"""Roles, leaving, and handing a team on; a team is never without an owner."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchruns.models import AuditEntry, Membership, Role, Team
from benchruns.models.teams import TeamQuerySet
from benchruns.permits import role_in
from tests.benchruns import people

pytestmark = pytest.mark.django_db
Meanwhile = Callable[..., None]
LAST = "A team needs an owner, and this is its only one"


def membership(name: str) -> Membership:
    return Membership.objects.get(user__username=name)


def verbs(team: Team) -> list[str]:
    return [entry.verb for entry in AuditEntry.objects.filter(team=team)]


@pytest.fixture
def acme() -> Team:
    team = people.team()
    for name, role in {
        "olga": Role.OWNER,
        "adam": Role.ADMIN,
        "mia": Role.MEMBER,
        "vera": Role.VIEWER,
    }.items():
        people.member(team, role, name)
    return team


def as_(name: str, path: str, team: Team, **form: str) -> object:
    client = people.browser(membership(name).user)
    return client.post(f"{team.get_absolute_url()}{path}", form)


def change(by: str, of: str, role: str, team: Team) -> object:
    return as_(by, f"members/{membership(of).pk}/role", team, role=role)


@pytest.mark.parametrize("by", ["olga", "adam"])
def test_owners_and_admins_change_roles(acme: Team, by: str) -> None:
    assert change(by, "vera", "member", acme).status_code == 303
    assert membership("vera").role == Role.MEMBER
    entry = AuditEntry.objects.get(team=acme)
    assert (entry.actor_name, entry.verb, entry.target) == (by, "member.role", "vera")
    assert entry.detail == {"before": "viewer", "now": "member"}


@pytest.mark.parametrize("by", ["mia", "vera"])
def test_others_change_nothing_and_are_told_nothing(acme: Team, by: str) -> None:
    assert change(by, "vera", "admin", acme).status_code == 404
    assert as_(by, f"members/{membership('vera').pk}/remove", acme).status_code == 404
    assert membership("vera").role == Role.VIEWER


@pytest.mark.parametrize("role", ["owner", "king", ""])
def test_a_role_that_is_not_given_is_refused_by_name(acme: Team, role: str) -> None:
    answer = change("olga", "vera", role, acme)
    assert answer.status_code == 400
    assert "is none of admin, member, viewer." in answer.text
    assert membership("vera").role == Role.VIEWER


def test_an_admin_touches_no_owner(acme: Team) -> None:
    people.member(acme, Role.OWNER, "otto")
    for answer in (
        change("adam", "otto", "viewer", acme),
        as_("adam", f"members/{membership('otto').pk}/remove", acme),
    ):
        assert answer.status_code == 400
        assert "Only an owner changes what owners are." in answer.text
    assert membership("otto").role == Role.OWNER


def test_nobody_reaches_into_another_team(acme: Team) -> None:
    other = people.team("Other")
    people.member(other, Role.OWNER, "otto")
    path = f"members/{membership('vera').pk}/"
    assert as_("otto", path + "remove", other).status_code == 404
    assert as_("otto", path + "role", other, role="admin").status_code == 404
    assert as_("otto", path + "remove", acme).status_code == 404
    assert membership("vera").role == Role.VIEWER


def test_a_member_leaves_and_sees_nothing_any_more(acme: Team) -> None:
    mia = membership("mia").user
    client = people.browser(mia)
    assert client.get(acme.get_absolute_url()).status_code == 200
    assert client.post(f"{acme.get_absolute_url()}leave").status_code == 303
    assert client.get(acme.get_absolute_url()).status_code == 404
    assert verbs(acme) == ["member.left"]


def test_a_removed_member_sees_nothing_any_more(acme: Team) -> None:
    client = people.browser(membership("mia").user)
    assert as_("adam", f"members/{membership('mia').pk}/remove", acme).status_code == 303
    assert client.get(acme.get_absolute_url()).status_code == 404
    assert verbs(acme) == ["member.removed"]


def test_the_last_owner_neither_leaves_nor_is_unmade(acme: Team) -> None:
    own = membership("olga").pk
    for answer in (
        as_("olga", "leave", acme),
        as_("olga", f"members/{own}/remove", acme),
        as_("olga", f"members/{own}/role", acme, role="admin"),
    ):
        assert answer.status_code == 400
        assert LAST in answer.text
    assert membership("olga").role == Role.OWNER
    assert verbs(acme) == []


def test_one_of_two_owners_may_leave_but_not_both(acme: Team) -> None:
    people.member(acme, Role.OWNER, "otto")
    assert as_("olga", "leave", acme).status_code == 303
    assert as_("otto", "leave", acme).status_code == 400


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """While a request waits for the team, others make these what they are then; None: gone."""

    def becoming(**roles: Role | None) -> None:
        def waits(teams: TeamQuerySet) -> TeamQuerySet:
            for name, role in roles.items():
                found = Membership.objects.filter(user__username=name)
                found.update(role=role) if role else found.delete()
            return teams

        monkeypatch.setattr(TeamQuerySet, "select_for_update", waits)

    return becoming


def test_who_is_made_the_owner_while_leaving_stays(acme: Team, meanwhile: Meanwhile) -> None:
    meanwhile(mia=Role.OWNER, olga=Role.ADMIN)
    assert LAST in as_("mia", "leave", acme).text
    assert verbs(acme) == []


@pytest.mark.parametrize("path", ["remove", "role"])
def test_an_admin_touches_no_owner_who_was_none_when_the_page_was_made(
    acme: Team, meanwhile: Meanwhile, path: str
) -> None:
    meanwhile(mia=Role.OWNER, olga=Role.ADMIN)
    answer = as_("adam", f"members/{membership('mia').pk}/{path}", acme, role="viewer")
    assert "Only an owner changes what owners are." in answer.text
    assert verbs(acme) == []


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Role.ADMIN, "Only an owner changes what owners are."),
        (Role.MEMBER, "Only owners and admins change members"),
        (None, "Only owners and admins change members"),
    ],
)
def test_who_was_unmade_meanwhile_changes_nothing(
    acme: Team, meanwhile: Meanwhile, now: Role | None, said: str
) -> None:
    people.member(acme, Role.OWNER, "otto")
    meanwhile(olga=now)
    assert said in change("olga", "otto", "viewer", acme).text
    assert membership("otto").role == Role.OWNER


def test_who_is_gone_meanwhile_is_said_to_be(acme: Team, meanwhile: Meanwhile) -> None:
    path = f"members/{membership('mia').pk}/remove"
    meanwhile(mia=None)
    assert "is no member of the team any more" in as_("olga", path, acme).text
    assert verbs(acme) == []


def offer(acme: Team, to: str = "mia", typed: str = "Acme", by: str = "olga") -> object:
    return as_(by, "offer", acme, username=to, typed=typed)


def test_a_team_is_handed_on_once_the_other_accepts(acme: Team) -> None:
    assert offer(acme).status_code == 303
    assert membership("olga").role == Role.OWNER
    assert (
        "is offered to you"
        in people.browser(membership("mia").user).get(acme.get_absolute_url()).text
    )
    assert as_("mia", "take", acme, typed="Acme").status_code == 303
    assert (membership("mia").role, membership("olga").role) == (Role.OWNER, Role.ADMIN)
    assert verbs(acme) == ["team.transferred", "team.offered"]


def test_it_is_not_taken_by_a_slip_of_the_hand(acme: Team) -> None:
    assert "Type the team&#x27;s name, Acme" in offer(acme, typed="acme").text
    offer(acme)
    assert as_("mia", "take", acme, typed="").status_code == 400
    assert membership("mia").role == Role.MEMBER


@pytest.mark.parametrize("who", ["adam", "vera"])
def test_nobody_takes_what_was_offered_to_another(acme: Team, who: str) -> None:
    offer(acme)
    assert as_(who, "take", acme, typed="Acme").status_code == 400
    assert as_(who, "decline", acme).status_code == 303
    acme.refresh_from_db()
    assert acme.offered_to == membership("mia").user
    assert membership("olga").role == Role.OWNER


@pytest.mark.parametrize("who", ["olga", "mia"])
def test_an_offer_is_taken_back_or_declined(acme: Team, who: str) -> None:
    offer(acme)
    as_(who, "decline", acme)
    assert as_("mia", "take", acme, typed="Acme").status_code == 400
    assert membership("mia").role == Role.MEMBER


@pytest.mark.parametrize("to", ["olga", "nobody"])
def test_it_is_offered_only_to_other_members(acme: Team, to: str) -> None:
    answer = offer(acme, to=to)
    assert answer.status_code == 400
    assert "is no other member of Acme: invite them." in answer.text


def test_an_admin_offers_nothing(acme: Team) -> None:
    assert offer(acme, by="adam").status_code == 404


def test_who_leaves_takes_no_offer_along(acme: Team) -> None:
    offer(acme)
    mia = membership("mia").user
    as_("mia", "leave", acme)
    people.join(mia, acme, Role.VIEWER)
    assert as_("mia", "take", acme, typed="Acme").status_code == 400
    assert role_in(mia, acme) == Role.VIEWER
