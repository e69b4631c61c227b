"""Links that make members: once, for a while, for whom they are meant."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from benchruns.credentials import hashed
from benchruns.models import AuditEntry, Invitation, Membership, Role, Team
from benchruns.permits import role_in
from benchruns.teams.invitations import MOST_OPEN, invite, invite_first_owner
from tests.benchruns import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Team:
    return people.team()


@pytest.fixture
def adam(acme: Team) -> User:
    return people.member(acme, Role.ADMIN, "adam")


def invited(adam: User, acme: Team, **form: str) -> Any:
    form = {"role": "member"} | form
    return people.browser(adam).post(f"{acme.get_absolute_url()}invite", form)


def link_in(text: str) -> str:
    found = re.search(r"http://testserver(/invitations/rgi_[\w-]{43}/)", text)
    assert found, "there is no link on the page"
    return found[1]


def confirmed(user: User, email: str, *, verified: bool = True) -> User:
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def test_an_admin_makes_a_link_and_it_is_kept_nowhere(adam: User, acme: Team) -> None:
    answer = invited(adam, acme, role="viewer")
    link = link_in(answer.text)
    made = Invitation.objects.get()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"].count("no-store") == 1
    assert made.token_hash == hashed(link.split("/")[2])
    assert (made.role, made.made_by) == (Role.VIEWER, adam)
    assert link not in people.browser(adam).get(acme.get_absolute_url()).text
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor_name) == ("member.invited", "adam")
    assert link.split("/")[2] not in str(entry.detail) + entry.target


def test_who_opens_it_joins_with_the_role_it_says(adam: User, acme: Team) -> None:
    link = link_in(invited(adam, acme, role="viewer").text)
    nina = people.person("nina")
    client = people.browser(nina)
    page = client.get(link)
    assert "adam invites you" in page.text
    assert role_in(nina, acme) is None, "looking changes nothing"
    answer = client.post(link)
    assert (answer.status_code, answer.url) == (303, "/teams/acme/")
    assert role_in(nina, acme) == Role.VIEWER
    assert AuditEntry.objects.first().verb == "member.joined"


def test_it_works_once(adam: User, acme: Team) -> None:
    link = link_in(invited(adam, acme).text)
    assert people.browser(people.person("nina")).post(link).status_code == 303
    late = people.browser(people.person("late"))
    assert (late.get(link).status_code, late.post(link).status_code) == (404, 404)
    assert not Membership.objects.filter(user__username="late").exists()


def test_it_does_not_work_too_late_or_once_withdrawn(adam: User, acme: Team) -> None:
    old, withdrawn = (link_in(invited(adam, acme).text) for _ in range(2))
    first, second = Invitation.objects.order_by("pk")
    Invitation.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    path = f"{acme.get_absolute_url()}invitations/{second.pk}/withdraw"
    assert people.browser(adam).post(path).status_code == 303
    client = people.browser(people.person("nina"))
    for link in (old, withdrawn, "/invitations/rgi_unknown/"):
        assert (client.get(link).status_code, client.post(link).status_code) == (404, 404)
    assert not Membership.objects.filter(user__username="nina").exists()


def test_those_for_a_team_that_is_gone_are_gone(adam: User, acme: Team) -> None:
    link = link_in(invited(adam, acme).text)
    Team.objects.filter(pk=acme.pk).update(deleted_at=timezone.now())
    assert people.browser(people.person("nina")).get(link).status_code == 404


def test_one_for_an_address_needs_that_address_confirmed(adam: User, acme: Team) -> None:
    link = link_in(invited(adam, acme, email="nina@example.org").text)
    for user in (
        confirmed(people.person("otto"), "otto@example.org"),
        confirmed(people.person("liar"), "nina@example.org", verified=False),
        people.person("bare"),
    ):
        answer = people.browser(user).post(link)
        assert answer.status_code == 400
        assert "This invitation is for nina@example.org." in answer.text
        assert role_in(user, acme) is None
    EmailAddress.objects.filter(user__username="liar").delete()
    nina = confirmed(people.person("nina"), "Nina@Example.org")
    assert people.browser(nina).post(link).status_code == 303
    assert role_in(nina, acme) == Role.MEMBER


def test_it_is_not_used_up_by_whoever_is_a_member_already(adam: User, acme: Team) -> None:
    link = link_in(invited(adam, acme, role="viewer").text)
    answer = people.browser(adam).post(link)
    assert "You are a member of Acme already." in answer.text
    assert role_in(adam, acme) == Role.ADMIN
    assert Invitation.objects.get().used_at is None


def test_it_is_mailed_where_the_site_sends_mail(adam: User, acme: Team, settings: Settings) -> None:
    settings.EMAIL_IS_SENT = True
    page = invited(adam, acme, email="nina@example.org").text
    assert "It went to nina@example.org as well." in page
    (sent,) = mail.outbox
    assert sent.to == ["nina@example.org"]
    assert link_in(page) in sent.body


def test_a_mail_that_cannot_leave_costs_nothing(adam: User, acme: Team, settings: Settings) -> None:
    settings.EMAIL_IS_SENT = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = invited(adam, acme, email="nina@example.org").text
    assert "The mail could not be sent" in page
    assert link_in(page)


def test_a_wrong_address_is_refused_and_kept_in_the_form(adam: User, acme: Team) -> None:
    answer = invited(adam, acme, email="nina at home")
    assert answer.status_code == 400
    assert "is no address; leave it empty" in answer.text
    assert 'value="nina at home"' in answer.text
    assert not Invitation.objects.exists()


def test_nobody_is_invited_as_owner(adam: User, acme: Team) -> None:
    assert "is none of admin, member, viewer." in invited(adam, acme, role="owner").text


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_members_invite_nobody(acme: Team, role: Role) -> None:
    assert invited(people.member(acme, role), acme).status_code == 404


def test_there_is_an_end_to_open_invitations(adam: User, acme: Team) -> None:
    now = timezone.now()
    Invitation.objects.bulk_create(
        Invitation(team=acme, token_hash=str(n), expires_at=now + timedelta(days=1))
        for n in range(MOST_OPEN)
    )
    assert "invitations are open, which is the most" in invited(adam, acme).text


def test_another_teams_invitation_is_not_withdrawn(adam: User, acme: Team) -> None:
    other = people.team("Other")
    made, _ = invite(people.member(other, Role.OWNER, "otto"), other, Role.MEMBER)
    path = f"{acme.get_absolute_url()}invitations/{made.pk}/withdraw"
    assert people.browser(adam).post(path).status_code == 404
    made.refresh_from_db()
    assert made.withdrawn_at is None


# The first owner of the site


def setup_link(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("createowner", site="http://testserver")
    return capsys.readouterr().out.strip()


def test_the_first_owner_comes_by_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    link = setup_link(capsys)
    assert link.startswith("http://testserver/invitations/rgi_")
    olga = people.person("olga")
    client = people.browser(olga)
    assert "Become the owner of this site" in client.get(link).text
    assert client.post(link).status_code == 303
    assert role_in(olga, Team.embedded()) == Role.OWNER


def test_a_newer_link_ends_the_one_before(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = setup_link(capsys), setup_link(capsys)
    client = people.browser(people.person("olga"))
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_there_is_no_such_link_once_there_is_an_owner(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = invite_first_owner()
    people.member(Team.embedded(), Role.OWNER, "olga")
    assert setup_link(capsys) == ""
    late = people.person("late")
    answer = people.browser(late).post(f"/invitations/{waiting}/")
    assert "has an owner by now" in answer.text
    assert role_in(late, Team.embedded()) is None


def test_an_account_becomes_owner_by_command(capsys: pytest.CaptureFixture[str]) -> None:
    olga = people.person("olga")
    call_command("createowner", user="olga")
    assert role_in(olga, Team.embedded()) == Role.OWNER
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        call_command("createowner", user="nobody")


# Without an account


def test_who_has_no_account_makes_one_and_comes_back(
    adam: User, acme: Team, settings: Settings
) -> None:
    settings.SIGNUP = "invited"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    link = link_in(invited(adam, acme).text)
    client = Client()
    assert "Make an account" in client.get(link).text
    there = client.post(link, {"sign-up": ""})
    assert there.url == f"/accounts/signup/?next={link}"
    form = {"username": "nina", "password1": "a-long-enough-one", "next": link}
    made = client.post("/accounts/signup/", form)
    assert (made.status_code, made.url) == (302, link)
    assert client.post(link).status_code == 303
    assert role_in(User.objects.get(username="nina"), acme) == Role.MEMBER


def test_a_browser_says_where_its_form_came_from(adam: User, acme: Team) -> None:
    """Without a referrer it says "null", and the form would be refused as somebody else's."""
    page = people.browser(people.person("nina")).get(link_in(invited(adam, acme).text))
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert 'name="referrer"' not in page.text
