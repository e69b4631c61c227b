"""A host's new token: given over the old one's channel, the old one good until it arrives."""

from __future__ import annotations

from typing import Any

import pytest

from benchruns import host_tokens
from benchruns.credentials import hashed
from benchruns.models import AuditEntry, Host, Team
from tests.benchruns.made import Machine, queued

pytestmark = pytest.mark.django_db


def asks_for_work(machine: Machine) -> Any:
    """As a host of this release does."""
    told = {"protocol": 2, "wait_s": 0, "engines": ["llama.cpp"], "rotates": True}
    return machine.post("claim", told)


def asked(machine: Machine) -> Machine:
    host_tokens.ask_to_rotate(machine.row, None)
    return machine


def test_a_host_that_is_to_change_its_token_hears_so_instead_of_a_run() -> None:
    alice = asked(Machine())
    queued()
    assert asks_for_work(alice).json() == {"run": None, "rotate": True}


def test_the_old_token_ends_when_the_new_one_is_first_used() -> None:
    alice = asked(Machine())
    old, new = alice.token, alice.post("token", {}).json()["token"]
    assert new.startswith("rgh_")
    assert new != old
    assert asks_for_work(alice).status_code == 200  # still with the old one

    alice.token = new
    assert asks_for_work(alice).status_code == 204
    alice.token = old
    assert asks_for_work(alice).status_code == 401
    kept = Host.objects.get(pk=alice.row.pk)
    assert (kept.token_hash, kept.next_token_hash, kept.rotate_asked_at) == (hashed(new), "", None)


def test_an_answer_that_was_lost_is_asked_for_again() -> None:
    alice = asked(Machine())
    lost = alice.post("token", {}).json()["token"]
    again = alice.post("token", {}).json()["token"]
    assert lost != again
    alice.token = lost
    assert asks_for_work(alice).status_code == 401
    alice.token = again
    assert asks_for_work(alice).status_code == 204


def test_nobody_takes_a_new_token_unasked() -> None:
    alice = Machine()
    answer = alice.post("token", {})
    assert answer.status_code == 409
    assert answer.json() == {"error": "Nobody asked for a new token for this machine."}
    assert asks_for_work(alice).status_code == 204


def test_a_host_of_an_earlier_release_goes_on_with_its_token() -> None:
    alice = asked(Machine())
    queued()
    assert alice.claim().status_code == 200


def test_a_revoked_host_has_no_new_token_either() -> None:
    alice = asked(Machine())
    new = alice.post("token", {}).json()["token"]
    from benchruns.enrolment import revoke

    revoke(alice.row)
    for token in (alice.token, new):
        alice.token = token
        assert asks_for_work(alice).status_code == 401


def test_neither_token_is_kept_or_logged_in_clear() -> None:
    alice = asked(Machine())
    new = alice.post("token", {}).json()["token"]
    entry = AuditEntry.objects.get(team=Team.embedded(), verb="host.rotated")
    kept = Host.objects.values().get(pk=alice.row.pk)
    assert new not in f"{kept} {entry.detail} {entry.target}"
