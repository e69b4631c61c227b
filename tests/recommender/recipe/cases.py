"""A broad sample of answers for which recipes are made: every engine, system, hardware and load."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

from recommender import catalogue
from recommender.choose import choose, published
from recommender.facts import Facts
from recommender.recipe.plan import Plan, plan

CATALOGUE = catalogue.load()
SYSTEMS = {
    "nvidia": ("linux", "windows"),
    "amd": ("linux", "windows"),
    "intel": ("linux", "windows"),
    "cpu": ("linux", "windows", "macos"),
    "apple": ("macos",),
}
HARDWARE = {
    "ollama": ("nvidia", "amd", "intel", "cpu", "apple"),
    "llama.cpp": ("nvidia", "amd", "intel", "cpu", "apple"),
    "vllm": ("nvidia", "amd", "cpu"),
    "sglang": ("nvidia", "amd"),
    "tensorrt-llm": ("nvidia",),
    "tgi": ("nvidia", "amd"),
    "mlx-lm": ("apple", "cpu"),
}
LOADS = (
    {},
    {"users": 1, "context": 4096},
    {"users": 8},
    {"users": 50, "context": 8192, "purpose": "production-api"},
    {"users": 3, "purpose": "embed"},
    {"users": 4, "privacy": "auditable"},
)
DEVICES: tuple[tuple[str, Facts], ...] = (
    ("nvidia", Facts(device="rtx-3090", gpus=2, users=8, os="linux")),
    ("nvidia", Facts(device="h100-sxm-80gb", gpus=4, users=50, os="linux")),
    ("nvidia", Facts(device="h100-sxm-80gb", gpus=16, users=50, os="linux", model="llama-3.3-70b")),
    ("nvidia", Facts(device="h100-sxm-80gb", gpus=8, os="linux", model="qwen3-235b-a22b-2507")),
    ("nvidia", Facts(device="dgx-spark", users=4, os="linux")),
    ("amd", Facts(device="mi300x", users=50, os="linux")),
    ("amd", Facts(device="strix-halo", users=2, os="linux")),
    ("apple", Facts(device="apple-m4-max", memory_gb=64, users=2, os="macos", arch="arm64")),
    ("nvidia", Facts(device="jetson-orin-nano-super", users=1, os="linux", arch="arm64")),
    ("nvidia", Facts(device="jetson-agx-orin-64gb", users=4, os="linux", arch="arm64")),
    ("nvidia", Facts(device="jetson-thor", users=8, os="linux", arch="arm64")),
    ("cpu", Facts(device="raspberry-pi-5", memory_gb=8, users=1, os="linux", arch="arm64")),
)
Case = tuple[str, Facts]


def _loads() -> Iterator[Case]:
    for engine, kinds in HARDWARE.items():
        for hardware in kinds:
            for system, load in product(SYSTEMS[hardware], LOADS):
                if (engine, system) != ("mlx-lm", "windows"):
                    yield engine, Facts(hardware=hardware, os=system, **load)  # type: ignore[arg-type]


def _devices() -> Iterator[Case]:
    for engine, kinds in HARDWARE.items():
        for kind, facts in DEVICES:
            jetson = "jetson" in (facts.device or "") and engine in {"tensorrt-llm", "tgi"}
            if kind in kinds and facts.device in CATALOGUE.devices and not jetson:
                yield engine, facts


def _quants() -> Iterator[Case]:
    """Every model in every quantisation that somebody publishes for the engine."""
    for engine, model in product(sorted(HARDWARE), CATALOGUE.models.values()):
        for quant in CATALOGUE.quants.values():
            if published(engine, model, quant):
                hardware = "apple" if engine == "mlx-lm" else "nvidia"
                yield engine, Facts(hardware=hardware, users=3, model=model.id, quant=quant.id)


@cache
def cases() -> tuple[Case, ...]:
    """Those that come to a choice."""
    tried = (*_loads(), *_devices(), *_quants())
    return tuple((e, f) for e, f in tried if choose(e, f, CATALOGUE) is not None)


def planned(engine: str, facts: Facts) -> Plan:
    choice = choose(engine, facts, CATALOGUE)
    assert choice is not None
    return plan(engine, *choice, facts, CATALOGUE)


def named(case: Case) -> str:
    """What a failing test says of the case."""
    engine, facts = case
    said = {
        name: value
        for name in Facts.__dataclass_fields__
        if (value := getattr(facts, name)) is not None
    }
    return f"{engine} {said}"
