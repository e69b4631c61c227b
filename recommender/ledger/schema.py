"""The shape of the ledger's data files. An unknown field or a missing source does not load.

A claim's `quantity` is what can be computed with; a claim without one is a plain statement.
Rates are output tokens/s, GB is 10**9 bytes, a `share` is a part of 1.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recommender.schema import EngineId, Source, SourceId, Text

__all__ = ["Source"]

ClaimId = Annotated[str, Field(pattern=r"^a[1-5]\.c\d+$")]
SaidId = Annotated[str, Field(pattern=r"^a[1-5]\.[cr]\d+$")]
Hardware = Literal["cpu", "nvidia", "amd", "apple", "intel", "edge"]
Variant = Literal["as-shipped", "tuned", "unknown"]
RateMeasure = Literal["total_tok_s", "tok_s_per_user", "requests_s"]
Positive = Annotated[float, Field(gt=0)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Speed(_Row):
    """So many tokens/s of one engine. `bits` per weight is a range where the article names none."""

    kind: Literal["speed"]
    engine: EngineId
    measure: RateMeasure = "tok_s_per_user"
    value: Positive
    device: str  # catalogue id
    model: str  # catalogue id
    bits: tuple[Positive, Positive]
    clients: Annotated[int, Field(ge=1)] = 1


class Pair(_Row):
    """Two rates of one test, told without a device."""

    kind: Literal["pair"]
    engine: EngineId
    value: Positive
    against: EngineId
    against_value: Positive
    measure: RateMeasure = "total_tok_s"
    clients: tuple[int, int | None] = (2, None)

    @property
    def ratio(self) -> float:
        return self.value / self.against_value


class Ratio(_Row):
    """`engine` reaches `low` to `high` times what `against` does; `high` None is "at least"."""

    kind: Literal["ratio"]
    engine: EngineId
    against: EngineId
    low: Positive
    high: Positive | None = None
    measure: RateMeasure = "total_tok_s"
    clients: tuple[int, int | None] = (2, None)


class Deficit(_Row):
    """`engine` stays `low` to `high` (shares) below `against`."""

    kind: Literal["deficit"]
    engine: EngineId
    against: EngineId
    low: Annotated[float, Field(ge=0, lt=1)]
    high: Annotated[float, Field(gt=0, lt=1)]
    either_way: bool = False  # "within 5–10 % of each other"
    measure: RateMeasure = "total_tok_s"
    clients: tuple[int, int | None] = (2, None)


class Latency(_Row):
    kind: Literal["latency"]
    engine: EngineId
    percentile: Literal[95, 99]
    seconds: Positive
    at_most: bool = False
    clients: int


class Users(_Row):
    """People at once at which `engine` still serves, or already does not."""

    kind: Literal["users"]
    engine: EngineId
    does: Literal["serves", "fails"]
    low: int
    high: int


class Serial(_Row):
    """Requests are worked on one after the other: more clients get no more done together."""

    kind: Literal["serial"]
    engine: EngineId


class FileSize(_Row):
    kind: Literal["file-size"]
    model: str
    quant: str
    bits: Positive
    gb: Positive


class Share(_Row):
    kind: Literal["share"]
    what: Text
    low: Annotated[float, Field(ge=0, le=1)] = 0.0
    high: Annotated[float, Field(ge=0, le=1)]


class Minutes(_Row):
    kind: Literal["minutes"]
    what: Text
    engine: EngineId
    minutes: Positive


Quantity = Annotated[
    Speed | Pair | Ratio | Deficit | Latency | Users | Serial | FileSize | Share | Minutes,
    Field(discriminator="kind"),
]
Means = Literal["arithmetic", "published", "documented", "run"]


class Claim(_Row):
    """One claim in our own words. `means` says how it can be tested; empty: it cannot."""

    id: ClaimId
    source: SourceId
    group: str
    text: Text
    conditions: str = ""
    means: tuple[Means, ...] = ()
    untestable: str = ""  # why, where `means` is empty
    contradicted_by: tuple[SaidId, ...] = ()  # besides the contradictions table
    explains: ClaimId | None = None  # says why the figures of that claim are as they are
    quantities: tuple[Quantity, ...] = ()

    @property
    def article(self) -> str:
        return self.id.split(".")[0]

    @model_validator(mode="after")
    def _can_be_tested_or_says_why(self) -> Claim:
        if bool(self.means) == bool(self.untestable):
            msg = f"{self.id} needs either `means` or `untestable`, the reason why there are none"
            raise ValueError(msg)
        return self


class Group(_Row):
    id: str
    title: Text


class Side(_Row):
    says: Text
    who: Annotated[tuple[SaidId, ...], Field(min_length=1)]


class Contradiction(_Row):
    """Where articles contradict one another, or themselves. Never averaged away."""

    id: str
    topic: Text
    group: str
    sides: Annotated[tuple[Side, ...], Field(min_length=2)]


class Point(_Row):
    """One engine at one load, as others published it. `clients` None: at its own peak."""

    engine: EngineId
    quant: str
    clients: int | None = None
    slots: int | None = None
    variant: Variant = "unknown"
    total_tok_s: Positive | None = None
    tok_s_per_user: Positive | None = None
    requests_s: Positive | None = None
    p95_s: Positive | None = None
    p99_s: Positive | None = None
    build_s: Positive | None = None
    cores: int | None = None
    served: bool | None = None  # did requests come back at all?


class PublishedRatio(_Row):
    """Where a source gives only how many times faster."""

    engine: EngineId
    against: EngineId
    value: Positive
    clients: int | None = None
    measure: RateMeasure = "total_tok_s"
    same_quant: bool = True
    against_variant: Variant = "unknown"


class Comparison(_Row):
    """Engines compared by somebody else. `origin_of`: claims that repeat these very figures."""

    id: str
    source: SourceId
    device: Text
    hardware: Hardware
    model: Text
    when: str  # as precisely as the source says: 2026-05 or 2026-05-12
    conditions: Text
    origin_of: tuple[ClaimId, ...] = ()
    points: tuple[Point, ...] = ()
    ratios: tuple[PublishedRatio, ...] = ()


class Documented(_Row):
    """What documentation or a paper says of a claim: judgement, so it is data with a date."""

    claim: ClaimId
    source: SourceId
    stance: Literal["supports", "contradicts", "only-if", "bears"]
    only_if: str = ""
    part: int | None = None  # which quantity of the claim it is about
    text: Text
    date: date

    @model_validator(mode="after")
    def _condition_where_needed(self) -> Documented:
        if (self.stance == "only-if") != bool(self.only_if):
            msg = f"{self.claim}: `only_if` is needed with the stance only-if and nowhere else"
            raise ValueError(msg)
        return self


class Arm(_Row):
    """One engine that a test starts. `slots` is what the variant means for it."""

    engine: EngineId
    variant: Literal["as-shipped", "tuned"]
    slots: str


class Scaling(_Row):
    """All clients together at `clients`, over one client: does more load give more work?"""

    kind: Literal["scaling"]
    part: int | None = None  # which quantity of the claim it settles
    engine: EngineId
    variant: Literal["as-shipped", "tuned"]
    clients: Annotated[int, Field(ge=2)]
    supports_below: Positive | None = None  # None: too little growth says nothing
    contradicts_above: Positive


class Overlap(_Row):
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


class Versus(_Row):
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


class HoldsLoad(_Row):
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


class BuildTime(_Row):
    """Compiling takes `minutes` or less, within `margin`."""

    kind: Literal["build-time"]
    engine: EngineId
    minutes: Positive
    margin: Annotated[float, Field(ge=0, lt=1)]


Criterion = Annotated[
    Scaling | Overlap | Versus | HoldsLoad | BuildTime, Field(discriminator="kind")
]


class TestPlan(_Row):
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
