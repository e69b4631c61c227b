"""What the API tells and takes, as pydantic models: what is sent and what the document promises
are one thing. Units are in the names; null is "not known" or "not measured", never 0."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from benchruns.models import Visibility
from benchruns.states import State
from benchruns.storable import without_nul
from guide.api.paging import Page
from recommender.trust import Tier

Who = Literal["private", "team", "public"]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+:@/ -]*$", max_length=120)]
Line = Annotated[
    str,
    BeforeValidator(without_nul),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
]
RowId = Annotated[int, Field(ge=1, lt=2**63)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Error(Shape):
    error: str = Field(description="what was wrong and, where that is known, what is allowed")


class HostName(Shape):
    id: int
    name: str


class EngineThere(Shape):
    id: str
    provider: str = Field(description="which way of having it")
    version: str


class Host(Shape):
    """An attached machine."""

    id: int
    name: str
    team: str = Field(description="the slug of its team")
    machine: str = Field(description="what it is, in words")
    engines: tuple[EngineThere, ...] = Field(description="what is installed there")
    measures: tuple[str, ...] = Field(description="engines it takes runs of")
    live: bool = Field(description="it was heard within the last minute")
    paused: bool
    accepts_visitors: bool
    attached_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    default_visibility: Who | Literal["", None] = Field(
        description="of what it measures; empty: as its team; null: not yours to know"
    )
    page: str


class HostPage(Shape):
    hosts: tuple[Host, ...]
    next: str | None = Field(description="the next page; null: this is the last")


class Run(Shape):
    """One order to a host, and how far it is."""

    id: UUID
    kind: Literal["measure", "install"]
    state: Literal[
        "queued", "claimed", "preparing", "running", "done", "failed", "cancelled", "expired"
    ]
    team: str
    engine: str
    model: str
    quant: str
    plan: dict[str, Any] = Field(description="what was asked for")
    answers: str = Field(description="the query string of the recipe it was asked from")
    note: str
    host: HostName | None = Field(description="who has it, or had it")
    wanted_host: HostName | None
    visibility: Who | Literal[""] = Field(description="of the result, or of the one it will have")
    position: int | None = Field(description="in the queue, from 1; null in lists")
    attempt: int
    cancel_requested: bool
    phase: str
    message: str
    point: int | None
    points: int | None
    clients: int | None
    tok_s: float | None
    fraction: float | None
    requested_at: datetime
    claimed_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    reason: str = Field(description="how it ended, in plain words; empty where nothing went wrong")
    result: str | None = Field(description="where its result is; null: it has none")
    page: str


class RunPage(Shape):
    runs: tuple[Run, ...]
    next: str | None = Field(description="the next page; null: this is the last")


class Point(Shape):
    """One number of clients at once; latencies in ms, rates in output tokens/s."""

    clients: int
    ttft_p50_ms: float | None
    ttft_p95_ms: float | None
    tok_s_per_user_p50: float | None
    tok_s_per_user_p5: float | None
    tok_s_per_user_low: float | None = Field(description="95 % interval of the median, lower end")
    tok_s_per_user_high: float | None
    total_tok_s: float | None
    stable: bool
    disturbed: bool


class Result(Shape):
    """What a run measured, in short, and how far others bear it out."""

    id: UUID = Field(description="of its run")
    engine: str
    engine_version: str
    model: str
    quant: str
    hardware: str = Field(description="what computed: cpu, nvidia …; empty: not known")
    device: str | None = Field(description="catalogue id; null: in no catalogue")
    machine: str
    accelerators: int
    variant: str
    prompt_tokens: int
    output_tokens: int
    synthetic_weights: bool
    points: tuple[Point, ...]
    host: HostName | None
    team: str
    measured_at: datetime
    stored_at: datetime
    uploaded: bool = Field(description="brought as a file, watched by nobody")
    visibility: Who
    tier: Literal["unverified", "repeated", "reproduced"]
    disputed: bool = Field(description="other measurements of the same work contradict it")
    counts: bool = Field(description="its host is still attached and nothing refused it")
    trust: str = Field(description="the same in words")
    refused: str = Field(description="why it counts for nothing; empty: it was not refused")
    document: str = Field(description="where the whole document is, with every raw sample")
    page: str


class ResultPage(Shape):
    results: tuple[Result, ...]
    next: str | None = Field(description="the next page; null: this is the last")


class Document(BaseModel):
    """A result document (`rigguide schema` prints its schema)."""

    model_config = ConfigDict(extra="allow")


class HostQuery(Page):
    team: Word = Field("", description="a team's slug")


class RunQuery(Page):
    state: Annotated[State, Field(description="only those")] | None = None
    engine: Word = ""
    host: RowId | None = Field(None, description="that has it or was asked for")


class ResultQuery(Page):
    engine: Word = ""
    model: Word = ""
    quant: Word = ""
    hardware: Word = ""
    device: Word = ""
    host: RowId | None = None
    tier: Tier | None = None


class NewRun(Shape):
    """A measurement to be made."""

    engine: Annotated[Word, Field(min_length=1)]
    model: Annotated[Word, Field(min_length=1, description="catalogue id")]
    quant: Annotated[Word, Field(min_length=1, description="catalogue id")]
    host: RowId | None = Field(None, description="null: any that can")
    plan: Literal["", "quick", "standard", "thorough"] = Field(
        "", description="empty: as much time as the model needs"
    )
    answers: Annotated[str, Field(max_length=4000, description="a recipe's query string")] = ""
    visibility: Visibility | None = Field(None, description="null: as host and team say")


class NewResult(Shape):
    """A result document that was measured without this site."""

    host: Annotated[int, Field(ge=1, lt=2**63, description="the machine it was measured on")]
    document: dict[str, Any]


class Shared(Shape):
    visibility: Visibility


class HostChange(Shape):
    """What is left out stays as it is."""

    name: Line | None = None
    paused: bool | None = None
    default_visibility: Visibility | Literal[""] | None = Field(
        None, description="empty: as its team"
    )
