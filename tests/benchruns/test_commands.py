"""What the supervisor and an administrator type."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from benchruns.enrolment import enrol, revoke
from benchruns.host.credentials import Credential, Home
from benchruns.models import EnrolmentCode, Host
from benchruns.tasks import expire_leases
from tests.benchruns.made import FACTS

pytestmark = pytest.mark.django_db


def said(command: str, *arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(command, *arguments, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue().strip()


def attach(code: str, home: Path) -> Host:
    host, token = enrol(code, "alice", FACTS.model_dump(mode="json"), [])
    Home(home).save(Credential("http://127.0.0.1:8000", str(host.pk), host.name, token))
    return host


def test_it_gives_a_code_that_attaches_this_machine(tmp_path: Path) -> None:
    code, _ = said("attach_local", "--home", str(tmp_path))
    host = attach(code, tmp_path)
    assert (host.local, host.accepts_visitors, host.team.slug) == (True, True, "this-site")


def test_it_gives_no_second_code_while_the_machine_is_attached(tmp_path: Path) -> None:
    code, _ = said("attach_local", "--home", str(tmp_path))
    attach(code, tmp_path)
    assert said("attach_local", "--home", str(tmp_path)) == (
        "",
        "This machine is attached already, as alice.",
    )
    assert EnrolmentCode.objects.count() == 1


def test_it_gives_a_new_code_when_the_old_credential_is_good_for_nothing(tmp_path: Path) -> None:
    code, _ = said("attach_local", "--home", str(tmp_path))
    revoke(attach(code, tmp_path))
    assert said("attach_local", "--home", str(tmp_path))[0].startswith("rgc_")


@pytest.mark.parametrize(("option", "open_to_visitors"), [([], False), (["--visitors"], True)])
def test_it_gives_a_code_for_another_machine(
    option: list[str], open_to_visitors: bool, tmp_path: Path
) -> None:
    code, note = said("enrolment_code", *option)
    host = attach(code, tmp_path)
    assert (host.local, host.accepts_visitors) == (False, open_to_visitors)
    assert note.startswith("Works once, within 15 minutes. On the other machine:\n")


def test_its_worker_looks_for_ended_leases() -> None:
    from guide.celery import app

    assert expire_leases.name in {entry["task"] for entry in app.conf.beat_schedule.values()}
    expire_leases()
