"""What a host is asked to install. It names one of the host's own offers and nothing else."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from benchruns.host.plan import Name

INSTALL: Final = "install"
LIMIT_S: Final = 2 * 3600  # compilers on small machines are slow


class InstallOrder(BaseModel):
    """Sent in a plan's place, to hosts that said they take such orders."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["install"] = INSTALL
    engine: Name
    provider: Name
    version: Name
    time_limit_s: Annotated[int, Field(ge=60, le=24 * 3600)] = LIMIT_S


class Installable(BaseModel):
    """What a host would install when asked; it says so with each claim."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    engine: Name
    provider: Name
    version: Name
    name: Annotated[str, Field(max_length=200)]
    disk_gib: Annotated[float, Field(gt=0, lt=1e6)]
    minutes: Annotated[float, Field(gt=0, lt=1e6)]
