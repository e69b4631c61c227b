"""What a visitor or admin says a machine costs. Nothing is assumed: no price, no power, no life.

Prices are not answers: they decide no engine and change no recommendation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Final
from urllib.parse import urlencode

Pair = tuple[str, str]


class PriceError(ValueError):
    """A price that cannot be used. Its text says which, and what is allowed."""

    def __init__(self, sentence: str, *, field: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Field:
    """One of the numbers. `unit` may say {currency}."""

    id: str
    label: str
    unit: str
    minimum: float
    maximum: float
    example: str
    help: str = ""


FIELDS: Final = (
    Field("price", "Price of the whole machine", "{currency}", 0.01, 1e9, "1800"),
    Field("years", "Used for", "years", 0.1, 30, "3", "over which the price is spread"),
    Field("rent", "Or its rent", "{currency} an hour", 0.0001, 1e6, "2.5"),
    Field(
        "utilisation", "Share of the time under this load", "of 1", 0.001, 1, "0.3",
        "seven hours of each day",
    ),
    Field("watts", "Power under load", "W", 0.1, 1e6, "350", "of the whole machine at the socket"),
    Field("idle_watts", "Power while idle", "W", 0, 1e6, "60", "counted only where given"),
    Field("electricity", "Electricity", "{currency} a kWh", 0, 100, "0.30"),
)  # fmt: skip
BY_ID: Final = {field.id: field for field in FIELDS}
CURRENCY: Final = "currency"
NAMES: Final = (*BY_ID, CURRENCY)


@dataclass(frozen=True, slots=True)
class Prices:
    """Money in `currency`, power in watts, `utilisation` a share of all hours. None: not given."""

    currency: str
    price: float | None = None
    years: float | None = None
    rent: float | None = None
    utilisation: float | None = None
    watts: float | None = None
    idle_watts: float | None = None
    electricity: float | None = None

    def pairs(self) -> tuple[Pair, ...]:
        """As a query string has them."""
        known = ((field.name, getattr(self, field.name)) for field in fields(self))
        return tuple(
            (name, value if isinstance(value, str) else f"{value:.10g}")
            for name, value in known
            if value is not None
        )

    def urlencode(self) -> str:
        return urlencode(self.pairs())


@dataclass(frozen=True, slots=True)
class Range:
    """Money for a million tokens: at the middle of the speed, and at the ends of its interval.
    `low` is the cheap end, which is the fast one."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CostPart:
    """Money for one hour under load. `how` is the calculation, with its numbers."""

    id: str  # machine | rent | power | idle
    label: str
    per_hour: float
    how: str


@dataclass(frozen=True, slots=True)
class CostPoint:
    """A million output tokens at one number of clients at once."""

    clients: int
    output: Range


@dataclass(frozen=True, slots=True)
class Cost:
    """Parts add up to `per_hour`. `output` and `both` are for a million tokens, of the answers and
    of prompts and answers together; None with `why_not` where the speed is not known."""

    prices: Prices
    parts: tuple[CostPart, ...]
    per_hour: float
    clients: int | None
    tok_s: float | None  # output tokens/s of all clients together
    prompt_tokens: float | None
    output_tokens: float | None
    output: Range | None
    both: Range | None
    points: tuple[CostPoint, ...]
    basis: str = ""
    why_not: str = ""


def parse(pairs: Iterable[Pair]) -> Prices | None:
    """Prices from the pairs of a query string; None where none are given.

    Raises:
        PriceError: an unknown name, a value that is not allowed, or half of what belongs together.
    """
    said = _said(pairs)
    if not said:
        return None
    numbers = {name: _number(BY_ID[name], value) for name, value in said.items() if name in BY_ID}
    _complete(numbers)
    return Prices(currency=_currency(said.get(CURRENCY, "")), **numbers)


def _said(pairs: Iterable[Pair]) -> Mapping[str, str]:
    said: dict[str, str] = {}
    for name, value in ((name, value.strip()) for name, value in pairs):
        if name not in NAMES:
            msg = f"There is no price {name!r}. There are: {', '.join(NAMES)}."
            raise PriceError(msg, field=name)
        if value and said.setdefault(name, value) != value:
            msg = f"{name} is given twice, with {said[name]} and {value}; it takes one number."
            raise PriceError(msg, field=name)
    return said


def _number(field: Field, value: str) -> float:
    """Plain digits with one point, or a comma where it can be no other; a share also in per cent.
    What could be thousands is told, not guessed."""
    unit = field.unit.replace("{currency}", "money")
    allowed = f"it takes a number from {field.minimum:g} to {field.maximum:,.10g} ({unit})"
    digits, per_cent = _digits(field, value)
    plain = digits.isascii() and set(digits) <= set("0123456789.") and digits not in ("", ".")
    if not plain or digits.count(".") > 1 or len(digits) > 15:
        point = ", written with a point and no comma" if "," in value else ""
        msg = f"{field.id} is {value!r}, but {allowed}{point}, such as {field.example}."
        raise PriceError(msg, field=field.id)
    number = float(digits) / (100 if per_cent else 1)
    if not field.minimum <= number <= field.maximum:
        msg = f"{field.id} is {value}, but {allowed}, such as {field.example}."
        raise PriceError(msg, field=field.id)
    return number


def _digits(field: Field, value: str) -> tuple[str, bool]:
    """With a point for a decimal comma, and whether it is in per cent. `1,800` keeps its comma:
    some mean thousands by it."""
    share = field.maximum == 1 and value.endswith("%")
    digits = value.removesuffix("%").rstrip() if share else value
    decimal = re.fullmatch(r"\d*,\d{1,2}|0,\d+", digits, re.ASCII)
    return (digits.replace(",", ".") if decimal else digits), share


def _currency(value: str) -> str:
    code = value.upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        what = f"is {value!r}" if value else "is not given"
        msg = f"currency {what}; it takes the three letters of a currency, such as EUR or USD."
        raise PriceError(msg, field=CURRENCY)
    return code


def _complete(numbers: Mapping[str, float]) -> None:
    """What belongs together must be there, and nothing twice."""
    if "price" in numbers and "rent" in numbers:
        msg = "price and rent are both given: a machine is bought or rented; take one away."
        raise PriceError(msg, field="rent")
    for name, needed, why in _NEEDS:
        if name in numbers and needed not in numbers:
            field = BY_ID[needed]
            msg = f"{name} needs {needed} beside it, {why}; such as {field.example}."
            raise PriceError(msg, field=needed)
    if not numbers.keys() & {"price", "rent", "watts"}:
        msg = "Say at least what the machine costs (price or rent) or draws (watts)."
        raise PriceError(msg, field="price")


_NEEDS: Final = (
    ("price", "years", "the time over which it is spread"),
    ("years", "price", "what is spread over them"),
    ("price", "utilisation", "the share of the time under this load"),
    ("rent", "utilisation", "the share of the time under this load"),
    ("idle_watts", "utilisation", "the share of the time under this load"),
    ("watts", "electricity", "what a kilowatt-hour costs"),
    ("idle_watts", "watts", "the power under load"),
    ("electricity", "watts", "the power under load"),
)
