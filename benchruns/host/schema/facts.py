"""What ran where, and under which circumstances."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from benchruns.host.schema.part import Part


class EngineFacts(Part):
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
    transport: Literal["http", "in-process"] = "http"


class ModelFacts(Part):
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


class Accelerator(Part):
    name: Text
    vendor: Literal["nvidia", "amd", "apple", "intel", "other"]
    memory_gib: Gib | None = None
    driver: Text = ""
    bandwidth_gb_s: GbS | None = None  # of its memory, as its driver states it
    power_limit_w: Annotated[float, Field(ge=0, lt=1e5)] | None = None
    temperature_c: Annotated[float, Field(gt=-274, lt=1000)] | None = None
    sm_clock_mhz: Mhz | None = None
    memory_clock_mhz: Mhz | None = None


class HostFacts(Part):
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


class Conditions(Part):
    """What else went on while measuring."""

    load_before: float | None = None  # 1-minute load average
    load_after: float | None = None
    cpu_percent_others: float | None = None  # by other processes, just before, of all cores
    cpu_percent_others_during: float | None = None  # the same while measuring
    memory_available_gib: float | None = None
    swap_used_gib: float | None = None
    swapped_gib: float | None = None  # by how much swap grew while measuring
    steal_percent: float | None = None  # of all cores, taken by the host of a virtual machine
    cpu_mhz_low: float | None = None  # slowest and fastest clock seen while measuring
    cpu_mhz_high: float | None = None
    cpu_throttle_events: int | None = None  # thermal, counted by the kernel while measuring
    gpu_clock_mhz_low: float | None = None
    gpu_clock_mhz_high: float | None = None
    gpu_temperature_c_high: float | None = None
    gpu_power_w_high: float | None = None
    gpu_throttled_by: tuple[str, ...] = ()  # reasons the driver gave while measuring
    gpu_others: int | None = None  # processes of others on the GPU while measuring
