"""A figure belongs to what computed it, not to the card that was in the machine as well."""

from __future__ import annotations

import pytest

from benchruns.host.document import Accelerator
from benchruns.host.machines import computed
from benchruns.host.measurement import measurement
from recommender.evidence import Measurement
from tests.benchruns.made import FACTS, document

CARD = Accelerator(name="NVIDIA GeForce RTX 4090", vendor="nvidia", memory_gib=24)
RADEON = Accelerator(name="AMD Radeon RX 7900 XTX", vendor="amd", memory_gib=24)


def _kept(backend: str | None, *cards: Accelerator) -> Measurement:
    made = document(host=FACTS.model_copy(update={"accelerators": cards}))
    engine = made.engine.model_copy(update={"backend": backend})
    return measurement(made.model_copy(update={"engine": engine}), host="attic", url="")


def test_a_processor_only_engine_beside_a_card_is_a_processor() -> None:
    kept = _kept("cpu", CARD)

    assert (kept.hardware, kept.device, kept.accelerators) == ("cpu", None, 0)
    assert kept.machine == "AMD EPYC 7B13, 1 core, 16 GiB"
    assert kept.memory_gib == FACTS.memory_gib


def test_a_card_that_computed_is_named_with_how_many() -> None:
    kept = _kept("cuda", CARD, CARD)

    assert (kept.hardware, kept.device, kept.accelerators) == ("nvidia", "rtx-4090", 2)
    assert kept.memory_gib == 24


def test_a_backend_nobody_knows_beside_a_card_counts_for_nothing() -> None:
    assert _kept(None, CARD).hardware == ""


def test_without_a_card_there_is_no_doubt() -> None:
    assert _kept(None).hardware == "cpu"


def test_it_is_the_card_of_the_backend_that_computed() -> None:
    assert _kept("cuda", RADEON, CARD).device == "rtx-4090"
    assert _kept("cuda", RADEON).hardware == ""


@pytest.mark.parametrize(("cards", "hardware"), [((RADEON,), "amd"), ((RADEON, CARD), "")])
def test_vulkan_is_a_card_only_where_there_is_one_kind(
    cards: tuple[Accelerator, ...], hardware: str
) -> None:
    made = document().engine.model_copy(update={"backend": "vulkan"})

    facts = FACTS.model_copy(update={"accelerators": cards})

    assert computed(made, facts).hardware == hardware
