"""Prices travel beside the answers and never spoil them."""

from __future__ import annotations

from django.http import QueryDict

from guide.asked import read

PRICES = "price=1800&currency=EUR&years=3&utilisation=0.3"


def test_prices_are_no_answers() -> None:
    asked = read(QueryDict(f"users=4&{PRICES}"))
    assert dict(asked.answers.pairs()) == {"users": "4"}
    assert asked.errors == {}
    assert asked.priced.prices is not None
    assert asked.priced.prices.price == 1800


def test_an_address_keeps_both() -> None:
    asked = read(QueryDict(f"{PRICES}&users=4"))
    assert asked.query.startswith("users=4&currency=EUR&price=1800")
    assert read(QueryDict(asked.query)) == read(QueryDict(f"users=4&{PRICES}"))


def test_a_wrong_price_leaves_the_answers_and_what_was_typed() -> None:
    asked = read(QueryDict("users=4&price=1.800,00&currency=EUR"))
    assert dict(asked.answers.pairs()) == {"users": "4"}
    assert asked.priced.prices is None
    assert asked.priced.error is not None
    assert asked.priced.error.field == "price"
    assert asked.priced.given == {"price": "1.800,00", "currency": "EUR"}


def test_a_wrong_answer_leaves_the_prices() -> None:
    asked = read(QueryDict(f"users=nobody&{PRICES}"))
    assert set(asked.errors) == {"users"}
    assert asked.priced.prices is not None
