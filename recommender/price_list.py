"""An admin's prices for machines of the catalogue, from a TOML file. There is none by default.

currency = "EUR"
years = 3              # the four apply to every machine that does not say its own
utilisation = 0.3
electricity = 0.30

[machine.rtx-4090]     # the whole machine with one of them
price = 2600
watts = 550

[machine."4 rtx-4090"] # with four
price = 9800
watts = 2100
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from recommender import catalogue
from recommender.advice.shape import Advice, Family, Machine, Money
from recommender.cost import hour, per_million
from recommender.prices import NAMES, PriceError, Prices, parse


class PriceListError(ValueError):
    """The file cannot be used. Its text says what is wrong in it, and what is allowed."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """By catalogue id of the device and how many of them."""

    machines: Mapping[tuple[str, int], Prices]

    def of(self, device: str | None, count: int) -> Prices | None:
        return None if device is None else self.machines.get((device, count))


EMPTY = PriceList({})


def read(text: str) -> PriceList:
    """Raises PriceListError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"The price list is no TOML: {error}."
        raise PriceListError(msg) from error
    machines = data.pop("machine", {})
    if not isinstance(machines, dict) or not all(isinstance(m, dict) for m in machines.values()):
        msg = "The price list names machines as tables, such as [machine.rtx-4090]."
        raise PriceListError(msg)
    return PriceList(dict(_machine(name, {**data, **own}) for name, own in machines.items()))


def _machine(name: str, said: Mapping[str, Any]) -> tuple[tuple[str, int], Prices]:
    place = _place(name)
    try:
        found = parse((field, str(value)) for field, value in _shared(said))
    except PriceError as error:
        msg = f"[machine.{name!r}] of the price list: {error}"
        raise PriceListError(msg) from error
    if found is None:
        msg = f"[machine.{name!r}] of the price list is empty. It takes: {', '.join(NAMES)}."
        raise PriceListError(msg)
    return place, found


def _shared(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What applies to every machine is left out where this one has no use for it."""
    rented, powered = "rent" in said, "watts" in said
    for field, value in said.items():
        if not (rented and field == "years") and not (not powered and field == "electricity"):
            yield field, value


def _place(name: str) -> tuple[str, int]:
    """ "rtx-4090" or "4 rtx-4090"."""
    first, space, rest = name.partition(" ")
    count, device = (int(first), rest) if space and first.isdecimal() else (1, name)
    known = catalogue.load().device(device)
    if known is None or count < 1:
        msg = f"The price list names {name!r}; it takes a catalogue id such as rtx-4090, with how "
        raise PriceListError(msg + 'many before it where there are several: "4 rtx-4090".')
    return known.id, count


def with_costs(advice: Advice, prices: PriceList) -> Advice:
    """The same with what a million output tokens cost, where the list has the machine."""
    if not prices.machines:
        return advice
    return replace(advice, families=tuple(_family(f, prices) for f in advice.families))


def _family(family: Family, prices: PriceList) -> Family:
    smallest = family.smallest and _priced(family.smallest, prices)
    return replace(family, smallest=smallest, sure=family.sure and _priced(family.sure, prices))


def _priced(machine: Machine, prices: PriceList) -> Machine:
    found = prices.of(machine.device, machine.count)
    if found is None or not machine.tok_s:
        return machine
    an_hour = hour(found)
    slow, fast = machine.tok_s_low or machine.tok_s, machine.tok_s_high or machine.tok_s
    value, low, high = (per_million(an_hour, rate) for rate in (machine.tok_s, fast, slow))
    return replace(machine, cost=Money(found.currency, value, low, high))
