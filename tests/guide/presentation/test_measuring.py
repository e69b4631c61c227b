"""The answers a measurement belongs to are those of the machine that takes it."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest

from benchruns.host.document import Accelerator, HostFacts
from guide.presentation import measuring
from guide.presentation.measuring import Offer
from recommender.answers import parse
from recommender.recommend import recommend
from tests.benchruns.made import FACTS

CARD = Accelerator(name="NVIDIA GeForce RTX 4090", vendor="nvidia", memory_gib=24)
SAID = "users=4&hardware=nvidia&device=h200&gpus=8&memory_gb=141&arch=arm64&os=windows"


def _offers(monkeypatch: pytest.MonkeyPatch, facts: HostFacts, said: str) -> tuple[Offer, ...]:
    host = SimpleNamespace(name="attic", machine=facts, measures=["llama.cpp"], installed=[])
    monkeypatch.setattr(measuring, "measurable_hosts", lambda person: (host,))
    return measuring.measuring(recommend(parse(parse_qsl(said)))).offers


def test_nothing_stays_of_the_machine_they_were_given_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for offer in _offers(monkeypatch, FACTS, SAID):
        answers = dict(parse_qsl(offer.answers))
        machine = {name: answers.get(name) for name in measuring.MACHINE}
        assert machine == {
            "hardware": "cpu",
            "device": None,
            "gpus": None,
            "memory_gb": "16",
            "os": "linux",
            "arch": "x86_64",
        }
        assert (answers["users"], answers["model"]) == ("4", offer.model.id)
        parse(parse_qsl(offer.answers))


def test_a_host_with_cards_answers_with_its_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = FACTS.model_copy(update={"accelerators": (CARD, CARD)})

    offers = _offers(monkeypatch, facts, "users=4&hardware=cpu&memory_gb=8")

    assert offers
    for offer in offers:
        answers = dict(parse_qsl(offer.answers))
        assert (answers["hardware"], answers["device"], answers["gpus"]) == (
            "nvidia",
            "rtx-4090",
            "2",
        )
        assert answers["memory_gb"] == "24"
        parse(parse_qsl(offer.answers))


def test_engines_that_load_folders_are_offered_what_folders_can_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "users=4&hardware=cpu&model=llama-3.2-1b&quant=q4_k_m"
    host = SimpleNamespace(name="attic", machine=FACTS, measures=["llama.cpp", "vllm"])
    host.installed = []
    monkeypatch.setattr(measuring, "measurable_hosts", lambda person: (host,))
    offers = measuring.measuring(recommend(parse(parse_qsl(said)))).offers
    quants = {offer.engine: offer.quant for offer in offers if offer.model.id == "llama-3.2-1b"}
    assert quants == {"llama.cpp": "Q4_K_M", "vllm": "BF16"}
    assert not any(offer.why_not for offer in offers if offer.engine == "vllm")


def test_no_form_is_offered_in_which_the_model_does_not_exist(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "users=40&hardware=nvidia&device=h100-sxm-80gb&model=llama-3.3-70b"
    of_model = [o for o in _offers(monkeypatch, FACTS, said) if o.model.id == "llama-3.3-70b"]
    assert [offer.quant for offer in of_model] == ["Q4_K_M"]
