from __future__ import annotations

import pytest

from benchruns.host.measurement import DocumentEvidence, measurement
from tests.benchruns.made import document


def test_it_keeps_what_the_decision_needs() -> None:
    made = document()

    kept = measurement(made, host="attic", url="/runs/1/")

    assert (kept.engine, kept.model, kept.quant) == (
        made.engine.id,
        made.model.id,
        made.model.quant,
    )
    assert (kept.host, kept.url, kept.hardware) == ("attic", "/runs/1/", made.host.hardware)
    assert [p.clients for p in kept.points] == [p.clients for p in made.points]
    assert kept.synthetic_weights is made.model.synthetic
    assert kept.points[0].tok_s_per_user_p50 == made.points[0].summary.tok_s_per_user.p50


def test_a_point_with_failed_requests_is_not_stable() -> None:
    made = document()
    first = made.points[0]
    failing = first.model_copy(update={"summary": first.summary.model_copy(update={"not_ok": 3})})

    kept = measurement(made.model_copy(update={"points": (failing,)}), host="attic", url="")

    assert not kept.points[0].stable


@pytest.mark.parametrize("load", [{"cpu_percent_others": 12.0}, {"client_lag_p99_ms": 30.0}])
def test_a_point_under_a_competing_load_is_not_stable(load: dict[str, float]) -> None:
    made = document()
    calm = made.points[0].summary.model_copy(update={"stable": True})
    point = made.points[0].model_copy(update={"summary": calm})
    points = (point, point.model_copy(update=load))

    kept = measurement(made.model_copy(update={"points": points}), host="attic", url="")

    assert [p.stable for p in kept.points] == [True, False]


def test_a_file_answers_for_its_own_machine_only() -> None:
    mine = measurement(document(), host="attic", url="")
    evidence = DocumentEvidence([mine])

    assert evidence.measurements(hardware=mine.hardware, device=None, model=None) == (mine,)
    assert evidence.measurements(hardware="apple", device=None, model=None) == ()
    assert evidence.measurements(hardware=None, device=None, model=None) == ()
    assert evidence.measurements(hardware=mine.hardware, device="rtx-4090", model=None) == ()
    assert evidence.measurements(hardware=mine.hardware, device=None, model="other") == ()
