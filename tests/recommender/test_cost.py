"""What a million tokens cost: arithmetic that anybody can do again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommender.answers import parse as answers
from recommender.cost import cost, priced
from recommender.prices import Prices
from recommender.recommend import recommend
from recommender.recommendation import Basis, Figure, Speed, SpeedPoint
from recommender.render import as_json, as_markdown, restore, snapshot
from tests.recommender.made import measurement, point, told

BOUGHT = Prices("EUR", price=1800, years=3, utilisation=0.3, watts=350, electricity=0.30)


def figure(value: float | None, low: float | None = None, high: float | None = None) -> Figure:
    return Figure(value, low, high, "tok/s", Basis.ESTIMATED)


def speed(total: Figure, clients: int = 4) -> Speed:
    points = (SpeedPoint(clients, figure(25.0), total, figure(300.0)),)
    return Speed(
        figure(25.0), figure(300.0), points, clients=clients, prompt_tokens=512, output_tokens=256
    )


def test_it_is_the_formula_done_by_hand() -> None:
    found = cost(BOUGHT, speed(figure(100.0)))
    an_hour = 1800 / (3 * 8766 * 0.3) + 0.350 * 0.30
    assert found.per_hour == pytest.approx(an_hour)
    assert found.output is not None
    assert found.output.value == pytest.approx(an_hour / (100 * 3600) * 1e6)


def test_parts_add_up() -> None:
    found = cost(replace(BOUGHT, idle_watts=60), speed(figure(100.0)))
    assert [part.id for part in found.parts] == ["machine", "power", "idle"]
    assert sum(part.per_hour for part in found.parts) == pytest.approx(found.per_hour)
    assert found.parts[2].per_hour == pytest.approx(0.060 * 0.30 * 0.7 / 0.3)


def test_a_slow_end_is_the_dear_end() -> None:
    found = cost(BOUGHT, speed(figure(100.0, 50.0, 200.0))).output
    assert found is not None
    assert found.low == pytest.approx(found.value / 2)
    assert found.high == pytest.approx(found.value * 2)


def test_prompts_and_answers_together_cost_less_for_each_token() -> None:
    found = cost(BOUGHT, speed(figure(100.0)))
    assert found.output is not None
    assert found.both is not None
    assert found.both.value == pytest.approx(found.output.value / 3)  # 512 + 256 for each 256


def test_rent_is_paid_for_idle_hours_too() -> None:
    found = cost(Prices("USD", rent=2.5, utilisation=0.5), speed(figure(100.0)))
    assert found.per_hour == pytest.approx(5.0)


def test_power_alone_needs_no_life() -> None:
    assert cost(Prices("EUR", watts=500, electricity=0.2), None).per_hour == pytest.approx(0.1)


def test_an_unknown_speed_costs_not_zero_but_nothing_known() -> None:
    for unknown in (None, speed(figure(None)), replace(speed(figure(9.0)), clients=None)):
        found = cost(BOUGHT, unknown)
        assert found.output is None
        assert "not known" in found.why_not


def test_what_was_measured_is_counted_before_what_was_estimated() -> None:
    guess, seen = figure(100.0), replace(figure(80.0), basis=Basis.MEASURED_HERE)
    both = replace(speed(guess), measured=(SpeedPoint(4, figure(20.0), seen, figure(300.0)),))
    found = cost(BOUGHT, both)
    assert found.tok_s == 80.0
    assert found.basis == Basis.MEASURED_HERE


def test_a_measured_recommendation_counts_the_tokens_that_were_measured() -> None:
    rec = told(
        "hardware=cpu&model=llama-3.2-3b&quant=Q4_K_M&users=2", measurement("ollama", point(2, 9.0))
    )
    assert rec.speed is not None
    assert (rec.speed.clients, rec.speed.prompt_tokens, rec.speed.output_tokens) == (2, 64, 32)


def test_a_recommendation_keeps_its_cost_in_a_link_and_says_it_in_its_files() -> None:
    said = answers([("device", "rtx-4090"), ("model", "qwen3-8b"), ("users", "4")])
    rec = priced(recommend(said), BOUGHT)
    assert rec.cost is not None
    assert rec.cost.output is not None
    assert restore(snapshot(rec)) == rec
    assert as_json(rec)["cost"]["output"]["value"] == rec.cost.output.value
    assert "EUR" in as_markdown(rec)


def test_without_prices_nothing_is_said_of_cost() -> None:
    rec = priced(recommend(answers([("device", "rtx-4090")])), None)
    assert rec.cost is None
    assert as_json(rec)["cost"] is None
    assert "Cost" not in as_markdown(rec)
