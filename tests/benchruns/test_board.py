"""The board of hosts: how each is, what it does, what waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from benchruns.board import board_of
from benchruns.live.of_hosts import HostsScene
from benchruns.models import Host, Role, Team
from tests.benchruns.made import Machine, plan, queued
from tests.benchruns.people import browser, member, team

pytestmark = pytest.mark.django_db
GPU = {
    "name": "NVIDIA H200",
    "utilisation_percent": 97,
    "memory_used_gib": 120.5,
    "memory_gib": 139.8,
    "temperature_c": 61,
    "power_w": 540.2,
}
VITALS = {
    "cpu_percent": 37.5,
    "load_1m": 1.5,
    "memory_used_gib": 6.25,
    "memory_gib": 15.5,
    "disk_free_gib": 100,
    "accelerators": [GPU],
}


def shown(user: Any = None, part: str = "") -> str:
    response = browser(user).get(f"/hosts/{part}")
    assert response.status_code == 200
    return " ".join(response.text.split())


def claim(alice: Machine, vitals: Any = None, **more: Any) -> Any:
    body = {"protocol": 2, "wait_s": 0, "engines": ["llama.cpp"]} | more
    return alice.post("claim", body if vitals is None else body | {"vitals": vitals})


def test_it_shows_what_a_host_told_with_its_claim() -> None:
    alice = Machine()
    assert claim(alice, VITALS).status_code == 204
    text = shown()
    assert '38<span class="unit">%</span>' in text
    assert '6.2 of 15.5<span class="unit">GiB</span>' in text
    assert "NVIDIA H200" in text
    assert '97<span class="unit">%</span>' in text
    assert '61<span class="unit">°C</span>, 540<span class="unit">W</span>' in text
    assert "nothing to do" in text


def test_a_host_tells_with_its_heartbeats_while_it_works() -> None:
    alice = Machine()
    run = alice.claimed()
    assert alice.about(run, "heartbeat", vitals=VITALS).status_code == 200
    alice.row.refresh_from_db()
    assert alice.row.vitals["accelerators"] == [GPU]
    told_at = alice.row.vitals_at
    assert alice.about(run, "heartbeat").status_code == 200
    alice.row.refresh_from_db()
    assert (alice.row.vitals_at, alice.row.vitals["cpu_percent"]) == (told_at, 37.5)


def test_what_a_host_does_not_tell_is_not_made_up() -> None:
    claim(Machine())
    text = shown()
    assert text.count("not told") == 2
    assert "<meter" not in text


def test_a_card_that_tells_part_of_it_is_shown_with_that_part() -> None:
    claim(Machine(), VITALS | {"accelerators": [{"name": "card 0x73bf", "memory_gib": 16}]})
    text = shown()
    assert '<span class="soft">not told</span>, <span class="soft">power not told</span>' in text


def test_a_host_one_release_ahead_may_tell_more() -> None:
    alice = Machine()
    more = VITALS | {"fans": 3, "accelerators": [GPU | {"nvlink": "up"}]}
    assert claim(alice, more).status_code == 204
    alice.row.refresh_from_db()
    assert "fans" not in alice.row.vitals
    assert alice.row.vitals["accelerators"] == [GPU]


@pytest.mark.parametrize(
    "odd", [{"cpu_percent": 101}, {"memory_used_gib": -1}, {"accelerators": 3}]
)
def test_what_cannot_be_is_refused_with_a_sentence(odd: dict[str, Any]) -> None:
    alice = Machine()
    refused = claim(alice, VITALS | odd)
    assert refused.status_code == 400
    assert "vitals" in refused.json()["error"]
    alice.row.refresh_from_db()
    assert alice.row.vitals == {}


def test_a_zero_byte_in_a_name_is_no_fault() -> None:
    alice = Machine()
    assert claim(alice, VITALS | {"accelerators": [{"name": "a\0b"}]}).status_code == 204


def test_what_a_host_told_an_hour_ago_is_not_shown_as_of_now() -> None:
    alice = Machine()
    claim(alice, VITALS)
    Host.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    text = shown()
    assert "NVIDIA H200" not in text
    assert "last seen 1 hour ago" in text.replace("\xa0", " ")


def test_it_shows_what_a_host_does_and_what_waits_for_it() -> None:
    alice = Machine()
    run = alice.claimed(wanted_host=alice.row)
    for _ in range(3):
        queued(wanted_host=alice.row)
    text = shown()
    assert f'href="/runs/{run.pk}/"' in text
    assert "This site: 3 waiting, 1 at work" in text
    assert '<dt>Waiting</dt> <dd><span class="wide">3</span></dd>' in text


def test_what_a_host_does_for_another_team_is_not_told() -> None:
    alice = Machine()
    red = team("Red")
    secret = plan(model="qwen3-8b")
    run = alice.claimed(team=red, wanted_host=alice.row, plan=secret)
    ann = member(red, Role.VIEWER)
    assert "1 measurement for others" in shown()
    assert str(run.pk) not in shown()
    assert str(run.pk) in shown(ann)


@pytest.mark.parametrize(
    ("visibility", "seen"),
    [("public", {"visitor", "viewer"}), ("team", {"viewer"}), ("private", set())],
)
@pytest.mark.parametrize("says", ["run", "host", "team"])
def test_a_run_is_on_the_board_of_those_whom_it_is_meant_for(
    says: str, visibility: str, seen: set[str]
) -> None:
    here = Team.embedded()
    if says == "team":
        Team.objects.update(default_visibility=visibility)
    alice = Machine(default_visibility=visibility if says == "host" else "")
    run = alice.claimed(visibility=visibility if says == "run" else "", phase="preparing")
    readers = {"visitor": None, "viewer": member(here, Role.VIEWER)}
    for part in ("", "board"):
        pages = {name: shown(who, part) for name, who in readers.items()}
        assert {name for name, text in pages.items() if str(run.pk) in text} == seen
        others = {name for name, text in pages.items() if "1 measurement for others" in text}
        assert others == readers.keys() - seen


def test_a_private_run_is_not_told_by_events() -> None:
    alice = Machine()
    run = alice.claimed(visibility="private")
    teams = (alice.row.team_id,)
    parts = HostsScene(teams, alice.row.team_id, "en").drawn().parts
    assert f"host-{alice.row.pk}" in parts
    assert all(str(run.pk) not in part for part in parts.values())


def test_a_team_s_hosts_are_on_its_members_board_alone() -> None:
    red = team("Red")
    Machine("secret-box", team=red, accepts_visitors=True)
    ann, stranger = member(red, Role.VIEWER), member(team("Blue"), Role.OWNER)
    for part in ("", "board"):
        assert "secret-box" in shown(ann, part)
        assert "secret-box" not in shown(stranger, part)
        assert "secret-box" not in shown(part=part)


def test_it_asks_as_little_for_many_hosts_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        Machine(f"host {number}").claimed()
    teams = [Team.embedded().pk]
    with django_assert_num_queries(4):
        board = board_of(Host.objects.all(), teams)
    assert [len(card.runs) for card in board.cards] == [1] * 20


def test_a_board_without_hosts_says_so() -> None:
    assert "No machine is attached." in shown()
