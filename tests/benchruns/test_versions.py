"""Host and site may be one version of the protocol apart; both say so when they are more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from benchruns.host.plan import PROTOCOL, SPOKEN
from tests.benchruns.made import Machine

pytestmark = pytest.mark.django_db


def claims(machine: Machine, protocol: int, release: str = "0.1.0") -> Any:
    told = {"protocol": protocol, "wait_s": 0, "engines": ["llama.cpp"]}
    answer = machine.client.post(
        "/api/host/v1/claim",
        told,
        content_type="application/json",
        headers={"Authorization": f"Bearer {machine.token}", "User-Agent": f"rigguide/{release}"},
    )
    machine.row.refresh_from_db()
    return answer


def page(machine: Machine) -> str:
    return Client().get(machine.row.get_absolute_url()).text


def test_the_same_release_has_nothing_to_say() -> None:
    alice = Machine()
    assert claims(alice, PROTOCOL).status_code == 204
    assert alice.row.version == "0.1.0"
    assert "It runs RigGuide" not in page(alice)


@pytest.mark.parametrize("protocol", SPOKEN)
def test_one_version_apart_they_work_together(protocol: int) -> None:
    assert claims(Machine(), protocol).status_code == 204


def test_an_older_host_is_said_to_be_one() -> None:
    alice = Machine()
    claims(alice, PROTOCOL - 1, "0.0.9")
    assert "It runs RigGuide 0.0.9, one version of the protocol behind this site" in page(alice)


def test_another_release_of_the_same_protocol_is_named() -> None:
    alice = Machine()
    claims(alice, PROTOCOL, "0.1.7")
    assert "It runs RigGuide 0.1.7, this site 0.1.0; they understand each other." in page(alice)


@pytest.mark.parametrize(
    ("protocol", "who"), [(PROTOCOL + 1, "Update this site"), (0, "Update the machine")]
)
def test_two_that_cannot_understand_each_other_both_say_so(protocol: int, who: str) -> None:
    alice = Machine()
    claims(alice, PROTOCOL)
    answer = claims(alice, protocol, "9.9.9")
    assert answer.status_code == 426
    assert f"the host speaks version {protocol}" in answer.json()["error"]
    text = page(alice)
    assert f"It is given no work: it runs RigGuide 9.9.9 and speaks version {protocol}" in text
    assert who in text


@pytest.mark.parametrize("protocol", [-5, 10**30])
def test_a_version_that_no_column_holds_does_no_harm(protocol: int) -> None:
    alice = Machine()
    assert claims(alice, protocol).status_code == 426
    assert 0 <= alice.row.protocol <= 32_767
