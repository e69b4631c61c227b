"""What hosts may send. Unknown fields are ignored: a host may be one release ahead."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from benchruns.clocks import told
from benchruns.host.accepts import Accepts
from benchruns.host.document import Accelerator, HostFacts
from benchruns.host.order import Installable
from benchruns.host.plan import Name
from benchruns.host.progress import Phase
from benchruns.host.schema.vitals import Vitals
from benchruns.storable import without_nul

Text = Annotated[str, BeforeValidator(without_nul)]
When = Annotated[datetime, AfterValidator(told)]
Attempt = Annotated[int, Field(ge=1, lt=2**31)]
Count = Annotated[int, Field(ge=0, lt=2**31)]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Spoken(Body):
    """Looked at before anything else: another version may differ in everything else."""

    protocol: int


class Engine(Body):
    """`provider` null: not installed, and `detail` says how to get it."""

    id: Name
    provider: Annotated[Text, Field(max_length=200)] | None
    version: Annotated[Text, Field(max_length=200)] = ""
    detail: Annotated[Text, Field(max_length=1000)] = ""


Engines = Annotated[tuple[Engine, ...], Field(max_length=64)]


class ToldAccelerator(Accelerator):
    model_config = ConfigDict(extra="ignore")


class ToldFacts(HostFacts):
    """As a host one release ahead tells them; what is kept has only the fields known here."""

    model_config = ConfigDict(extra="ignore")
    accelerators: Annotated[tuple[ToldAccelerator, ...], Field(max_length=64)] = ()


class Facts(Body):
    protocol: int
    facts: ToldFacts
    engines: Engines


class Enrol(Facts):
    code: Annotated[str, Field(min_length=1, max_length=200)]
    name: Annotated[Text, Field(min_length=1, max_length=80)]


class Claim(Body):
    protocol: int
    wait_s: Annotated[float, Field(ge=0, le=25)]
    engines: Annotated[tuple[Name, ...], Field(max_length=64)]
    installs: Annotated[tuple[Installable, ...], Field(max_length=64)] = ()
    accepts: Accepts | None = None  # a host of an earlier release does not say
    slot: Annotated[int, Field(ge=0, lt=64)] = 0  # which of
    slots: Annotated[int, Field(ge=1, le=64)] = 1  # so many that ask side by side
    rotates: bool = False  # it knows what to do when asked to take a new token
    vitals: Vitals | None = None  # how it is just now


class Nothing(Body):
    """For calls that say all by being made."""


class Held(Body):
    attempt: Attempt


class Beat(Held):
    vitals: Vitals | None = None  # with some heartbeats, not with each


class Progress(Body):
    at: When
    phase: Phase
    message: Text = ""
    point: Count | None = None
    points: Count | None = None
    clients: Count | None = None
    tok_s: Annotated[float, Field(ge=0)] | None = None
    fraction: Annotated[float, Field(ge=0, le=1)] | None = None


class Events(Held):
    events: Annotated[tuple[Progress, ...], Field(max_length=500)]


class Failure(Held):
    reason: Annotated[Text, Field(min_length=1)]
    log: Text = ""


class Finished(Held):
    """The document is validated apart: what is wrong with it is a 422, not a 400."""

    document: dict[str, Any]


class Uploaded(Body):
    """Of no run of this site; validated apart as well."""

    document: dict[str, Any]
