"""Links that end: by their owner, by their key, by their date."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from guide.models import LinkControl, SharedRecommendation
from guide.views.share import KEY_COOKIE
from tests.benchruns.people import browser, person

pytestmark = pytest.mark.django_db
ANSWERS = "users=4&hardware=nvidia&os=linux"
EVERYTHING = (
    "", ".json", ".md", ".png", "/badge.svg", "/qr.svg", "/since", "/manage",
    "/pictures/speed.svg", "/compose.yaml",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def shared(client: Client, **fields: str) -> str:
    response = client.post("/share/", {"answers": ANSWERS, **fields})
    assert response.status_code == 303, response.text
    return str(response["Location"])


def key_in(page: str) -> str:
    found = re.search(r'id="link-key">(rgl_[\w-]{22})<', page)
    return found[1] if found else ""


def not_there(link: str) -> None:
    """Nothing of it, in the very words of a link that never was."""
    for form in EVERYTHING:
        gone, never = Client().get(link + form), Client().get("/r/never" + form)
        assert gone.status_code == never.status_code == 404, form
        assert gone.content == never.content, form
    address = f"/oembed?url=http://testserver{link}"
    assert Client().get(address).status_code == 404


def test_its_maker_sees_the_key_once_and_nobody_else_does(client: Client) -> None:
    link = shared(client)
    first = client.get(link)
    assert key_in(first.text)
    assert "no-store" in first["Cache-Control"]
    assert not key_in(client.get(link).text)
    assert not key_in(Client().get(link).text)


def test_the_key_is_kept_nowhere_on_the_site(client: Client) -> None:
    key = key_in(client.get(shared(client)).text)
    control = LinkControl.objects.get()
    assert key
    assert key not in (control.key_hash, *map(str, control.__dict__.values()))
    assert len(control.key_hash) == 64


def test_the_cookie_with_the_key_goes_to_this_link_alone(client: Client) -> None:
    cookie = client.post("/share/", {"answers": ANSWERS}).cookies[KEY_COOKIE]
    assert re.fullmatch(r"/r/[\w-]{22}", cookie["path"])
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


def test_who_has_the_key_revokes_it_and_nothing_of_it_is_left(client: Client) -> None:
    link = shared(client)
    key = key_in(client.get(link).text)
    assert "Revoke it for good" in Client().get(f"{link}/manage").text
    done = Client().post(f"{link}/manage", {"key": f" {key} "})
    assert "The link is revoked." in done.text
    not_there(link)
    assert Client().post(f"{link}/manage", {"key": key}).status_code == 404


@pytest.mark.parametrize("key", ["", "rgl_guessed", "0"])
def test_without_the_key_it_stays(client: Client, key: str) -> None:
    link = shared(client)
    refused = Client().post(f"{link}/manage", {"key": key})
    assert refused.status_code == 403
    assert "key" in refused.text
    assert Client().get(link).status_code == 200


def test_the_key_of_one_link_is_no_key_of_another(client: Client) -> None:
    mine = shared(client)
    key = key_in(client.get(mine).text)
    other = shared(Client())
    assert Client().post(f"{other}/manage", {"key": key}).status_code == 403


def test_nobody_guesses_for_long(client: Client) -> None:
    link = shared(client)
    tries = [Client().post(f"{link}/manage", {"key": "x"}).status_code for _ in range(11)]
    assert tries == [403] * 10 + [429]


def test_its_owner_needs_no_key_and_nobody_else_may() -> None:
    alice, bob = browser(person("alice")), browser(person("bob"))
    link = shared(alice)
    assert not key_in(alice.get(link).text)
    assert 'name="key"' not in alice.get(f"{link}/manage").text
    assert bob.post(f"{link}/manage").status_code == 403
    assert alice.post(f"{link}/manage").status_code == 200
    not_there(link)


def test_owners_find_their_links_and_nobody_elses() -> None:
    alice, bob = browser(person("alice")), browser(person("bob"))
    link, other = shared(alice), shared(bob)
    page = alice.get("/links/").text
    assert link in page
    assert other not in page
    alice.post(f"{link}/manage")
    assert link not in alice.get("/links/").text
    assert Client().get("/links/").status_code == 302


def test_a_link_with_a_date_ends_on_that_date(client: Client) -> None:
    link = shared(client, lasts="30")
    page = Client().get(link).text
    assert "It holds until <time" in page
    kept = client.get(f"{link}.png")["Cache-Control"]
    assert "immutable" not in kept
    (age,) = re.findall(r"max-age=(\d+)", kept)
    assert 0 < int(age) <= 30 * 24 * 3600
    LinkControl.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    not_there(link)


def test_there_is_no_link_of_any_length(client: Client) -> None:
    refused = client.post("/share/", {"answers": ANSWERS, "lasts": "9999"})
    assert refused.status_code == 400
    assert "7, 30, 365 days" in refused.text
    assert not SharedRecommendation.objects.exists()


def test_links_from_before_cannot_be_revoked_and_say_so() -> None:
    link = shared(Client())
    LinkControl.objects.all().delete()
    page = Client().get(f"{link}/manage").text
    assert "made before links could be revoked" in page
    assert Client().post(f"{link}/manage", {"key": "rgl_x"}).status_code == 403
    assert Client().get(link).status_code == 200


def test_revoking_wants_the_token_of_its_own_form(client: Client) -> None:
    link = shared(client)
    key = key_in(client.get(link).text)
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(f"{link}/manage", {"key": key}).status_code == 403
    assert Client().get(link).status_code == 200
