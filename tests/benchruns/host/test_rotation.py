"""A new token over the old one's channel, whoever dies in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchruns.host.board import Board
from benchruns.host.credentials import Home
from benchruns.host.desk import Desk
from benchruns.host.rotation import rotate
from benchruns.host.site_client import SiteClient
from benchruns.host.site_errors import SiteUnreachable, Unauthorized
from tests.benchruns.host.stub_site import TOKEN, StubSite


@pytest.fixture
def site() -> Iterator[StubSite]:
    with StubSite() as stub:
        yield stub


@pytest.fixture
def home(site: StubSite, tmp_path: Path) -> Home:
    place = Home(tmp_path)
    place.save(site.credential)
    return place


def test_it_keeps_the_new_token_before_it_uses_it(site: StubSite, home: Home) -> None:
    with SiteClient.of(site.credential) as client:
        rotate(home, client)
        assert home.load().token == client.token == site.next_token
        assert site.token == TOKEN  # nothing was said with the new one yet
        client.claim(["mock"], wait_s=0)
    assert site.token == home.load().token


def test_a_lost_answer_leaves_the_old_token_good(site: StubSite, home: Home) -> None:
    site.lose_replies.add("token")
    with SiteClient.of(site.credential) as client:
        with pytest.raises(SiteUnreachable):
            rotate(home, client)
        assert home.load().token == TOKEN
        assert client.claim(["mock"], wait_s=0) is None
        site.lose_replies.clear()
        rotate(home, client)
        assert client.claim(["mock"], wait_s=0) is None
    assert site.token == home.load().token != TOKEN


def test_what_another_process_of_the_machine_was_given_counts_for_all(
    site: StubSite, home: Home
) -> None:
    with SiteClient.of(site.credential) as one, SiteClient.of(site.credential) as other:
        rotate(home, one)
        rotate(home, other)
        assert site.count("token") == 1
        assert one.token == other.token


def test_a_token_that_ended_meanwhile_is_looked_up_again(site: StubSite, home: Home) -> None:
    with SiteClient.of(site.credential, home.newest_token) as idle:
        with SiteClient.of(site.credential) as busy:
            rotate(home, busy)
            busy.claim(["mock"], wait_s=0)
        assert idle.claim(["mock"], wait_s=0) is None  # with the new token, after one refusal
        site.revoked = True
        with pytest.raises(Unauthorized):
            idle.claim(["mock"], wait_s=0)


def test_the_desk_takes_a_new_token_when_the_site_asks(site: StubSite, home: Home) -> None:
    site.rotating = True
    board = Board(home.path / "board")
    with SiteClient.of(site.credential) as client:
        desk = Desk(client, board, ["mock"], rotate=lambda: rotate(home, client))
        desk.start()
        site.until(lambda: site.token != TOKEN, "the new token to be used")
        run = site.queue()
        site.until(lambda: run.state == "claimed", "a claim with the new token")
        desk.close()
        desk.join()
        site.stop()
    board.close()
    assert home.load().token == site.token


def test_a_site_that_has_no_token_to_give_is_asked_again(site: StubSite, home: Home) -> None:
    site.rotating = True
    site.refusals["token"] = (409, {"error": "Nobody asked."})
    board = Board(home.path / "board")
    with SiteClient.of(site.credential) as client:
        desk = Desk(client, board, ["mock"], rotate=lambda: rotate(home, client))
        desk.start()
        site.until(lambda: site.count("token") >= 2, "a second try")
        assert desk.trouble is None
        desk.close()
        desk.join()
        site.stop()
    board.close()
    assert home.load().token == TOKEN


def test_only_the_token_changes(site: StubSite, home: Home) -> None:
    with SiteClient.of(site.credential) as client:
        rotate(home, client)
    assert replace(home.load(), token=TOKEN) == site.credential
