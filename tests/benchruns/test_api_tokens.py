"""Personal tokens: made, shown once, found again, revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from benchruns import api_tokens
from benchruns.models import ApiToken, AuditEntry, Scope
from tests.benchruns.people import browser, member, person, team

pytestmark = pytest.mark.django_db
PAGE = "/account/tokens/"


@pytest.fixture
def anna() -> User:
    return person("anna")


def made(of: User, *scopes: Scope, lives: timedelta | None = None) -> tuple[ApiToken, str]:
    return api_tokens.make(of, "for a story", scopes or (Scope.READ,), lives)


def test_it_is_kept_as_a_hash_alone(anna: User) -> None:
    row, secret = made(anna)
    assert secret.startswith("rgp_")
    assert secret not in str(ApiToken.objects.filter(pk=row.pk).values())
    assert row.start == secret[:8]
    assert api_tokens.find(secret) == row


@pytest.mark.parametrize("secret", ["", "rgp_", "rgp_guessed", "rgh_hosts", "nonsense\x00"])
def test_what_was_never_made_opens_nothing(anna: User, secret: str) -> None:
    made(anna)
    assert api_tokens.find(secret) is None


def test_it_opens_nothing_once_revoked_or_too_old_or_its_person_is_barred(anna: User) -> None:
    row, secret = made(anna)
    api_tokens.revoke(row)
    assert api_tokens.find(secret) is None
    old, ended = made(anna, lives=timedelta(days=1))
    ApiToken.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert api_tokens.find(ended) is None
    _, good = made(anna)
    User.objects.update(is_active=False)
    assert api_tokens.find(good) is None


def test_it_notes_when_it_was_last_used_but_not_at_every_call(anna: User) -> None:
    row, secret = made(anna)
    assert row.last_used_at is None
    api_tokens.find(secret)
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None
    api_tokens.find(secret)
    row.refresh_from_db()
    assert row.last_used_at == first


def test_every_team_it_reaches_may_read_that_it_was_made_and_revoked() -> None:
    acme = team("acme")
    row, secret = made(member(acme, "member"), Scope.RUN)
    api_tokens.revoke(row)
    api_tokens.revoke(row)
    found = AuditEntry.objects.filter(team=acme).order_by("id")
    assert [entry.verb for entry in found] == ["token.made", "token.revoked"]
    assert all(secret not in str(entry.detail) + entry.target for entry in found)


def test_a_person_has_not_more_than_they_can_look_through(anna: User) -> None:
    for _ in range(api_tokens.MOST):
        made(anna)
    with pytest.raises(api_tokens.TokenRefused, match="revoke one first"):
        made(anna)


# On the page


def wanted(**changes: object) -> dict[str, object]:
    return {"name": "nightly job", "scopes": ["read", "run"], "lives": "30"} | changes


def test_it_is_shown_once(anna: User) -> None:
    client = browser(anna)
    answer = client.post(PAGE, wanted())
    row = ApiToken.objects.get()
    assert row.scopes == ["read", "run"]
    assert row.expires_at is not None
    assert 'id="secret">rgp_' in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    again = client.get(PAGE).text
    assert 'id="secret"' not in again
    assert f"{row.start}…" in again


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Give it a name."),
        ({"scopes": []}, "without any it opens nothing"),
        ({"scopes": ["read", "root"]}, "root is not one of the available choices"),
        ({"lives": "0"}, "0 is not one of the available choices"),
        ({"name": "x" * 81}, "at most 80 characters"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_what_was_typed(
    anna: User, changes: dict[str, object], sentence: str
) -> None:
    answer = browser(anna).post(PAGE, wanted(**changes))
    assert answer.status_code == 400
    assert sentence in answer.text
    assert not ApiToken.objects.exists()
    if "name" not in changes:
        assert 'value="nightly job"' in answer.text


def test_it_is_revoked_by_its_person(anna: User) -> None:
    row, secret = made(anna)
    assert browser(anna).post(f"{PAGE}{row.pk}/revoke").status_code == 303
    assert api_tokens.find(secret) is None


def test_nobody_sees_or_revokes_that_of_another(anna: User) -> None:
    row, secret = made(anna)
    stranger = browser(person("stranger"))
    assert stranger.post(f"{PAGE}{row.pk}/revoke").status_code == 404
    assert row.start not in stranger.get(PAGE).text
    assert api_tokens.find(secret) == row


def test_who_is_not_signed_in_is_led_to_signing_in(settings: Settings) -> None:
    answer = Client().get(PAGE)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"?next={PAGE}")
