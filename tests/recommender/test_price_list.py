"""An admin's price list: read strictly, used where it has the machine, silent elsewhere."""

from __future__ import annotations

import pytest

from recommender.advice.advise import advise
from recommender.answers import parse
from recommender.cost import hour, per_million
from recommender.price_list import EMPTY, PriceListError, read, with_costs

LIST = """
currency = "EUR"
years = 3
utilisation = 0.3
electricity = 0.30
[machine.rtx-a6000]
price = 5200
watts = 450
[machine."4 rtx-3060"]
price = 2600
[machine.h100-sxm-80gb]
rent = 2.5
utilisation = 1
"""


def test_it_has_prices_by_device_and_count() -> None:
    prices = read(LIST)
    one, four = prices.of("rtx-a6000", 1), prices.of("rtx-3060", 4)
    assert one is not None
    assert (one.price, one.years, one.watts, one.electricity) == (5200, 3, 450, 0.3)
    assert four is not None
    assert four.electricity is None
    assert prices.of("rtx-3060", 1) is None
    assert prices.of(None, 1) is None


def test_a_rented_machine_has_no_years() -> None:
    found = read(LIST).of("h100-sxm-80gb", 1)
    assert found is not None
    assert (found.rent, found.years, found.utilisation) == (2.5, None, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("currency = ", "no TOML"),
        ("machine = 3", "as tables"),
        ('currency = "EUR"\n[machine.rtx-9999]\nprice = 1', "catalogue id such as rtx-4090"),
        ('currency = "EUR"\n[machine.rtx-4090]\nprice = -1', "it takes a number from"),
        ('currency = "EUR"\n[machine.rtx-4090]\nprice = 1', "price needs years"),
        ("[machine.rtx-4090]\nwarranty = 1", "There is no price 'warranty'"),
        ("[machine.rtx-4090]", "is empty"),
    ],
)
def test_what_is_wrong_in_it_is_said(text: str, says: str) -> None:
    with pytest.raises(PriceListError, match=says):
        read(text)


def test_advice_says_what_a_million_tokens_cost_where_the_list_has_the_machine() -> None:
    advice = advise(parse([("model", "llama-3.3-70b"), ("quant", "Q4_K_M")]))
    assert advice is not None
    smallest = next(f.smallest for f in advice.families if f.id == "nvidia-one")
    assert smallest is not None
    prices = read(LIST.replace("rtx-a6000", smallest.device))
    priced = with_costs(advice, prices)
    machine = next(f.smallest for f in priced.families if f.id == "nvidia-one")
    assert machine is not None
    found = prices.of(machine.device, machine.count)
    assert found is not None
    assert machine.tok_s is not None
    assert machine.cost is not None
    assert machine.cost.value == pytest.approx(per_million(hour(found), machine.tok_s))
    assert machine.cost.low <= machine.cost.value <= machine.cost.high
    assert with_costs(advice, EMPTY) == advice
    others = [f.smallest for f in priced.families if f.smallest and f.id == "apple"]
    assert all(other.cost is None for other in others)
