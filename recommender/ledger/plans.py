"""How a run can settle a claim: what is started, at which load, and what would decide it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from recommender.ledger.schema import ClaimId, Hardware, Positive, Row
from recommender.schema import EngineId, SourceId, Text


class Arm(Row):
    """One engine that a test starts. `slots` is what the variant means for it."""

    engine: EngineId
    variant: Literal["as-shipped", "tuned"]
    slots: str


class Scaling(Row):
    """All clients together at `clients`, over one client: does more load give more work?"""

    kind: Literal["scaling"]
    part: int | None = None  # which quantity of the claim it settles
    engine: EngineId
    variant: Literal["as-shipped", "tuned"]
    clients: Annotated[int, Field(ge=2)]
    supports_below: Positive | None = None  # None: too little growth says nothing
    contradicts_above: Positive


class Overlap(Row):
    """How many answers are written at a time with `clients`: tokens/s of all over those of one.

    An engine that takes one request after the other writes one, whatever it makes of the load.
    """

    kind: Literal["overlap"]
    part: int | None = None  # which quantity of the claim it settles
    engine: EngineId
    variant: Literal["as-shipped", "tuned"]
    clients: Annotated[int, Field(ge=2)]
    supports_below: Positive
    contradicts_above: Positive


class Versus(Row):
    """`engine` over `against` on one machine lies between `low` and `high`, within `margin`."""

    kind: Literal["versus"]
    part: int | None = None  # which quantity of the claim it settles
    engine: EngineId
    against: EngineId
    variants: tuple[Literal["as-shipped", "tuned"], Literal["as-shipped", "tuned"]]
    measure: Literal["total_tok_s", "tok_s_per_user"] = "total_tok_s"
    clients: tuple[int, int | None]
    low: Positive
    high: Positive | None = None
    margin: Annotated[float, Field(ge=0, lt=0.5)]


class HoldsLoad(Row):
    """At `clients`, does the engine do what the claim says (`expect`)?

    It holds when p95 of the first token stays within `ttft_limit_ms` and all together get at least
    `kept` of what one client gets; it fails when either is missed.
    """

    kind: Literal["holds-load"]
    part: int | None = None  # which quantity of the claim it settles
    engine: EngineId
    variant: Literal["as-shipped", "tuned"]
    expect: Literal["holds", "fails"]
    clients: Annotated[int, Field(ge=2)]
    ttft_limit_ms: Positive
    kept: Positive


class BuildTime(Row):
    """Compiling takes `minutes` or less, within `margin`."""

    kind: Literal["build-time"]
    engine: EngineId
    minutes: Positive
    margin: Annotated[float, Field(ge=0, lt=1)]


Criterion = Annotated[
    Scaling | Overlap | Versus | HoldsLoad | BuildTime, Field(discriminator="kind")
]


class TestPlan(Row):
    """How a run can settle a claim: what is started, at which load, and what would decide it."""

    __test__ = False  # not a test of ours, pytest

    claim: ClaimId
    question: Text
    source: SourceId  # where the method and its thresholds are explained
    model_cpu: str  # catalogue id; small enough for a machine without an accelerator
    model_gpu: str
    quant: str
    clients: tuple[int, ...] = ()
    prompt_tokens: int = 64
    output_tokens: int = 64
    arms: tuple[Arm, ...] = ()
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    hardware: tuple[Hardware, ...] = ()  # empty: any; elsewhere a run only bears on the claim
    by_hand: str = ""  # a command, where hosts do not do this by themselves
    needs: Text  # in words: what outcome confirms, what refutes

    @model_validator(mode="after")
    def _starts_what_it_judges(self) -> TestPlan:
        if bool(self.arms) == bool(self.by_hand):
            msg = f"the test of {self.claim} needs either `arms` or `by_hand`"
            raise ValueError(msg)
        return self
