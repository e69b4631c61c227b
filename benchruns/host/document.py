"""The result document: what a host produces, the site stores, a person exports.

One versioned JSON document. History of `schema_version`:

| version | date | change |
|---|---|---|
| 1 | 2026-11-20 | first; `engine.backend` joined before anything was published |

Times within a point are seconds since that point began (monotonic clock). Latencies are
milliseconds, rates are output tokens per second. A figure that could not be measured is null.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from benchruns.host.plan import Plan

SCHEMA_VERSION: Final = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sample(_Part):
    """One request as the client saw it. Kept raw; every summary is computed from these."""

    start_s: float
    first_token_s: float | None  # first chunk that carries text
    end_s: float | None
    token_times_s: tuple[float, ...] = ()  # arrival of each chunk with text
    prompt_tokens: int | None = None  # from `usage`
    output_tokens: int | None = None  # from `usage`, never counted from chunks
    cached_tokens: int | None = None
    outcome: Literal["ok", "short", "failed", "timeout"] = "ok"
    error: str = ""


class Distribution(_Part):
    """Of `n` values; p95 and p99 are null while n is too small to know them."""

    n: int
    p50: float | None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    p5: float | None = None
    low: float | None = None  # 95 % bootstrap interval of the median
    high: float | None = None


class Summary(_Part):
    """Over the requests that went well. TPOT excludes the first token."""

    ok: int
    not_ok: int
    ttft_ms: Distribution
    itl_ms: Distribution
    tpot_ms: Distribution
    e2e_ms: Distribution
    tok_s_per_user: Distribution  # 1000 / TPOT of each request
    output_tok_s: float | None  # of all clients together, over the busy window
    requests_s: float | None
    stable: bool
    verdict: str = ""  # "stable", or why not


class Point(_Part):
    clients: int = Field(ge=1)
    slots: int | None
    duration_s: float
    samples: tuple[Sample, ...]
    summary: Summary
    marks: tuple[str, ...] = ()  # guards that spoke up, in plain words
    client_lag_p99_ms: float | None = None  # how late the load generator itself was
    cpu_percent_others: float | None = None  # by processes that had no part in it


class EngineFacts(_Part):
    id: str
    name: str
    provider: str  # "xllamacpp wheel", "llama-server on PATH" …
    version: str
    build: str = ""
    argv: tuple[str, ...] = ()  # how it was started, secrets redacted
    slots: int | None = None
    context_tokens: int | None = None
    startup_s: float | None = None
    backend: str | None = None  # cpu, cuda, metal, rocm, vulkan, sycl; null: not known


class ModelFacts(_Part):
    id: str
    name: str
    quant: str
    params: int | None
    weights_bytes: int | None
    decode_bytes: int | None = None  # of them, what a decode step reads at least
    synthetic: bool
    spec: dict[str, int | float | str] = Field(default_factory=dict)  # shape of synthetic weights
    sha256: str = ""


Text = Annotated[str, Field(max_length=200)]
Gib = Annotated[float, Field(gt=0, lt=1e6, allow_inf_nan=False)]
GbS = Annotated[float, Field(gt=0, lt=1e6, allow_inf_nan=False)]
Mhz = Annotated[int, Field(ge=0, lt=10**6)]
Cores = Annotated[int, Field(ge=1, le=65_536)]


class Accelerator(_Part):
    name: Text
    vendor: Literal["nvidia", "amd", "apple", "intel", "other"]
    memory_gib: Gib | None = None
    driver: Text = ""
    bandwidth_gb_s: GbS | None = None  # of its memory, as its driver states it
    power_limit_w: Annotated[float, Field(ge=0, lt=1e5)] | None = None
    temperature_c: Annotated[float, Field(gt=-274, lt=1000)] | None = None
    sm_clock_mhz: Mhz | None = None
    memory_clock_mhz: Mhz | None = None


class HostFacts(_Part):
    """What the machine is, as `rigguide probe` sees it."""

    cpu: Text
    cores_physical: Cores | None
    cores_logical: Cores
    memory_gib: Gib
    arch: Text  # x86_64 | arm64 | other
    os: Literal["linux", "macos", "windows", "other"]
    os_version: Text = ""
    kernel: Text = ""
    python: Text = ""
    governor: Text | None = None
    cpu_flags: Annotated[tuple[Text, ...], Field(max_length=64)] = ()  # avx2, avx512f, neon …
    accelerators: Annotated[tuple[Accelerator, ...], Field(max_length=64)] = ()
    # Where synthetic weights are kept, when last looked at.
    disk_free_gib: Annotated[float, Field(ge=0, lt=1e9)] | None = None
    read_gb_s: GbS | None = None  # what all cores together read from memory when last tried

    @property
    def hardware(self) -> str:
        """The value of the answer `hardware` this machine stands for."""
        known = {"nvidia", "amd", "apple", "intel"}
        vendors = [a.vendor for a in self.accelerators if a.vendor in known]
        return vendors[0] if vendors else "cpu"


class Conditions(_Part):
    """What else went on while measuring."""

    load_before: float | None = None  # 1-minute load average
    load_after: float | None = None
    cpu_percent_others: float | None = None  # by other processes, just before, of all cores
    cpu_percent_others_during: float | None = None  # the same while measuring
    memory_available_gib: float | None = None
    swap_used_gib: float | None = None


class ResultDocument(_Part):
    kind: Literal["rigguide.result"] = "rigguide.result"
    schema_version: Literal[1] = SCHEMA_VERSION
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
    command: str  # reproduces this measurement
    marks: tuple[str, ...] = ()
