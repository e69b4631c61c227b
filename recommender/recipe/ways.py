"""Ways out of too little memory that are settings of the engine: how it is started with them."""

from __future__ import annotations

from dataclasses import replace

from recommender.catalogue import Catalogue, Model, Quant
from recommender.facts import Facts
from recommender.recipe.commands import ENGINES
from recommender.recipe.plan import Plan, plan
from recommender.recommendation import WayOut

CACHE_IN_FEWER_BITS = frozenset({"ollama", "llama.cpp", "vllm", "sglang"})
"""Engines whose server is told by an option or a variable that the data knows."""
ON_TWO_PROCESSORS = frozenset({"ollama", "llama.cpp"})
"""Ollama splits the layers by itself; llama.cpp is told how many."""


def with_shell(
    ways: tuple[WayOut, ...],
    engine_id: str,
    model: Model,
    quant: Quant,
    facts: Facts,
    catalogue: Catalogue,
) -> tuple[WayOut, ...]:
    """The same ways, those that are settings with what is typed.

    Raises:
        ValueError: the engine does not load this quantisation, or the device is unknown.
    """
    whole = plan(engine_id, model, quant, facts, catalogue)
    return tuple(_told(way, whole) for way in ways)


def _told(way: WayOut, whole: Plan) -> WayOut:
    changed = _changed(way, whole)
    if changed is None:
        return way
    serve = [step for step in ENGINES[whole.engine](changed) if step.step == "serve"]
    return replace(way, engine=whole.engine, shell=serve[-1].shell)


def _changed(way: WayOut, whole: Plan) -> Plan | None:
    if way.id == "kv-type" and way.kv_type and whole.engine in CACHE_IN_FEWER_BITS:
        return replace(whole, kv_type=way.kv_type)
    if way.id == "offload" and way.gpu_layers and whole.engine in ON_TWO_PROCESSORS:
        return replace(whole, gpu_layers=way.gpu_layers)
    return None
