"""When two results are of the same work, and when they are the same samples."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from benchruns.host.document import Accelerator, ResultDocument
from benchruns.host.measurement import measurement
from benchruns.same import fingerprint, work
from benchruns.summaries import _as_json
from tests.benchruns.made import FACTS, as_sent, document, plan


def work_of(made: ResultDocument, host: str = "alice") -> str:
    return work(_as_json(measurement(made, host=host, url="")))


def test_the_same_work_on_another_machine_of_the_kind_is_the_same() -> None:
    later = document(finished_at=document().finished_at + timedelta(days=1), itl_s=0.06)
    assert work_of(document(), "alice") == work_of(later, "bob")


@pytest.mark.parametrize(
    "other",
    [
        document(plan(quant="Q4_0")),
        document(plan(variant="as-shipped")),
        document(plan(prompt_tokens=65)),
        document(host=FACTS.model_copy(update={"cpu": "Intel Xeon"})),
        document(model=document().model.model_copy(update={"synthetic": False})),
    ],
)
def test_another_load_model_or_machine_is_other_work(other: ResultDocument) -> None:
    assert work_of(other) != work_of(document())


def test_a_device_of_the_catalogue_is_one_kind_whatever_it_sits_in() -> None:
    cards = (Accelerator(name="NVIDIA GeForce RTX 4090", vendor="nvidia"),)
    cuda = document().engine.model_copy(update={"backend": "cuda"})
    rich = FACTS.model_copy(update={"accelerators": cards, "memory_gib": 256.0})
    poor = FACTS.model_copy(update={"accelerators": cards, "cpu": "Intel Xeon"})
    assert work_of(document(host=rich, engine=cuda)) == work_of(document(host=poor, engine=cuda))


def test_samples_are_known_again_under_another_date_and_name() -> None:
    moved = document(finished_at=document().finished_at + timedelta(days=1), host=FACTS)
    assert fingerprint(as_sent(document())) == fingerprint(as_sent(moved))
    assert fingerprint(as_sent(document())) != fingerprint(as_sent(document(itl_s=0.051)))


@pytest.mark.parametrize("told", [{}, {"points": []}, {"points": [{"samples": []}]}])
def test_without_samples_there_is_nothing_to_know_again(told: dict[str, Any]) -> None:
    assert fingerprint(told) == ""
