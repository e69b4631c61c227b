"""What memory can carry at most."""

from __future__ import annotations

import pytest

from benchruns.ceiling import active_bytes, bandwidth_gb_s, per_user_tok_s
from benchruns.host.document import Accelerator, HostFacts, ModelFacts
from benchruns.machines import device_id, in_words
from recommender import catalogue
from tests.benchruns.made import FACTS, document

GIB = 2**30


def with_gpu(name: str, count: int = 1) -> HostFacts:
    gpu = Accelerator(name=name, vendor="nvidia", memory_gib=24.0, bandwidth_gb_s=99_999.0)
    return FACTS.model_copy(update={"accelerators": (gpu,) * count})


@pytest.mark.parametrize("name", ["NVIDIA GeForce RTX 4090", "GeForce RTX 4090", "RTX 4090"])
def test_it_knows_a_device_as_its_driver_names_it(name: str) -> None:
    assert device_id(with_gpu(name)) == "rtx-4090"


def test_it_knows_no_device_where_there_is_none() -> None:
    assert device_id(FACTS) is None
    assert device_id(with_gpu("NVIDIA Imagined 9000")) is None


def test_it_trusts_the_catalogue_and_not_the_host() -> None:
    known = catalogue.load().devices["rtx-4090"].bandwidth_gb_s
    assert bandwidth_gb_s(with_gpu("NVIDIA GeForce RTX 4090"), 8 * GIB) == known * 1.15
    assert bandwidth_gb_s(with_gpu("NVIDIA GeForce RTX 4090", 2), 8 * GIB) == known * 2.3


def test_it_is_generous_with_machines_nobody_knows() -> None:
    assert bandwidth_gb_s(with_gpu("NVIDIA Imagined 9000"), 8 * GIB) == 10_000.0
    assert bandwidth_gb_s(FACTS, 1 * GIB) == 512.0
    assert bandwidth_gb_s(FACTS.model_copy(update={"cores_logical": 192}), 8 * GIB) == 2_000.0


def test_it_counts_of_a_mixture_only_what_one_token_reads() -> None:
    model = catalogue.load().models["mixtral-8x7b"]
    facts = ModelFacts(
        id=model.id, name="", quant="Q4_0", params=None, weights_bytes=26 * GIB, synthetic=False
    )
    assert active_bytes(facts) == pytest.approx(26 * GIB * model.active / model.params)


def test_it_has_no_limit_for_weights_of_unknown_size() -> None:
    unknown = document().model.model_copy(update={"weights_bytes": None})
    assert per_user_tok_s(document(model=unknown)) is None


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (FACTS, "AMD EPYC 7B13, 1 core, 16 GiB"),
        (with_gpu("RTX 4090"), "RTX 4090, 24 GiB"),
        (with_gpu("RTX 4090", 2), "2 × RTX 4090, 24 GiB"),
    ],
)
def test_it_says_what_a_machine_is(facts: HostFacts, words: str) -> None:
    assert in_words(facts) == words
