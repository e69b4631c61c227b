"""A second factor: codes of an authenticator app, recovery codes, passkeys."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
)
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
NOW, PERIOD = 1_800_000_000, 30
"""What a clock says, and for how many seconds an authenticator app shows one code."""


@pytest.fixture(autouse=True)
def _quick_and_fresh(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The apps' clock stands still: no story runs across the end of a half minute."""
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: NOW))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def nina() -> User:
    return User.objects.create_user("nina", password=PASSWORD)


def code(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, NOW // PERIOD))


def sign_in(client: Client) -> Any:
    return client.post("/accounts/login/", {"login": "nina", "password": PASSWORD})


def sign_in_for_changes(client: Client) -> None:
    """What touches the account itself asks for the password once more."""
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def with_app(nina: User) -> tuple[Client, str]:
    """Somebody who has just switched on an authenticator app, and its secret."""
    client = Client()
    sign_in_for_changes(client)
    page = client.get("/accounts/2fa/totp/activate/").text
    secret = re.search(r'value="([A-Z2-7]{32})"', page)
    assert secret is not None, "the secret stands on the page for those who cannot scan"
    done = client.post("/accounts/2fa/totp/activate/", {"code": code(secret[1])})
    assert done.status_code == 302
    cache.clear()  # a code is good once: the same half minute must do for the next sign-in
    return client, secret[1]


def test_an_app_is_switched_on_with_a_code_it_shows(nina: User) -> None:
    client, _ = with_app(nina)
    assert Authenticator.objects.filter(user=nina, type=Authenticator.Type.TOTP).exists()
    assert re.search(r"<dt>Second factor</dt>\s*<dd>on</dd>", client.get("/account/").text)


def test_a_session_left_open_does_not_do_to_change_it(nina: User) -> None:
    client = Client()
    sign_in(client)
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked.url.startswith("/accounts/reauthenticate/")


def test_a_wrong_code_switches_nothing_on(nina: User) -> None:
    client = Client()
    sign_in_for_changes(client)
    client.get("/accounts/2fa/totp/activate/")
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()


def test_then_a_password_alone_lets_nobody_in(nina: User) -> None:
    _, secret = with_app(nina)
    client = Client()
    assert sign_in(client).url == "/accounts/2fa/authenticate/"
    assert client.get("/teams/").url.startswith("/accounts/login/")
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "Incorrect code" in wrong.text
    right = client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert (right.status_code, right.url) == (302, "/account/")
    assert client.get("/teams/").status_code == 200


def test_a_code_is_good_once(nina: User) -> None:
    _, secret = with_app(nina)
    now = code(secret)
    for client, status in ((Client(), 302), (Client(), 200)):
        sign_in(client)
        answer = client.post("/accounts/2fa/authenticate/", {"code": now})
        assert answer.status_code == status


def test_a_used_code_is_not_good_again_once_it_is_forgotten(
    nina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is remembered for half a minute: in the next one it is no code any more."""
    _, secret = with_app(nina)
    now = code(secret)
    for clock, status in ((NOW, 302), (NOW + PERIOD, 200)):
        monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda at=clock: at))
        cache.clear()
        client = Client()
        sign_in(client)
        answer = client.post("/accounts/2fa/authenticate/", {"code": now})
        assert answer.status_code == status


def test_a_recovery_code_does_for_a_lost_phone(nina: User) -> None:
    signed_in, _ = with_app(nina)
    text = signed_in.get("/accounts/2fa/recovery-codes/download/").text
    spare = text.split()[-1]
    client = Client()
    sign_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": spare}).status_code == 302
    again = Client()
    sign_in(again)
    assert again.post("/accounts/2fa/authenticate/", {"code": spare}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/sessions/",
        "/accounts/logout/",
        "/accounts/reauthenticate/",
    ],
)
def test_no_page_has_an_inline_script_or_style(nina: User, path: str) -> None:
    client = Client()
    if path != "/accounts/login/":
        sign_in_for_changes(client)
    page = client.get(path)
    assert page.status_code == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=", page.text)
    assert "Skip to the content" in page.text, "it looks like every page of the site"
    assert page.text.count("<h1") == 1
