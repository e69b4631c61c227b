"""How a machine is just now, as it tells its site with claims and heartbeats."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from benchruns.host.schema.facts import Text

Percent = Annotated[float, Field(ge=0, le=100)]
Gib = Annotated[float, Field(ge=0, lt=1e6)]


class _Told(BaseModel):
    """Null: this machine does not tell. Unknown fields are ignored: it may be a release ahead."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class AcceleratorVitals(_Told):
    name: Text
    utilisation_percent: Percent | None = None  # of the last moment in which anything ran on it
    memory_used_gib: Gib | None = None
    memory_gib: Gib | None = None
    temperature_c: Annotated[float, Field(gt=-274, lt=1000)] | None = None
    power_w: Annotated[float, Field(ge=0, lt=1e5)] | None = None


class Vitals(_Told):
    cpu_percent: Percent | None = None  # of all cores together, since it was last told
    load_1m: Annotated[float, Field(ge=0, lt=1e6)] | None = None
    memory_used_gib: Gib | None = None
    memory_gib: Gib | None = None
    disk_free_gib: Annotated[float, Field(ge=0, lt=1e9)] | None = None
    accelerators: Annotated[tuple[AcceleratorVitals, ...], Field(max_length=64)] = ()
