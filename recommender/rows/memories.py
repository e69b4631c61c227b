"""The memory a row asks for: weights, cache, all of it, or the tokens that fit."""

from __future__ import annotations

from recommender.catalogue import GIB, Catalogue
from recommender.estimate import kv, memory
from recommender.estimate.weights import weights_bytes
from recommender.rows import units
from recommender.rows.resolve import Resolved

KINDS = ("memory_weights", "memory_kv", "memory_total", "kv_tokens")
Three = tuple[float, float, float]


def three(found: Resolved, shelf: Catalogue) -> Three | str:
    """Value, low, high in the row's unit; or why not."""
    assert found.model is not None
    assert found.variant is not None
    size = weights_bytes(found.model, found.variant)
    value = size / units.size(found.row.unit).size_bytes
    if found.row.kind != "memory_weights":
        return "not estimated yet"
    return value, value * 0.97, value * 1.03


def at_once(found: Resolved, shelf: Catalogue) -> int:
    """Requests that run together: the clients, as far as settings and memory let them."""
    engine = shelf.engines[found.engine_id]
    wanted = min(found.clients, found.conditions.slots or engine.slots_limit)
    room = _room_bytes(found, shelf)
    if room is None or found.model is None or engine.kv != "pool":
        return max(1, wanted)
    one = kv.bytes_of(found.model, max(1.0, found.talk.tokens))
    return max(1, min(wanted, int(room / one)))


def _room_bytes(found: Resolved, shelf: Catalogue) -> float | None:
    if found.machine is None or found.machine.usable_gib is None or found.model is None:
        return None
    assert found.variant is not None
    share = found.conditions.memory_share or shelf.engines[found.engine_id].memory_share
    overhead = found.backend.overhead_gib if found.backend else memory.OVERHEAD_GIB
    fixed = memory.compute_bytes(found.engine_id, found.model) + overhead * GIB
    total = found.machine.usable_gib * share * GIB
    return total - weights_bytes(found.model, found.variant) - found.machine.gpus * fixed
