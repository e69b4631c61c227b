"""The result document: what a host produces, the site stores, a person exports.

One versioned JSON document. History of `schema_version`:

| version | date | change |
|---|---|---|
| 1 | 2026-11-20 | first; `engine.backend` joined before anything was published |
| 2 | 2026-11-21 | `marks` became `guards` (id, severity, sentence, evidence); `open_points`, `goodput`, `in_process`; samples say when they were due, how their tokens were counted and whether they were steady; percentiles have intervals; what the client itself cost; the plan's `name`, `provider`, rates, lengths and targets |

Older documents are upgraded when they are read, wherever that is; what is written is the newest.

Times within a point are seconds since that point began (monotonic clock). Latencies are
milliseconds, rates are output tokens per second. A figure that could not be measured is null.
"""  # noqa: E501

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from pydantic import model_validator

from benchruns.host.plan import Plan
from benchruns.host.schema.facts import (
    Accelerator,
    Conditions,
    EngineFacts,
    HostFacts,
    ModelFacts,
)
from benchruns.host.schema.figures import (
    ClientLoad,
    Distribution,
    Goodput,
    InProcess,
    OpenPoint,
    Point,
    Sample,
    Summary,
)
from benchruns.host.schema.finding import Finding, Guarded
from benchruns.host.schema.upgrade import upgraded

__all__ = [
    "SCHEMA_VERSION",
    "Accelerator",
    "ClientLoad",
    "Conditions",
    "Distribution",
    "EngineFacts",
    "Finding",
    "Goodput",
    "Guarded",
    "HostFacts",
    "InProcess",
    "ModelFacts",
    "OpenPoint",
    "Point",
    "ResultDocument",
    "Sample",
    "Summary",
]

SCHEMA_VERSION: Final = 2


class ResultDocument(Guarded):
    """`points` closed loop, `open_points` open loop, `in_process` without HTTP."""

    kind: Literal["rigguide.result"] = "rigguide.result"
    schema_version: Literal[2] = SCHEMA_VERSION
    rigguide_version: str
    run_id: str | None = None
    started_at: datetime
    finished_at: datetime
    plan: Plan
    engine: EngineFacts
    model: ModelFacts
    host: HostFacts
    conditions: Conditions
    points: tuple[Point, ...]
    open_points: tuple[OpenPoint, ...] = ()
    goodput: Goodput | None = None
    in_process: tuple[InProcess, ...] = ()
    command: str  # reproduces this measurement

    @model_validator(mode="before")
    @classmethod
    def _as_of_today(cls, given: Any) -> Any:
        return upgraded(given, SCHEMA_VERSION) if isinstance(given, dict) else given
