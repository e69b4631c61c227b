"""What somebody says a machine costs, read strictly: nothing is assumed, nothing is guessed."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from recommender.prices import NAMES, PriceError, Prices, parse

WHOLE = "price=1800&currency=EUR&watts=350&electricity=0.30&years=3&utilisation=0.3"


def read(query: str) -> Prices | None:
    return parse(parse_qsl(query, keep_blank_values=True))


def refused(query: str) -> PriceError:
    with pytest.raises(PriceError) as caught:
        read(query)
    return caught.value


def test_no_prices_are_no_prices() -> None:
    assert read("") is None
    assert read("price=&currency=&years=") is None


def test_a_bought_machine() -> None:
    prices = read(WHOLE)
    assert prices == Prices("EUR", price=1800, years=3, utilisation=0.3, watts=350, electricity=0.3)


def test_a_rented_machine_and_one_that_only_draws_power() -> None:
    rented, owned = (
        read("rent=2.5&utilisation=1&currency=usd"),
        read("watts=60&electricity=0.2&currency=CHF"),
    )
    assert rented is not None
    assert rented.currency == "USD"
    assert owned is not None
    assert owned.price is None


@pytest.mark.parametrize("share", ["0.3", "0,3", "0,30", "30%", "30 %", "30,0%"])
@pytest.mark.parametrize("electricity", ["0.30", "0,30", "0,300"])
def test_a_comma_that_can_only_be_decimal_and_a_share_in_per_cent_are_read(
    share: str, electricity: str
) -> None:
    said = {"price": "1800", "currency": "EUR", "years": "3", "watts": "350"}
    found = parse([*said.items(), ("utilisation", share), ("electricity", electricity)])
    assert found == read(WHOLE)


@pytest.mark.parametrize("price", ["1,800", "1,800,00", "30%", "%", ",", "1,8.0"])
def test_what_could_be_meant_otherwise_is_refused(price: str) -> None:
    with pytest.raises(PriceError, match="price is") as caught:
        parse([("price", price), ("currency", "EUR"), ("years", "3"), ("utilisation", "1")])
    assert caught.value.field == "price"


def test_what_is_read_can_be_put_into_an_address_again() -> None:
    prices = read(WHOLE)
    assert prices is not None
    assert read(prices.urlencode()) == prices


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("price=1.800,00&currency=EUR&years=3&utilisation=1", "price", "it takes a number from"),
        ("price=-5&currency=EUR&years=3&utilisation=1", "price", "such as 1800"),
        ("price=1e9&currency=EUR&years=3&utilisation=1", "price", "it takes a number"),
        ("price=0&currency=EUR&years=3&utilisation=1", "price", "from 0.01"),
        ("price=1800&currency=EUR&years=3&utilisation=30", "utilisation", "from 0.001 to 1"),
        ("price=1800&currency=EUR&utilisation=0.3", "years", "price needs years"),
        ("price=1800&currency=EUR&years=3", "utilisation", "price needs utilisation"),
        ("watts=300&currency=EUR", "electricity", "watts needs electricity"),
        ("electricity=0.3&currency=EUR", "watts", "electricity needs watts"),
        ("price=1&rent=1&years=1&utilisation=1&currency=EUR", "rent", "bought or rented"),
        ("price=1800&years=3&utilisation=1", "currency", "such as EUR or USD"),
        ("price=1800&years=3&utilisation=1&currency=euro", "currency", "'euro'"),
        ("currency=EUR", "price", "price or rent"),
        ("price=1&price=2&currency=EUR&years=1&utilisation=1", "price", "given twice"),
        ("cost=1", "cost", "There is no price 'cost'"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_is_allowed(
    query: str, field: str, says: str
) -> None:
    error = refused(query)
    assert error.field == field
    assert says in str(error)


def test_no_price_has_the_name_of_a_question() -> None:
    from recommender.questionnaire import rows

    assert not set(NAMES) & set(rows())
