"""No host is offered what its owner would refuse, and nobody queues it in vain."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from benchruns.host.accepts import Accepts
from benchruns.host.limits import weights_gib
from benchruns.models import Host, Run
from benchruns.services import RunRefused, request_plan
from tests.benchruns.made import Machine, plan, queued

pytestmark = pytest.mark.django_db
ABLE = ("llama.cpp", "vllm")


def asks(machine: Machine, **limits: Any) -> Any:
    """For work, on its owner's terms."""
    accepts = Accepts(**{"measures": ABLE} | limits)
    told = {
        "protocol": 2,
        "wait_s": 0,
        "engines": accepts.measures if accepts.open else (),
        "accepts": accepts.model_dump(mode="json"),
    }
    return machine.post("claim", told)


def given(machine: Machine, **limits: Any) -> str | None:
    answer = asks(machine, **limits)
    return answer.json()["run"]["id"] if answer.status_code == 200 else None


def test_a_run_that_takes_too_long_goes_to_nobody_who_says_so() -> None:
    queued(plan=plan(time_limit_s=1200))
    short = queued(plan=plan(time_limit_s=300))
    alice = Machine()
    assert given(alice, minutes=10) == str(short.pk)
    assert given(alice, minutes=10) is None
    assert given(alice, minutes=20) is not None


def test_what_outlasts_the_hours_that_are_left_waits() -> None:
    queued(plan=plan(time_limit_s=1200))
    alice = Machine()
    assert given(alice, hours="22:00-06:00", minutes_to_change=10) is None
    assert given(alice, hours="22:00-06:00", minutes_to_change=30) is not None


def test_weights_that_are_too_large_are_passed_over() -> None:
    queued(plan=plan(model="llama-3.1-8b", quant="Q8_0"))
    small = queued(plan=plan(model="llama-3.2-1b", quant="Q8_0"))
    alice, gib = Machine(), weights_gib("llama-3.1-8b", "Q8_0")
    assert gib is not None
    assert given(alice, weights_gib=gib - 1) == str(small.pk)
    assert given(alice, room_gib=gib - 1, disk_gib=gib) is None
    assert given(alice, weights_gib=gib + 1) is not None


def test_a_model_from_a_source_that_is_not_accepted_is_passed_over() -> None:
    queued(plan=plan(model="mine.gguf"))
    alice = Machine()
    assert given(alice) is None
    assert given(alice, models=("catalogue", "path")) is not None


def test_out_of_hours_nothing_is_offered_and_everything_can_be_queued() -> None:
    alice = Machine()
    run = queued()
    assert given(alice, open=False, hours="22:00-06:00", minutes_to_change=60) is None
    kept = Host.objects.get(pk=alice.row.pk)
    assert kept.measures == ["llama.cpp", "vllm"]
    page = Client().get(kept.get_absolute_url()).text
    assert "22:00-06:00, its local time" in page
    assert "closed at the moment; what is asked for waits" in page
    assert given(alice, hours="22:00-06:00", minutes_to_change=60) == str(run.pk)


def test_what_a_host_would_refuse_is_refused_when_it_is_asked_for() -> None:
    alice = Machine()
    asks(alice, minutes=10)
    alice.row.refresh_from_db()
    with pytest.raises(RunRefused) as refused:
        request_plan(plan(time_limit_s=1200), alice.row)
    assert refused.value.status == 409
    assert refused.value.reason == (
        "alice would refuse this. This machine's owner lets it measure for 10 minutes at most; "
        "this was given 20."
    )
    assert not Run.objects.exists()


def test_a_host_that_never_said_decides_by_itself() -> None:
    run = queued(plan=plan(time_limit_s=80_000))
    alice = Machine()
    answer = alice.claim()
    assert answer.json()["run"]["id"] == str(run.pk)
    alice.row.refresh_from_db()
    assert alice.row.accepts == {}
    assert "It has not said yet." in Client().get(alice.row.get_absolute_url()).text


def test_the_page_says_what_its_owner_accepts() -> None:
    alice = Machine()
    asks(alice, engines=("llama.cpp",), measures=("llama.cpp",), disk_gib=40, installs=False)
    page = Client().get(alice.row.get_absolute_url()).text
    for said in (
        "What its owner accepts",
        "models of the catalogue, as synthetic weights",
        '40<span class="unit">GiB</span> at most',
        "<dd>llama.cpp</dd>",
        "<dd>all day</dd>",
    ):
        assert said in page


def test_the_first_slot_speaks_for_the_machine() -> None:
    alice = Machine(installs=[], slots=1)
    told = {"protocol": 2, "wait_s": 0, "engines": ["vllm"], "slots": 2}
    alice.post("claim", told | {"slot": 0})
    alice.post("claim", told | {"slot": 1, "engines": []})
    alice.row.refresh_from_db()
    assert (alice.row.slots, alice.row.measures) == (2, ["vllm"])


@pytest.mark.parametrize(
    "accepts", [{"minutes": -1}, {"models": ["hub"]}, {"minutes": "NaN"}, {"engines": ["-rm"]}, 7]
)
def test_terms_that_make_no_sense_are_refused(accepts: Any) -> None:
    told = {"protocol": 2, "wait_s": 0, "engines": [], "accepts": accepts}
    answer = Machine().post("claim", told)
    assert answer.status_code == 400
    assert "accepts" in answer.json()["error"]
