"""What the guide's pages ask of the room with the runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from benchruns import wake
from benchruns.enrolment import revoke
from benchruns.models import Run, Team
from benchruns.services import (
    RunRefused,
    measurable_hosts,
    request_plan,
    request_run,
    visible_hosts,
)
from tests.benchruns.made import Machine, plan

pytestmark = pytest.mark.django_db
WHAT = ("llama.cpp", "llama-3.2-1b", "Q8_0")


def test_it_names_hosts_that_answer_before_those_that_do_not() -> None:
    Machine("asleep", last_seen_at=timezone.now() - timedelta(hours=1))
    Machine("zoe")
    Machine("alice")
    assert [host.name for host in measurable_hosts()] == ["alice", "zoe", "asleep"]


def test_it_names_only_hosts_that_can_and_may() -> None:
    Machine("paused", paused=True)
    Machine("shy", accepts_visitors=False)
    Machine("theirs", team=Team.objects.create(slug="others", name="Others"))
    Machine("never asked for work", measures=[])
    revoke(Machine("revoked").row)
    assert measurable_hosts() == []
    assert {host.name for host in visible_hosts()} == {"paused", "never asked for work"}


def test_it_names_hosts_by_what_they_can_start_and_not_by_what_lies_there() -> None:
    ollama = {"id": "ollama", "provider": "ollama on PATH", "version": "0.9", "detail": ""}
    Machine("alice", engines=[ollama], measures=["llama.cpp"])
    assert [host.name for host in measurable_hosts("llama.cpp")] == ["alice"]
    assert measurable_hosts("ollama") == []


def test_it_learns_what_a_host_can_start_when_it_asks_for_work() -> None:
    alice = Machine(measures=[])
    alice.claim(engines=("vllm", "llama.cpp", "vllm"))
    alice.row.refresh_from_db()
    assert alice.row.measures == ["llama.cpp", "vllm"]


def test_the_same_answers_are_kept_alike_however_they_are_written() -> None:
    Machine()
    one, other = (
        request_run(said, *WHAT) for said in ("hardware=cpu&users=4", "users=4&hardware=cpu")
    )
    assert one.answers == other.answers != request_run("hardware=cpu&users=5", *WHAT).answers


def test_it_rings_for_the_team_once_the_run_can_be_read(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(wake, "publish", rung.append)
    alice = Machine()
    with django_capture_on_commit_callbacks(execute=True):
        request_run("", *WHAT)
        assert rung == []
    assert rung == [alice.row.team_id]


def test_it_queues_though_there_is_no_broker_to_ring(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    Machine()
    with django_capture_on_commit_callbacks(execute=True):
        request_run("", *WHAT)
    assert Run.objects.count() == 1


def test_it_queues_a_plan_of_ones_own() -> None:
    alice = Machine()
    own = plan(variant="as-shipped", clients=(5,))
    assert request_plan(own, alice.row).what == own


def test_it_refuses_a_plan_that_the_machine_cannot_do() -> None:
    alice = Machine()
    with pytest.raises(RunRefused, match="alice cannot measure this"):
        request_plan(plan(model="llama-3.1-405b"), alice.row)
