"""What a host is asked to measure. Checked on the site before it is sent and on the host again.

There is no shell string in it and no free flag: an engine id, a model spec and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    model_serializer,
    model_validator,
)

from benchruns.host.lengths import Lengths

PROTOCOL: Final = 2
"""Version of the protocol between site and host; both say it in every claim.

| version | date | change |
|---|---|---|
| 1 | 2026-11-20 | first |
| 2 | 2026-11-21 | plans with a name, rates, lengths and targets; result documents of schema 2 |
"""
SPOKEN: Final = (1, 2)
"""What a site of this release understands. A host of version 1 gets no plan it could not read."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+:@/-]{0,119}")


def _plain_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        msg = (
            f"{value!r} is not a plain name: letters, digits and . _ + : @ / - are allowed, "
            "it does not begin with - and has at most 120 characters"
        )
        raise ValueError(msg)
    return value


def plain_id(served: str) -> str:
    """What a plan calls a model that its server knows by `served`: a path becomes its last part."""
    if _NAME.fullmatch(served):
        return served
    last = served.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._+:@-]+", "-", last).lstrip("._+:@-")[:120] or "model"


AIM: Final = 0.4
"""Share of a plan's time limit that a quiet machine needs; the rest is for busy ones."""

Name = Annotated[str, AfterValidator(_plain_name)]
Clients = Annotated[int, Field(ge=1, le=1024)]
Rate = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]  # requests per second


class Targets(BaseModel):
    """What goodput asks for: p95 of TTFT at most, p5 of tokens/s per user at least."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ttft_ms: Annotated[float, Field(gt=0, le=600_000)] | None = None
    tokens_per_user: Annotated[float, Field(gt=0, le=100_000)] | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Targets:
        if self.ttft_ms is None and self.tokens_per_user is None:
            raise ValueError("goodput needs a target: ttft_ms, tokens_per_user or both")
        return self


class Plan(BaseModel):
    """One engine, one model, one load: a closed-loop curve, and on request more.

    `protocol` is the least version of the protocol that can say this plan; fields that came with
    version 2 are left out of the JSON while nobody uses them, so that older hosts can read it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: Literal[1, 2] = 1
    name: Name | None = None  # quick, standard, thorough, or what it tests
    engine: Name
    provider: Name | None = None  # which way of having the engine; null: the adapter's first
    # tuned: slots = most clients; as-served: somebody else started it, nobody knows how
    variant: Literal["as-shipped", "tuned", "as-served"] = "tuned"
    model: Name  # catalogue id
    quant: Name = "Q8_0"
    clients: tuple[Clients, ...] = Field(default=(1, 2, 4), min_length=1, max_length=16)
    rates_per_s: tuple[Rate, ...] = Field(default=(), max_length=16)  # open loop, after the curve
    rate_s: Annotated[int, Field(ge=2, le=3600)] = 30  # for how long each rate is offered
    goodput: Targets | None = None
    prompt_tokens: Annotated[int, Field(ge=1, le=131_072)] = 64
    output_tokens: Annotated[int, Field(ge=2, le=32_768)] = 32
    prompt_lengths: Lengths | None = None  # then `prompt_tokens` is the typical one
    output_lengths: Lengths | None = None
    api: Literal["completions", "chat"] | None = None  # null: as the engine prefers
    requests_per_client: Annotated[int, Field(ge=1, le=1000)] = 2
    ramp_s: Annotated[float, Field(ge=0, le=600)] = 0.0  # over which the clients join
    half_width: Annotated[float, Field(ge=0.005, le=0.5)] = 0.05  # when a point is known well
    point_limit_s: Annotated[int, Field(ge=2, le=3600)] = 60
    request_limit_s: Annotated[int, Field(ge=1, le=24 * 3600)] | None = None  # null: time_limit_s
    time_limit_s: Annotated[int, Field(ge=5, le=24 * 3600)] = 120
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given  # not a plan at all, which the validation says
        told = _with_typical(given)
        said = told.get("protocol", 1)
        return {**told, "protocol": _least(told) if said == 1 else said}

    @model_serializer(mode="wrap")
    def _brief(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what version 1 did not know, where that is not used."""
        known: dict[str, Any] = write(self)
        unused = {field for field in NEW_IN_2 if not _used(field, getattr(self, field))}
        brief = {field: value for field, value in known.items() if field not in unused}
        return {**brief, "protocol": max(self.protocol, _least(brief))}

    @property
    def most_prompt_tokens(self) -> int:
        return self.prompt_lengths.most if self.prompt_lengths else self.prompt_tokens

    @property
    def most_output_tokens(self) -> int:
        return self.output_lengths.most if self.output_lengths else self.output_tokens


NEW_IN_2: Final = (
    "name", "provider", "rates_per_s", "rate_s", "goodput", "prompt_lengths", "output_lengths",
    "api", "ramp_s", "half_width", "point_limit_s", "request_limit_s",
)  # fmt: skip


def _used(field: str, value: object) -> bool:
    default = Plan.model_fields[field].default
    return bool(value != default and not (field == "rates_per_s" and not value))


def _least(plan: Mapping[str, object]) -> Literal[1, 2]:
    """The least version of the protocol that can say this."""
    new = any(field in plan and _used(field, plan[field]) for field in NEW_IN_2)
    return 2 if new or plan.get("variant") == "as-served" else 1


def _with_typical(given: Mapping[str, Any]) -> dict[str, Any]:
    """Lengths that differ say what is typical of them, where nobody else did."""
    told = dict(given)
    for tokens, lengths in _LENGTHS:
        if told.get(lengths) is not None and tokens not in told:
            told[tokens] = TypeAdapter[Any](Lengths).validate_python(told[lengths]).typical
    return told


_LENGTHS: Final = (("prompt_tokens", "prompt_lengths"), ("output_tokens", "output_lengths"))
