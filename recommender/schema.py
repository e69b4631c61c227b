"""The shape of the rule book's data files. An unknown field, or a missing source, does not load."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from recommender import conditions
from recommender.conditions import Condition
from recommender.hardware import Device

ENGINES = ("ollama", "llama.cpp", "mlx-lm", "vllm", "sglang", "tensorrt-llm", "tgi")
"""In the order in which they are taken where nothing else parts them."""

ARTICLES = ("a1", "a2", "a3", "a4", "a5")

EngineId = Literal["ollama", "llama.cpp", "mlx-lm", "vllm", "sglang", "tensorrt-llm", "tgi"]
Text = Annotated[str, Field(min_length=3)]
SourceId = Annotated[str, Field(min_length=1)]


def _condition(raw: object, info: ValidationInfo) -> Condition:
    context: dict[str, Any] = info.context or {}
    return conditions.parse(raw, context.get("terms", {}))


When = Annotated[Any, BeforeValidator(_condition)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Row):
    id: str
    kind: Literal["article", "primary", "published", "decision"]
    title: Text
    url: str
    checked: date


class Runner(_Row):
    """The engine that computes underneath another; `source` says so."""

    engine: EngineId
    source: SourceId


class Engine(_Row):
    """`simplicity`: operational weight, 0 is least. `runs`: what computes underneath, if not it."""

    id: EngineId
    name: str
    url: str
    summary: Text
    simplicity: Annotated[int, Field(ge=0, le=7)]
    source: SourceId
    runs: Runner | None = None


class Term(_Row):
    id: str
    when: When
    meaning: Text
    source: SourceId


class Article(_Row):
    id: str
    publication: str
    voice: str
    order: tuple[str, ...]
    waits: tuple[str, ...] = ()  # rules it cannot pass while their answer is unknown
    reading: Text

    @property
    def unknown(self) -> Literal["skip", "wait"]:
        """What an unanswered condition does, as a page says it."""
        return "wait" if self.waits else "skip"


class Verdict(_Row):
    engine: EngineId
    when: When = Field(default_factory=dict, validate_default=True)


class Rule(_Row):
    """One rule of an article."""

    id: str
    source: SourceId
    kind: Literal["verdict", "exclusion", "default", "advice"]
    when: When
    engines: tuple[Verdict, ...] = ()
    also: tuple[EngineId, ...] = ()
    excludes: tuple[EngineId, ...] = ()
    topic: str = ""
    text: Text
    reading: str = ""

    @property
    def article(self) -> str:
        return self.id.split(".")[0]

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        says = {"exclusion": self.excludes, "advice": self.topic}.get(self.kind, self.engines)
        if not says:
            msg = f"{self.id} is of kind {self.kind} but names no engine or topic for it"
            raise ValueError(msg)
        return self


class Limit(_Row):
    id: str
    engine: EngineId
    when: When
    source: SourceId
    text: Text
    instead: str


class DeviceLimit(_Row):
    """An engine that does not run on a generation of accelerators; exactly one condition.

    NVIDIA GPUs `compute_capability_below` it, AMD GPUs whose target is not one of `gfx_beside`,
    or accelerators of that `hardware`. A device of which nobody knows it is not kept out.
    """

    id: str
    engine: EngineId
    compute_capability_below: float | None = None
    gfx_beside: tuple[str, ...] = ()
    hardware: Literal["edge"] | None = None
    source: SourceId
    text: Text

    @model_validator(mode="after")
    def _has_one_condition(self) -> DeviceLimit:
        told = (self.compute_capability_below, self.gfx_beside, self.hardware)
        if sum(bool(part) for part in told) != 1:
            msg = "give one of compute_capability_below, gfx_beside and hardware"
            raise ValueError(msg)
        return self

    def bars(self, device: Device) -> bool:
        """Whether the engine does not run on this device."""
        if self.compute_capability_below is not None:
            has = device.compute_capability
            return has is not None and has < self.compute_capability_below
        if self.gfx_beside:
            return device.gfx is not None and device.gfx not in self.gfx_beside
        return device.hardware == self.hardware


class Contradiction(_Row):
    """Answers that cannot both be true, and what is taken instead."""

    id: str
    when: When
    take: dict[Literal["hardware", "os", "arch"], str]
    source: SourceId
    text: Text


class Step(_Row):
    id: str
    title: Text
    because: Text
    headline: Text


class Capacity(_Row):
    """Counted on for up to `up_to` people at once where `when` holds."""

    id: str
    engine: EngineId
    up_to: Literal[1, 4, 9, 19, 49]
    when: When
    source: SourceId
    text: Text


class Serves(_Row):
    engine: EngineId
    source: SourceId
    text: Text


class Penalty(_Row):
    """A rule of the house: these engines pay `penalty` in `step` where `when` holds."""

    id: str
    step: str
    engines: tuple[EngineId, ...] = ()
    except_: Annotated[tuple[EngineId, ...], Field(alias="except")] = ()
    penalty: Annotated[int, Field(ge=1, le=9)]
    when: When
    source: SourceId
    text: Text

    @property
    def targets(self) -> tuple[str, ...]:
        return self.engines or tuple(e for e in ENGINES if e not in self.except_)

    @model_validator(mode="after")
    def _one_way_round(self) -> Penalty:
        if bool(self.engines) == bool(self.except_):
            msg = f"{self.id} names either `engines` or `except`"
            raise ValueError(msg)
        return self


class Assumption(_Row):
    fact: str
    value: str | int | tuple[str, ...]
    when: When
    source: SourceId
    text: Text


class AtOnce(_Row):
    """Software asks in parallel: requests at once, `each` for every user and `least` in all."""

    purpose: str
    each: Annotated[int, Field(ge=1, le=64)]
    least: Annotated[int, Field(ge=1, le=256)]
    source: SourceId
    text: Text  # may say {requests}

    def requests(self, users: int) -> int:
        return max(self.least, self.each * users)


class Conversation(_Row):
    """Tokens of one conversation where nobody said, for a purpose that needs more than others."""

    purpose: str
    tokens: Annotated[int, Field(ge=1024)]
    source: SourceId
    text: Text


class Advice(_Row):
    id: str
    topic: str
    engines: tuple[EngineId, ...] = ()  # none: said whatever the verdict
    when: When
    source: SourceId
    text: Text
