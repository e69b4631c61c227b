"""Who may make an account here, and how one gets in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from benchruns.models import Role, Run
from benchruns.models.teams import TeamQuerySet
from benchruns.teams.invitations import invite, invite_first_owner
from benchruns.visitors import address_key
from tests.benchruns import people
from tests.benchruns.made import Machine, queued

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick_and_fresh(settings: Settings) -> None:
    """Hashes that take no tenth of a second, and rate limits that begin at nought."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def nina() -> User:
    user = User.objects.create_user("nina", "nina@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_up(client: Client | None = None, **changes: str) -> Any:
    form = {"username": "otto", "email": "otto@example.org", "password1": PASSWORD} | changes
    return (client or Client()).post("/accounts/signup/", form)


def sign_in(login: str, password: str = PASSWORD, client: Client | None = None) -> Any:
    form = {"login": login, "password": password}
    return (client or Client()).post("/accounts/login/", form)


def test_an_open_site_lets_anybody_make_an_account(settings: Settings) -> None:
    settings.SIGNUP = "open"
    client = Client()
    assert sign_up(client).status_code == 302
    assert "otto" in client.get("/account/").text


@pytest.mark.parametrize("signup", ["invited", "closed"])
def test_another_site_lets_nobody_in_without_an_invitation(settings: Settings, signup: str) -> None:
    settings.SIGNUP = signup
    assert "by invitation" in Client().get("/accounts/signup/").text
    sign_up()
    assert not User.objects.exists()


@pytest.mark.parametrize(("signup", "made"), [("invited", True), ("closed", False)])
def test_an_invitation_opens_an_invited_site_only(
    settings: Settings, signup: str, made: bool
) -> None:
    settings.SIGNUP = signup
    acme = people.team()
    _, token = invite(people.member(acme, Role.OWNER, "olga"), acme, Role.MEMBER)
    client = Client()
    client.post(f"/invitations/{token}/", {"sign-up": ""})
    sign_up(client)
    assert User.objects.filter(username="otto").exists() == made


def test_the_first_owner_gets_into_a_closed_site(settings: Settings) -> None:
    settings.SIGNUP = "closed"
    client = Client()
    client.post(f"/invitations/{invite_first_owner()}/", {"sign-up": ""})
    assert sign_up(client).status_code == 302


def test_an_address_is_not_needed_but_a_password_is(settings: Settings) -> None:
    settings.SIGNUP = "open"
    assert sign_up(email="").status_code == 302
    refused = sign_up(username="paul", email="", password1="short")
    assert "at least 10 characters" in refused.text
    assert 'value="paul"' in refused.text


@pytest.mark.parametrize("login", ["nina", "nina@example.org", "NINA@example.org"])
def test_one_signs_in_by_name_or_address(nina: User, login: str) -> None:
    client = Client()
    answer = sign_in(login, client=client)
    assert (answer.status_code, answer.url) == (302, "/account/")
    assert "nina" in client.get("/account/").text


def test_a_wrong_password_and_an_unknown_name_are_refused_alike(nina: User) -> None:
    wrong, unknown = sign_in("nina", "not it"), sign_in("nobody", "not it")
    said = [re.findall(r'role="alert">([^<]+)<', page.text) for page in (wrong, unknown)]
    assert said[0] == said[1] != []


def test_it_does_not_let_anybody_guess_for_long(nina: User) -> None:
    for _ in range(10):
        sign_in("nina", "not it")
    answer = sign_in("nina")
    assert "sessionid" not in answer.cookies
    assert "Too many failed login attempts" in answer.text


def test_a_lost_password_is_reset_by_mail(nina: User) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "nina@example.org"})
    (sent,) = mail.outbox
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", sent.body)
    assert link is not None
    page = client.get(link[1], follow=True)
    fresh = {"password1": "another long one", "password2": "another long one"}
    client.post(page.request["PATH_INFO"], fresh)
    assert sign_in("nina", "another long one").status_code == 302


def test_it_tells_nobody_which_addresses_have_accounts(nina: User) -> None:
    for email in ("nina@example.org", "nobody@example.org"):
        answer = Client().post("/accounts/password/reset/", {"email": email})
        assert (answer.status_code, answer.url) == (302, "/accounts/password/reset/done/")


def test_one_sees_ones_sessions_and_ends_the_others(nina: User) -> None:
    here, there = Client(), Client(HTTP_USER_AGENT="elsewhere")
    sign_in("nina", client=here)
    sign_in("nina", client=there)
    assert "elsewhere" in here.get("/accounts/sessions/").text
    here.post("/accounts/sessions/")
    assert there.get("/accounts/email/").status_code == 302
    assert here.get("/accounts/sessions/").status_code == 200


def test_what_is_for_members_comes_back_after_signing_in(nina: User) -> None:
    asked = Client().get("/teams/acme/")
    assert asked.url == "/accounts/login/?next=/teams/acme/"
    assert 'value="/teams/acme/"' in Client().get(asked.url).text


def test_one_deletes_ones_account(nina: User) -> None:
    client = people.browser(nina)
    refused = client.post("/account/delete", {"typed": "nina", "password": "not it"})
    assert "This is not your password." in refused.text
    assert "exactly as it stands" in client.post("/account/delete", {"typed": "Nina"}).text
    acme = people.team()
    membership = people.join(nina, acme, Role.OWNER)
    form = {"typed": "nina", "password": PASSWORD}
    assert "You are the only owner of Acme" in client.post("/account/delete", form).text
    membership.delete()
    assert client.post("/account/delete", form).status_code == 303
    assert not User.objects.filter(username="nina").exists()
    assert "Sign in" in client.get("/account/").text


def test_of_two_owners_who_delete_their_accounts_at_once_one_stays(
    nina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = people.team()
    people.join(nina, acme, Role.OWNER)
    otto = people.member(acme, Role.OWNER, "otto")

    def waits(teams: TeamQuerySet) -> TeamQuerySet:
        """For the team, until the other one is done."""
        otto.memberships.all().delete()
        return teams

    monkeypatch.setattr(TeamQuerySet, "select_for_update", waits)
    form = {"typed": "nina", "password": PASSWORD}
    answer = people.browser(nina).post("/account/delete", form)
    assert "You are the only owner of Acme" in answer.text
    assert User.objects.filter(username="nina").exists()


def test_nobody_inherits_the_runs_of_a_deleted_account_by_its_address(nina: User) -> None:
    machine = Machine()
    client = people.browser(nina)
    run = queued(host=machine.row, asked_by=nina, visibility="private")
    Run.objects.update(requester=address_key(client.get("/account/").wsgi_request))
    path = run.get_absolute_url()
    assert client.get(path).status_code == 200
    client.post("/account/delete", {"typed": "nina", "password": PASSWORD})
    run.refresh_from_db()
    assert run.asked_by is None
    assert Client().get(path).status_code == 404
