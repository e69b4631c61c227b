"""What a host is asked to measure. Checked on the site before it is sent and on the host again.

There is no shell string in it and no free flag: an engine id, a model spec and numbers.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

PROTOCOL: Final = 1
"""Version of the protocol between site and host; both say it in every claim."""

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


class Plan(BaseModel):
    """One engine, one model, one load curve."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: Literal[1] = PROTOCOL
    engine: Name
    provider: Name | None = None  # one way of several to have it; null: the first that is there
    variant: Literal["as-shipped", "tuned"] = "tuned"  # tuned: slots = most clients
    model: Name  # catalogue id
    quant: Name = "Q8_0"
    clients: tuple[Clients, ...] = Field(default=(1, 2, 4), min_length=1, max_length=16)
    prompt_tokens: Annotated[int, Field(ge=1, le=131_072)] = 64
    output_tokens: Annotated[int, Field(ge=2, le=32_768)] = 32
    requests_per_client: Annotated[int, Field(ge=1, le=1000)] = 2
    time_limit_s: Annotated[int, Field(ge=5, le=24 * 3600)] = 120
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1

    @model_serializer(mode="wrap")
    def _without_what_says_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """`provider` came after the first hosts: they are not shown it unless it is meant."""
        told: dict[str, Any] = write(self)
        return {k: v for k, v in told.items() if k != "provider" or v is not None}
