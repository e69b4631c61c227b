"""The memory a row asks for: weights, cache, all of it, or the tokens that fit."""

from __future__ import annotations

from recommender.catalogue import GIB, Catalogue
from recommender.estimate import buffers
from recommender.rows import pools, sizes, units
from recommender.rows.resolve import Resolved

KINDS = ("memory_weights", "memory_kv", "memory_total", "kv_tokens")
SPREAD = {"memory_weights": 0.03, "memory_kv": 0.05, "memory_total": 0.12}
Three = tuple[float, float, float]


def three(found: Resolved, shelf: Catalogue) -> Three | str:
    """Value, low, high in the row's unit; or why not."""
    if found.row.kind == "kv_tokens":
        return pools.tokens(found, shelf)
    size_bytes = _bytes(found, shelf)
    if isinstance(size_bytes, str):
        return size_bytes
    unit = units.size(found.row.unit, found.engine_id)
    shared = found.devices if unit.per_device else 1
    spread = pools.SPREAD if pools.asked_for(found) else SPREAD[found.row.kind]
    value = max(size_bytes, 0.0) / unit.size_bytes / shared
    return value, value * (1 - spread), value * (1 + spread)


def _bytes(found: Resolved, shelf: Catalogue) -> float | str:
    """Over all devices together."""
    if found.row.kind == "memory_weights":
        return sizes.weights(found)
    if found.row.kind == "memory_total":
        return _total(found, shelf)
    if not pools.asked_for(found):
        return sizes.cache(found)
    pool = pools.left(found, shelf)
    return "neither device nor memory is told" if pool is None else pool


def _total(found: Resolved, shelf: Catalogue) -> float:
    """A pool fills its share of the device; the others take what they need."""
    assert found.model is not None
    engine, shares = shelf.engines[found.engine_id], pools.shares(found, shelf)
    known = buffers.of_engine(found.engine_id)
    if engine.kv == "pool" and shares is not None and not found.grows:
        return shares + found.devices * known.graphs_gib * GIB
    return sizes.weights_and_cache(found) + sizes.scratch(found)
