"""Results of machines that never saw this site: brought by members, for their team."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from benchruns.host.document import Accelerator, ResultDocument
from benchruns.models import AuditEntry, Host, Result, Role, Team
from tests.benchruns.made import FACTS, Machine, document
from tests.benchruns.people import browser, member, person, team

pytestmark = pytest.mark.django_db
PAGE = "/results/upload/"
H200 = Accelerator(name="NVIDIA H200", vendor="nvidia", memory_gib=141.0)


@pytest.fixture
def acme() -> Team:
    return team("Acme")


def brings(who: User | None, machine: str, made: ResultDocument | None = None, **more: str) -> Any:
    text = (made or document()).model_dump_json().encode()
    file = SimpleUploadedFile("result.json", text, "application/json")
    return browser(who).post(PAGE, {"document": file, "machine": machine, **more})


def test_a_member_chooses_the_machine_instead_of_its_token(acme: Team) -> None:
    alice = Machine("alice", team=acme, accepts_visitors=False)
    bob = member(acme, Role.MEMBER)
    page = browser(bob).get(PAGE).text
    assert "Acme: alice" in page
    assert "Token of the machine" not in page
    answer = brings(bob, str(alice.row.pk))
    assert answer.status_code == 303
    result = Result.objects.get()
    assert (result.run.host, result.run.team) == (alice.row, acme)
    assert result.uploaded_at is not None
    assert AuditEntry.objects.get(verb="result.uploaded").actor == bob
    assert "Uploaded" in browser(bob).get(answer.headers["Location"]).text


def test_an_admin_brings_results_of_a_machine_that_is_not_attached(acme: Team) -> None:
    admin = member(acme, Role.ADMIN)
    assert "Acme: a machine that is not attached" in browser(admin).get(PAGE).text
    assert brings(admin, "new:acme", name="lab 3").status_code == 303
    host = Host.objects.get()
    assert (host.name, host.team, host.offline, host.facts["cpu"]) == (
        "lab 3",
        acme,
        True,
        FACTS.cpu,
    )
    page = browser(admin).get(host.get_absolute_url()).text
    assert "measures without this site" in page
    assert "What its owner accepts" not in page


def test_the_same_machine_is_known_again_and_another_one_is_not(acme: Team) -> None:
    admin = member(acme, Role.ADMIN)
    brings(admin, "new:acme", document(itl_s=0.05))
    brings(admin, "new:acme", document(itl_s=0.06), name="ignored")
    assert [host.name for host in Host.objects.all()] == [FACTS.cpu]
    other = FACTS.model_copy(update={"cpu": "Intel Xeon"})
    brings(admin, "new:acme", document(itl_s=0.07, host=other))
    assert Host.objects.count() == 2
    assert Result.objects.count() == 3


def test_a_refused_file_leaves_no_machine_behind(acme: Team) -> None:
    answer = brings(member(acme, Role.ADMIN), "new:acme", document(points=()), name="lab 3")
    assert answer.status_code == 422
    assert "It has no measured point" in answer.text
    assert 'value="lab 3"' in answer.text  # nothing of the form is lost
    assert not Host.objects.exists()


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_who_may_not_measure_brings_nothing(role: Role | None, acme: Team) -> None:
    alice = Machine("alice", team=acme)
    who = person("stranger") if role is None else member(acme, role)
    for machine in (str(alice.row.pk), "new:acme", "new:this-site", "999999", "x"):
        assert brings(who, machine).status_code == 403
        assert brings(None, machine).status_code == 403
    assert not Result.objects.exists()


def test_a_member_makes_no_machine(acme: Team) -> None:
    bob = member(acme, Role.MEMBER)
    assert "a machine that is not attached" not in browser(bob).get(PAGE).text
    assert brings(bob, "new:acme").status_code == 403


def test_a_file_that_is_none_says_so(acme: Team) -> None:
    admin = member(acme, Role.ADMIN)
    file = SimpleUploadedFile("result.json", b'{"kind": "rigguide.result"}', "application/json")
    answer = browser(admin).post(PAGE, {"document": file, "machine": "new:acme"})
    assert answer.status_code == 422
    assert browser(admin).post(PAGE, {"machine": "new:acme"}).status_code == 400


def with_cards(count: int) -> Any:
    return FACTS.model_copy(update={"accelerators": (H200,) * count})


@pytest.mark.parametrize(("measured_on", "status"), [(1, 303), (2, 303), (3, 422), (0, 422)])
def test_one_slot_of_a_machine_knows_of_its_own_accelerator(
    measured_on: int, status: int, acme: Team
) -> None:
    bob = member(acme, Role.MEMBER)
    two = Machine("two", team=acme, facts=with_cards(2).model_dump(mode="json"))
    made = document(host=with_cards(measured_on))
    engine = made.engine.model_copy(update={"backend": "cuda" if measured_on else "cpu"})
    answer = brings(bob, str(two.row.pk), made.model_copy(update={"engine": engine}))
    assert answer.status_code == status
