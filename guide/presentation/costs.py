"""The prices as form fields: what was typed, and what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from guide.priced import Priced, in_words
from recommender.prices import CURRENCY, FIELDS


@dataclass(frozen=True, slots=True)
class CostField:
    """`unit` stands after the field, `error` beneath it."""

    id: str
    label: str
    unit: str
    help: str
    example: str
    typed: str
    error: str

    @property
    def is_number(self) -> bool:
        return self.id != CURRENCY


def cost_fields(priced: Priced) -> tuple[CostField, ...]:
    wrong = {priced.error.field: in_words(priced.error)} if priced.error else {}
    money = priced.prices.currency if priced.prices else "money"
    currency = CostField(
        CURRENCY, "Currency", "", "three letters", "EUR",
        priced.given.get(CURRENCY, ""), wrong.get(CURRENCY, ""),
    )  # fmt: skip
    rest = (
        CostField(
            field.id, field.label, field.unit.replace("{currency}", money), field.help,
            field.example, priced.given.get(field.id, ""), wrong.get(field.id, ""),
        )
        for field in FIELDS
    )  # fmt: skip
    return (currency, *rest)
