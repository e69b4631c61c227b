"""What was measured here, as the decision reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from benchruns.enrolment import revoke
from benchruns.evidence import DatabaseEvidence
from benchruns.host.document import Accelerator, Finding
from benchruns.models import Host, Result
from recommender.evidence import MeasuredPoint, Measurement
from tests.benchruns.made import FACTS, Machine, as_sent, document, plan

pytestmark = pytest.mark.django_db
GPU = FACTS.model_copy(
    update={"accelerators": (Accelerator(name="NVIDIA GeForce RTX 4090", vendor="nvidia"),)}
)
SPOILT = Finding(guard="prefix-cache", severity="refuse", sentence="most of it was cached")


def measured(machine: Machine, **changes: Any) -> None:
    what = changes.pop("plan", plan())
    run = machine.claimed(plan=what)
    told = as_sent(document(what, **changes))
    assert machine.about(run, "result", document=told).status_code == 200


def evidence(
    hardware: str | None = "cpu", device: str | None = None, model: str | None = None
) -> tuple[Measurement, ...]:
    return DatabaseEvidence().measurements(hardware=hardware, device=device, model=model)


def test_it_tells_what_was_measured_and_where() -> None:
    alice = Machine("alice")
    measured(alice)
    (found,) = evidence()
    run = Result.objects.get().run
    assert found == Measurement(
        engine="llama.cpp",
        model="llama-3.2-1b",
        quant="Q8_0",
        hardware="cpu",
        device=None,
        machine="AMD EPYC 7B13, 1 core, 16 GiB",
        host="alice",
        engine_version="b1",
        variant="tuned",
        prompt_tokens=64,
        output_tokens=32,
        synthetic_weights=True,
        measured_at=document().finished_at,
        url=f"/runs/{run.pk}/",
        points=found.points,
        os=FACTS.os,
        arch=FACTS.arch,
        memory_gib=FACTS.memory_gib,
        host_id=alice.row.pk,
    )
    summary = document().points[0].summary
    assert found.points[0] == MeasuredPoint(
        clients=1,
        ttft_p50_ms=200.0,
        ttft_p95_ms=None,
        tok_s_per_user_p50=summary.tok_s_per_user.p50,
        tok_s_per_user_p5=None,
        total_tok_s=summary.output_tok_s,
        stable=False,
    )


def test_it_tells_the_newest_first() -> None:
    alice = Machine()
    ended = document().finished_at
    measured(alice)
    measured(alice, finished_at=ended + timedelta(hours=1), plan=plan(quant="Q4_0"))
    measured(alice, finished_at=ended + timedelta(minutes=1), plan=plan(quant="F16"))
    assert [found.quant for found in evidence()] == ["Q4_0", "F16", "Q8_0"]


def test_measuring_one_thing_often_does_not_push_out_another() -> None:
    alice, ended = Machine(), document().finished_at
    measured(alice, plan=plan(quant="Q4_0"))
    for minute in range(1, 4):
        measured(alice, finished_at=ended + timedelta(minutes=minute))
    shipped = plan(variant="as-shipped")
    measured(alice, plan=shipped, finished_at=ended + timedelta(minutes=9))
    found = evidence()
    assert [(one.quant, one.variant) for one in found] == [
        ("Q8_0", "as-shipped"),
        ("Q8_0", "tuned"),
        ("Q4_0", "tuned"),
    ]
    assert found[1].measured_at == ended + timedelta(minutes=3)


def test_it_tells_nothing_of_a_machine_nobody_named() -> None:
    measured(Machine())
    assert evidence(hardware=None) == ()


def test_it_tells_only_of_that_hardware_device_and_model() -> None:
    alice = Machine()
    measured(alice)
    measured(alice, host=GPU, engine=document().engine.model_copy(update={"backend": "cuda"}))
    assert [found.device for found in evidence()] == [None]
    assert [found.device for found in evidence("nvidia")] == ["rtx-4090"]
    assert [found.device for found in evidence("nvidia", "rtx-4090")] == ["rtx-4090"]
    assert evidence("nvidia", "rtx-3090") == ()
    assert evidence("apple") == ()
    assert len(evidence(model="llama-3.2-1b")) == 1
    assert evidence(model="llama-3.1-8b") == ()


def test_it_does_not_count_what_was_refused_or_is_private() -> None:
    alice = Machine()
    run = alice.claimed()
    alice.about(run, "result", document=as_sent(document(itl_s=0.0001)))
    measured(alice)
    Result.objects.filter(refused="").update(visibility="private")
    assert Result.objects.count() == 2
    assert evidence() == ()


def test_a_result_of_which_guards_left_nothing_does_not_hide_the_good_one_before_it() -> None:
    alice, good = Machine(), document()
    measured(alice)
    later = good.finished_at + timedelta(hours=1)
    spoilt = tuple(p.model_copy(update={"guards": (SPOILT,)}) for p in good.points)
    measured(alice, points=spoilt, finished_at=later)
    assert Result.objects.filter(refused="").count() == 2
    (found,) = evidence()
    assert (found.measured_at, len(found.points)) == (good.finished_at, 3)


def test_it_no_longer_trusts_a_host_that_was_revoked_and_keeps_its_history() -> None:
    alice = Machine()
    measured(alice)
    revoke(alice.row)
    assert evidence() == ()
    assert Result.objects.count() == 1


def test_it_names_the_host_as_it_is_called_today() -> None:
    measured(Machine())
    Host.objects.update(name="renamed")
    assert evidence()[0].host == "renamed"


def test_it_asks_once_and_reads_no_raw_samples(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = Machine()
    for quant in ("Q8_0", "Q4_0", "F16"):
        measured(alice, plan=plan(quant=quant))
    with django_assert_num_queries(1) as queries:
        assert len(evidence()) == 3
    assert '"document"' not in queries.captured_queries[0]["sql"]
