"""Which group a case belongs to for each constant of the speed model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from math import log

from recommender.catalogue import Quant
from recommender.estimate.machine import Machine

FAMILIES = {"llama.cpp": "ggml", "ollama": "ggml", "mlx-lm": "mlx"}  # the others: server
CLASSES = (
    (r"mxfp4", "mxfp4"),
    (r"nvfp4", "nvfp4"),
    (r"fp8", "fp8"),
    (r"int8|w8a8", "int8"),
    (r"awq|gptq|autoround|int4|w4a16", "weights-4"),
    (r"^(?:ud-)?(?:iq|tq)\d", "i-quant"),
    (r"q8|8-?bit", "8-bit"),
    (r"^(?:ud-)?q\d_k", "k-quant"),
    (r"^q\d_\d", "legacy"),
    (r"16", "16-bit"),
    (r"mlx|\dbit", "mlx"),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a case is run, beyond engine, model and machine.

    `tensor` and `pipeline` None: as the engine spreads a model over devices. `threads`: of the
    processor, 0 where they are no limit. `served` is False for benchmarks inside the engine,
    which neither sample nor speak HTTP. `power_share`: of its power that a card may draw.
    """

    tensor: int | None = None
    pipeline: int | None = None
    threads: int = 0
    ubatch: int | None = None
    served: bool = True
    flash_attention: bool = True
    age_years: float = 0.0
    power_share: float = 1.0


AS_SHIPPED = Setting()


@dataclass(frozen=True, slots=True)
class Traits:
    """Group of each level, and the covariates that are not 0."""

    levels: tuple[tuple[str, str], ...]
    covariates: tuple[tuple[str, float], ...]

    def level(self, name: str) -> str | None:
        return dict(self.levels).get(name)

    def group(self, name: str) -> str:
        """Of a level that every case has."""
        return dict(self.levels)[name]


def family(engine_id: str) -> str:
    return FAMILIES.get(engine_id, "server")


@cache
def quant_class(name: str) -> str:
    """Quantisations that are unpacked alike."""
    return next((kind for mark, kind in CLASSES if re.search(mark, name.lower())), "weights-4")


def memory_class(machine: Machine) -> str:
    """What the device's memory is made of, as far as it decides how it is read."""
    if machine.backend.endswith("-hbm"):
        return "hbm"
    if machine.backend == "cpu":
        return "cpu"
    return "unified" if machine.unified else "gddr"


def traits(
    engine_id: str, quant: Quant, machine: Machine, flops: float | None, how: Setting
) -> Traits:
    """`flops`: of one device in the precision it multiplies in, None where nobody states it."""
    kin, kind, memory = family(engine_id), quant_class(quant.id), memory_class(machine)
    unified_gpu = memory == "unified" and machine.backend in ("cuda", "rocm")
    backend = f"{machine.backend}-unified" if unified_gpu else machine.backend
    levels = {
        "engine": engine_id,
        "family": kin,
        "memory": memory,
        "backend": backend,
        "quant": kind,
        "family-quant": f"{kin}/{kind}",
    }
    levels |= {"processor-quant": kind} if memory == "cpu" else {}
    levels |= {"plain": "yes"} if kind == "16-bit" else {}
    return Traits(tuple(levels.items()), _covariates(kin, machine, flops, how))


def _covariates(
    kin: str, machine: Machine, flops: float | None, how: Setting
) -> tuple[tuple[str, float], ...]:
    found = {
        "no-flash": 0.0 if how.flash_attention else 1.0,
        f"age-{kin}": how.age_years,
        f"flops-{kin}": log(flops / 1e14) if flops and machine.backend.startswith("cuda") else 0.0,
        "power": log(how.power_share),
    }
    return tuple((name, value) for name, value in found.items() if value)
