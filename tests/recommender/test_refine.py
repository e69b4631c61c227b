"""What was measured of an engine on a machine moves what is estimated of it there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommender import catalogue, refine
from recommender.estimate import speed
from recommender.estimate.load import Talk
from recommender.estimate.roofline import hard_limit
from recommender.evidence import Measurement
from recommender.facts import Facts
from recommender.recommendation import Basis, SpeedPoint
from tests.recommender.made import measurement, point, told

CATALOGUE = catalogue.load()
CARD = Facts(device="rtx-4090")
QUERY = "hardware=nvidia&device=rtx-4090&users=1&model=llama-3.1-8b&quant=Q4_K_M"
TALK = Talk(512, 256)


def estimated(model: str = "qwen3-8b", clients: int = 1) -> SpeedPoint:
    pair = CATALOGUE.models[model], CATALOGUE.quants["Q4_K_M"]
    asked = {"slots": clients, "clients": (clients,), "talk": TALK}
    return speed.points("ollama", *pair, CARD, CATALOGUE, **asked)[0]  # type: ignore[arg-type]


def on_the_card(factor: float, clients: int = 1, **changed: object) -> Measurement:
    """Ollama with another model, that much faster than it was estimated."""
    guess = estimated(clients=clients)
    assert guess.tok_s_per_user.value is not None
    assert guess.ttft_ms.value is not None
    seen = point(clients, guess.tok_s_per_user.value * factor, guess.ttft_ms.value / factor)
    machine = {"hardware": "nvidia", "device": "rtx-4090", "accelerators": 1, "memory_gib": 24.0}
    work = {"model": "qwen3-8b", "prompt_tokens": 512, "output_tokens": 256}
    return measurement("ollama", seen, **machine, **work, **changed)


def test_one_measurement_pulls_the_estimate_half_of_the_way() -> None:
    found = refine.refined("ollama", CARD, CATALOGUE, [on_the_card(0.64)])
    assert found is not None
    assert found.rate == pytest.approx(0.8)
    assert found.wait == pytest.approx(1.25)


def test_more_measurements_pull_it_further() -> None:
    many = [on_the_card(0.64, clients=n) for n in (1, 2, 4)]
    found = refine.refined("ollama", CARD, CATALOGUE, many)
    assert found is not None
    assert found.rate == pytest.approx(0.64 ** (3 / 4))
    assert found.note == "refined by 3 measurements of this engine on this device (×0.72)"


def test_nothing_moves_an_estimate_beyond_all_bounds() -> None:
    wild = refine.refined("ollama", CARD, CATALOGUE, [on_the_card(0.01)])
    assert wild is not None
    assert wild.rate == pytest.approx(1 / refine.LIMIT)


def test_another_engine_says_nothing_of_this_one() -> None:
    assert refine.refined("vllm", CARD, CATALOGUE, [on_the_card(0.5)]) is None


def test_what_was_unstable_or_disturbed_says_nothing() -> None:
    seen = on_the_card(0.5)
    shaky = replace(seen, points=(replace(seen.points[0], stable=False),))
    busy = replace(seen, points=(replace(seen.points[0], disturbed=True),))
    assert refine.refined("ollama", CARD, CATALOGUE, [shaky, busy]) is None


def test_synthetic_weights_of_a_mixture_say_nothing() -> None:
    seen = replace(on_the_card(0.5), model="qwen3-30b-a3b", synthetic_weights=True)
    assert refine.refined("ollama", CARD, CATALOGUE, [seen]) is None


def test_a_refined_estimate_is_surer_says_why_and_keeps_below_the_memory() -> None:
    plain = estimated("llama-3.1-8b")
    by = refine.refined("ollama", CARD, CATALOGUE, [on_the_card(100.0)])
    found = refine.applied(plain, by, "llama-3.1-8b", "Q4_K_M", CARD, CATALOGUE).tok_s_per_user
    model, quant = CATALOGUE.models["llama-3.1-8b"], CATALOGUE.quants["Q4_K_M"]
    assert found.basis is Basis.CALIBRATED
    assert "Refined by 1 measurement of this engine on this device (×2.50)." in found.note
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    assert found.high <= hard_limit(CATALOGUE.devices["rtx-4090"], model, quant)


def test_the_recommendation_shows_it_for_another_model_than_was_measured() -> None:
    before, after = told(QUERY), told(QUERY, on_the_card(0.64))
    assert before.engine is not None
    assert after.engine is not None
    assert after.engine.id == before.engine.id == "ollama"
    assert before.speed is not None
    assert after.speed is not None
    old, new = before.speed.tok_s_per_user, after.speed.tok_s_per_user
    assert old.basis is Basis.ESTIMATED
    assert new.basis is Basis.CALIBRATED
    assert old.value is not None
    assert new.value == pytest.approx(0.8 * old.value)
    assert "refined by 1 measurement" in new.note.lower()


def test_a_device_that_was_not_measured_keeps_its_estimate() -> None:
    elsewhere = QUERY.replace("rtx-4090", "rtx-3090")
    found = told(elsewhere, on_the_card(0.5))
    assert found.speed is not None
    assert found.speed.tok_s_per_user.basis is Basis.ESTIMATED


def test_a_target_that_the_machine_misses_by_its_own_measure_is_missed() -> None:
    asked = estimated("llama-3.1-8b").tok_s_per_user.value
    assert asked is not None
    wanted = f"{QUERY}&tokens_per_user={int(asked * 0.8)}"
    before, after = told(wanted), told(wanted, on_the_card(0.3))
    assert before.speed is not None
    assert before.speed.meets_target is True
    assert any(r.engine == "ollama" for r in after.rejected) or (
        after.speed is not None and after.speed.meets_target is False
    )
