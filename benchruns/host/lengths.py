"""How long prompts and answers are where they are not all alike. Drawn with the plan's seed."""

from __future__ import annotations

from math import exp, log
from random import Random
from statistics import NormalDist, median
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Tokens = Annotated[int, Field(ge=1, le=131_072)]


class _Lengths(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Uniform(_Lengths):
    """Every whole number from `low` to `high` alike."""

    kind: Literal["uniform"] = "uniform"
    low: Tokens
    high: Tokens

    @model_validator(mode="after")
    def _in_order(self) -> Uniform:
        if self.low > self.high:
            raise ValueError(f"uniform lengths from {self.low} to {self.high}: low is above high")
        return self

    def draw(self, chance: Random) -> int:
        return chance.randint(self.low, self.high)

    @property
    def typical(self) -> int:
        return (self.low + self.high) // 2

    @property
    def most(self) -> int:
        return self.high


class Lognormal(_Lengths):
    """`median` and `sigma` (of the logarithm) are of the whole curve, of which only the part from
    `low` to `high` is drawn from.
    """

    kind: Literal["lognormal"] = "lognormal"
    median: Tokens
    sigma: Annotated[float, Field(gt=0, le=3)]
    low: Tokens = 1
    high: Tokens

    @model_validator(mode="after")
    def _in_order(self) -> Lognormal:
        if not self.low <= self.median <= self.high:
            raise ValueError(
                f"lognormal lengths: the median {self.median} is not between {self.low} "
                f"and {self.high}"
            )
        return self

    def draw(self, chance: Random) -> int:
        """By the inverse of the cumulated curve: one draw is enough, however narrow the part."""
        curve = NormalDist(log(self.median), self.sigma)
        share = chance.uniform(curve.cdf(log(self.low)), curve.cdf(log(self.high)))
        if not 0 < share < 1:
            return self.median
        return min(self.high, max(self.low, round(exp(curve.inv_cdf(share)))))

    @property
    def typical(self) -> int:
        return self.median

    @property
    def most(self) -> int:
        return self.high


class Listed(_Lengths):
    """One of these, each as likely as the next; name one twice to make it so."""

    kind: Literal["listed"] = "listed"
    values: Annotated[tuple[Tokens, ...], Field(min_length=1, max_length=10_000)]

    def draw(self, chance: Random) -> int:
        return chance.choice(self.values)

    @property
    def typical(self) -> int:
        return round(median(self.values))

    @property
    def most(self) -> int:
        return max(self.values)


Lengths = Annotated[Uniform | Lognormal | Listed, Field(discriminator="kind")]


def parse(text: str) -> Uniform | Lognormal | Listed:
    """As the command line says it: `uniform:16:256`, `lognormal:200:0.8:16:2048`, `list:16,64`.

    Raises ValueError with a sentence.
    """
    kind, _, rest = text.partition(":")
    try:
        if kind == "uniform":
            low, high = map(int, rest.split(":"))
            return Uniform(low=low, high=high)
        if kind == "lognormal":
            middle, sigma, low_, high_ = rest.split(":")
            return Lognormal(median=int(middle), sigma=float(sigma), low=int(low_), high=int(high_))
        if kind == "list":
            return Listed(values=tuple(map(int, rest.split(","))))
    except ValueError as error:
        raise ValueError(f"lengths {text!r}: {_first_line(error)}. {_FORMS}") from error
    raise ValueError(f"lengths {text!r}: unknown kind. {_FORMS}")


def said(lengths: Uniform | Lognormal | Listed) -> str:
    """As `parse` reads it."""
    if isinstance(lengths, Uniform):
        return f"uniform:{lengths.low}:{lengths.high}"
    if isinstance(lengths, Lognormal):
        return f"lognormal:{lengths.median}:{lengths.sigma:g}:{lengths.low}:{lengths.high}"
    return "list:" + ",".join(map(str, lengths.values))


_FORMS = "Allowed are uniform:LOW:HIGH, lognormal:MEDIAN:SIGMA:LOW:HIGH and list:A,B,C"


def _first_line(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    return str(errors()[0]["msg"]) if errors else str(error).splitlines()[0]
