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


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Speed(Row):
    """So many tokens/s of one engine. `bits` per weight is a range where the article names none."""

    kind: Literal["speed"]
    engine: EngineId
    measure: RateMeasure = "tok_s_per_user"
    value: Positive
    device: str  # catalogue id
    model: str  # catalogue id
    bits: tuple[Positive, Positive]
    clients: Annotated[int, Field(ge=1)] = 1


class Pair(Row):
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


class Ratio(Row):
    """`engine` reaches `low` to `high` times what `against` does; `high` None is "at least"."""

    kind: Literal["ratio"]
    engine: EngineId
    against: EngineId
    low: Positive
    high: Positive | None = None
    measure: RateMeasure = "total_tok_s"
    clients: tuple[int, int | None] = (2, None)


class Deficit(Row):
    """`engine` stays `low` to `high` (shares) below `against`."""

    kind: Literal["deficit"]
    engine: EngineId
    against: EngineId
    low: Annotated[float, Field(ge=0, lt=1)]
    high: Annotated[float, Field(gt=0, lt=1)]
    either_way: bool = False  # "within 5–10 % of each other"
    measure: RateMeasure = "total_tok_s"
    clients: tuple[int, int | None] = (2, None)


class Latency(Row):
    kind: Literal["latency"]
    engine: EngineId
    percentile: Literal[95, 99]
    seconds: Positive
    at_most: bool = False
    clients: int


class Users(Row):
    """People at once at which `engine` still serves, or already does not."""

    kind: Literal["users"]
    engine: EngineId
    does: Literal["serves", "fails"]
    low: int
    high: int


class Serial(Row):
    """Requests are worked on one after the other: more clients get no more done together."""

    kind: Literal["serial"]
    engine: EngineId


class FileSize(Row):
    kind: Literal["file-size"]
    model: str
    quant: str
    bits: Positive
    gb: Positive


class Share(Row):
    kind: Literal["share"]
    what: Text
    low: Annotated[float, Field(ge=0, le=1)] = 0.0
    high: Annotated[float, Field(ge=0, le=1)]


class Minutes(Row):
    kind: Literal["minutes"]
    what: Text
    engine: EngineId
    minutes: Positive


Quantity = Annotated[
    Speed | Pair | Ratio | Deficit | Latency | Users | Serial | FileSize | Share | Minutes,
    Field(discriminator="kind"),
]
Means = Literal["arithmetic", "published", "documented", "run"]


class Claim(Row):
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


class Group(Row):
    id: str
    title: Text


class Side(Row):
    says: Text
    who: Annotated[tuple[SaidId, ...], Field(min_length=1)]


class Contradiction(Row):
    """Where articles contradict one another, or themselves. Never averaged away."""

    id: str
    topic: Text
    group: str
    sides: Annotated[tuple[Side, ...], Field(min_length=2)]


class Point(Row):
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


class PublishedRatio(Row):
    """Where a source gives only how many times faster."""

    engine: EngineId
    against: EngineId
    value: Positive
    clients: int | None = None
    measure: RateMeasure = "total_tok_s"
    same_quant: bool = True
    against_variant: Variant = "unknown"


class Comparison(Row):
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


class Documented(Row):
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
