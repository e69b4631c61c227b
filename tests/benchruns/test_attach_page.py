"""`/hosts/attach/`: one command, shown once, and how the machine arrives."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from benchruns.credentials import hashed
from benchruns.models import AuditEntry, EnrolmentCode, Host, Role, Team
from tests.benchruns.attaching.made import package
from tests.benchruns.made import API, FACTS, LLAMA, Machine
from tests.benchruns.people import browser, join, member, person, team

pytestmark = pytest.mark.django_db
PAGE = "/hosts/attach/"


@pytest.fixture(autouse=True)
def _package(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    package(tmp_path)


@pytest.fixture
def acme() -> Team:
    return team("Acme")


@pytest.fixture
def admin(acme: Team) -> User:
    return member(acme, Role.ADMIN)


def made(by: Client, slug: str = "acme", **more: str) -> Any:
    return by.post(PAGE, {"team": slug, **more})


def code_in(text: str) -> str:
    found = set(re.findall(r"rgc_[\w-]{43}", html.unescape(text)))
    assert len(found) == 1
    return found.pop()


def enrol(code: str) -> Host:
    told = {
        "protocol": 2,
        "code": code,
        "name": "box",
        "facts": FACTS.model_dump(mode="json"),
        "engines": [LLAMA],
    }
    answer = Client().post(f"{API}enrol", told, content_type="application/json")
    assert answer.status_code == 201
    return Host.objects.get(pk=answer.json()["host"])


def test_an_admin_gets_one_command_that_holds_the_code(admin: User) -> None:
    answer = made(browser(admin))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    code = code_in(answer.text)
    command = f"curl -fsSL http://testserver/host/install.sh | RIGGUIDE_CODE={code} sh"
    assert command in html.unescape(answer.text)
    assert f'wsl -e sh -c "{command}"' in html.unescape(answer.text)


def test_the_code_is_kept_by_its_hash_and_shown_once(admin: User) -> None:
    client = browser(admin)
    code = code_in(made(client).text)
    kept = EnrolmentCode.objects.get()
    assert (kept.code_hash, kept.made_by) == (hashed(code), admin)
    assert kept.expires_at - kept.created_at <= timedelta(minutes=16)
    again = client.get(f"{PAGE}{kept.pk}/").text
    assert "rgc_" not in again
    assert "is not kept" in again


def test_the_audit_log_says_who_made_it_and_not_what_it_was(admin: User, acme: Team) -> None:
    code = code_in(made(browser(admin)).text)
    entry = AuditEntry.objects.get(team=acme, verb="code.made")
    assert entry.actor == admin
    assert code not in f"{entry.target} {entry.detail}"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_smaller_roles_and_strangers_make_none(role: Role, acme: Team) -> None:
    for who in (None, member(acme, role), person("stranger")):
        client = browser(who)
        assert made(client).status_code == 404
        page = client.get(PAGE)
        assert page.status_code == 200
        assert "manage.py enrolment_code" in page.text
        assert "Make the command" not in page.text
    assert not EnrolmentCode.objects.exists()


def test_another_team_s_arrivals_are_nobody_else_s_business(admin: User) -> None:
    made(browser(admin))
    pk = EnrolmentCode.objects.get().pk
    other = member(team("Others"), Role.OWNER)
    for who in (None, other):
        for path in (f"{PAGE}{pk}/", f"{PAGE}{pk}/progress", f"{PAGE}999999/"):
            assert browser(who).get(path).status_code == 404
        assert browser(who).post(f"{PAGE}{pk}/withdraw").status_code == 404


def test_the_page_shows_the_machine_arriving_step_by_step(admin: User) -> None:
    client = browser(admin)
    code = code_in(made(client).text)
    progress = f"{PAGE}{EnrolmentCode.objects.get().pk}/progress"

    waiting = client.get(progress).text
    assert "Waiting for the machine" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert waiting.count("data-reached") == 1

    host = enrol(code)
    probed = client.get(progress).text
    assert "box is arriving" in probed
    assert "AMD EPYC 7B13" in probed
    assert "Next: first claim." in probed
    assert probed.count("data-reached") == 3

    Host.objects.filter(pk=host.pk).update(first_claim_at=timezone.now(), measures=["llama.cpp"])
    there = client.get(progress).text
    assert "box is attached" in there
    assert "It can start llama.cpp." in there
    assert host.get_absolute_url() in there
    assert "hx-get" not in there


def test_a_machine_without_an_engine_arrives_too(admin: User) -> None:
    client = browser(admin)
    host = enrol(code_in(made(client).text))
    Host.objects.filter(pk=host.pk).update(first_claim_at=timezone.now(), measures=[])
    progress = client.get(f"{PAGE}{EnrolmentCode.objects.get().pk}/progress").text
    assert "It can start no engine yet" in progress


def test_a_code_that_nobody_used_in_time_is_over(admin: User) -> None:
    client = browser(admin)
    made(client)
    EnrolmentCode.objects.update(expires_at=timezone.now())
    text = client.get(f"{PAGE}{EnrolmentCode.objects.get().pk}/").text
    assert "The code has run out" in text
    assert "hx-get" not in text


def test_a_code_that_went_astray_can_be_withdrawn(admin: User, acme: Team) -> None:
    client = browser(admin)
    code = code_in(made(client).text)
    pk = EnrolmentCode.objects.get().pk
    assert client.post(f"{PAGE}{pk}/withdraw").status_code == 303
    told = {"protocol": 2, "code": code, "name": "box", "facts": {}, "engines": []}
    told["facts"] = FACTS.model_dump(mode="json")
    answer = Client().post(f"{API}enrol", told, content_type="application/json")
    assert answer.status_code == 403
    client.post(f"{PAGE}{pk}/withdraw")
    assert AuditEntry.objects.filter(team=acme, verb="code.withdrawn").count() == 1


def test_a_machine_that_was_revoked_meanwhile_is_said_to_be(admin: User) -> None:
    client = browser(admin)
    host = enrol(code_in(made(client).text))
    Host.objects.filter(pk=host.pk).update(revoked_at=timezone.now())
    text = client.get(f"{PAGE}{EnrolmentCode.objects.get().pk}/progress").text
    assert "box was detached again" in text
    assert "hx-get" not in text


def test_only_the_site_s_own_team_may_open_a_machine_to_visitors(admin: User) -> None:
    made(browser(admin), visitors="1")
    assert not EnrolmentCode.objects.get().accepts_visitors
    join(admin, Team.embedded(), Role.ADMIN)
    client = browser(admin)
    assert "Visitors of this site may measure on it" in client.get(PAGE).text
    made(client, Team.embedded().slug, visitors="1")
    assert EnrolmentCode.objects.order_by("-pk")[0].accepts_visitors


def test_the_package_and_its_checksum_are_shown(admin: User, tmp_path: Path) -> None:
    text = browser(admin).get(PAGE).text
    there = package(tmp_path)
    assert there.sha256 in text
    assert f"/host/{there.name}" in text
    assert 'href="/host/files/compose.nvidia.yaml"' in text


def test_without_a_package_there_is_no_command(
    admin: User, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "elsewhere"
    text = browser(admin).get(PAGE).text
    assert "manage.py host_package" in text
    assert "Make the command" not in text


def test_the_first_claim_of_a_machine_is_remembered() -> None:
    alice = Machine()
    alice.claim()
    first = Host.objects.get(pk=alice.row.pk).first_claim_at
    assert first is not None
    alice.claim()
    assert Host.objects.get(pk=alice.row.pk).first_claim_at == first
