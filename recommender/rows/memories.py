"""The memory a row asks for: weights, cache, all of it, or the tokens that fit."""

from __future__ import annotations

import re

from recommender.catalogue import GIB, Catalogue, Engine
from recommender.estimate import buffers, kv
from recommender.estimate.weights import weights_bytes
from recommender.rows import units
from recommender.rows.conditions import KV_BITS
from recommender.rows.resolve import Resolved
from recommender.rows.setting import setting

KINDS = ("memory_weights", "memory_kv", "memory_total", "kv_tokens")
Three = tuple[float, float, float]

CONTEXT = 4096  # tokens, where neither row nor flags say
SIZES = (16, 24, 32, 48, 80, 96, 141, 180)  # GiB of usual accelerators
ROOMY = 1.12  # a device that nobody names holds the weights with at least so much to spare
CHUNKS = (0, 8)  # the first vLLM that cuts long prompts as shipped
BY_REQUEST = (0, 20)  # the first vLLM whose pool is counted by requests
SPREAD = {"memory_weights": 0.03, "memory_kv": 0.05, "memory_total": 0.12, "kv_tokens": 0.1}
POOL_SPREAD = 0.1
LARGE_GIB = 70  # from which on vLLM ships with more requests at once
UNTOLD = 4.0  # factor on a pool of a device that nobody names
EXACT_COUNT = (0.004, 0.06)  # llama-bench's parameters that differ so much are another file's


def three(found: Resolved, shelf: Catalogue) -> Three | str:
    """Value, low, high in the row's unit; or why not."""
    if found.row.kind == "kv_tokens":
        return _tokens(found, shelf)
    size_bytes = _bytes(found, shelf)
    if isinstance(size_bytes, str):
        return size_bytes
    unit = units.size(found.row.unit)
    shared = found.row.devices if unit.per_device else 1
    spread = POOL_SPREAD if _asks_for_pool(found) else SPREAD[found.row.kind]
    value = max(size_bytes, 0.0) / unit.size_bytes / shared
    return value, value * (1 - spread), value * (1 + spread)


def _bytes(found: Resolved, shelf: Catalogue) -> float | str:
    """Over all devices together."""
    if found.row.kind == "memory_weights":
        return _weights(found)
    if found.row.kind == "memory_total":
        return _total(found, shelf)
    if not _asks_for_pool(found):
        return _cache(found)
    pool = _pool_bytes(found, shelf)
    return "neither device nor memory is told" if pool is None else pool


def _weights(found: Resolved) -> float:
    """llama-bench counts parameters exactly: where it counts others, the file has others (a layer
    that predicts several tokens ahead, for example)."""
    assert found.model is not None
    assert found.variant is not None
    size, said = weights_bytes(found.model, found.variant), found.row.params_b
    if said is None or found.variant.format != "gguf" or round(said, 1) == said:
        return size
    ratio = said * 1e9 / found.model.params
    return size * ratio if EXACT_COUNT[0] < abs(ratio - 1) < EXACT_COUNT[1] else size


def _kv_bits(found: Resolved) -> float:
    """A row of a cache alone may name the cache's type as its quantisation, in lower case."""
    if found.conditions.kv_bits is not None:
        return found.conditions.kv_bits
    said = found.row.quant if found.row.kind == "memory_kv" else None
    return KV_BITS.get(said or "", kv.BITS)


def _context(found: Resolved) -> float:
    said = found.row.context or found.conditions.max_len
    longest = found.model.context_max if found.model else CONTEXT
    talk = (found.row.prompt_tokens or 0) + (found.row.gen_tokens or 0)
    return float(said or talk or min(CONTEXT, longest))


def _cache(found: Resolved) -> float:
    """llama.cpp's context is that of all slots together; others count each request's."""
    assert found.model is not None
    bits, context = _kv_bits(found), _context(found)
    slots = found.conditions.slots or found.clients
    if found.engine_id == "llama.cpp":
        batch = found.conditions.ubatch or buffers.of_engine("llama.cpp").batch_tokens
        return kv.reserved(found.model, context, slots, batch, bits)
    return found.clients * kv.bytes_of(found.model, context, bits)


def _asks_for_pool(found: Resolved) -> bool:
    text = f"{found.row.unit} {found.row.kind}".lower()
    return found.row.kind == "kv_tokens" or bool(re.search(r"pool|available|reserved|left", text))


def _total(found: Resolved, shelf: Catalogue) -> float:
    """A pool fills its share of the device; the others take what they need."""
    assert found.model is not None
    engine, shares = shelf.engines[found.engine_id], _shares(found, shelf)
    known = buffers.of_engine(found.engine_id)
    if engine.kv == "pool" and shares is not None and not found.grows:
        return shares + found.row.devices * known.graphs_gib * GIB
    return weights_and_cache(found) + scratch(found)


def weights_and_cache(found: Resolved) -> float:
    """Bytes of what is in layers."""
    return _weights(found) + _cache(found)


def scratch(found: Resolved) -> float:
    """Bytes of what every device needs besides, of all of them."""
    assert found.model is not None
    batch = found.conditions.ubatch or buffers.of_engine(found.engine_id).batch_tokens
    tokens = min(batch, round(found.row.prompt_tokens or batch)) or batch
    size = buffers.compute_bytes(found.engine_id, found.model, tokens)
    if found.conditions.flash is False:
        size += 4 * found.model.heads * tokens * _context(found)
    return found.row.devices * (size + _itself(found))


def _itself(found: Resolved) -> float:
    """What MLX calls its peak are its own arrays alone."""
    if found.engine_id == "mlx-lm" or found.grows:
        return 0.0
    return (found.backend.overhead_gib if found.backend else 0.5) * GIB


def _shares(found: Resolved, shelf: Catalogue) -> float | None:
    """What a pool's engine may fill, over all devices; None where no memory is known."""
    seen = _seen(found)
    return None if seen is None else seen * _share(found, shelf)


def _share(found: Resolved, shelf: Catalogue) -> float:
    return found.conditions.memory_share or shelf.engines[found.engine_id].memory_share


def _seen(found: Resolved) -> float | None:
    """Bytes that a program sees of all devices."""
    if found.machine is None or found.machine.memory_gib is None:
        return None
    return found.machine.memory_gib * buffers.visible_share(found.machine) * GIB


def _pool_bytes(found: Resolved, shelf: Catalogue) -> float | None:
    """What is left for the cache once weights are loaded and a step was tried, over all devices."""
    assert found.model is not None
    seen, share = _seen(found) or _presumed(found, shelf), _share(found, shelf)
    devices = found.machine.gpus if found.machine else found.row.devices
    sequences = found.conditions.slots
    fixed = buffers.fixed_bytes(
        found.engine_id, found.model, found.machine, _trial_tokens(found), sequences
    )
    weights = _weights(found)
    return buffers.pool_bytes(found.engine_id, seen, share, weights, devices * fixed)


def _trial_tokens(found: Resolved) -> int | None:
    """Prompt tokens that vLLM tries a step with; None: as shipped today. Before it cut prompts into
    chunks by itself, that was the longest prompt there could be."""
    said, version = found.conditions.batched_tokens, _version(found)
    if said is not None or found.engine_id != "vllm" or version is None or version >= CHUNKS:
        return said
    longest = found.row.context or found.conditions.max_len
    return None if longest is None else max(2048, round(longest))


def _version(found: Resolved) -> tuple[int, int] | None:
    match = re.search(r"(\d+)\.(\d+)", found.row.engine_version or "")
    return (int(match[1]), int(match[2])) if match else None


def _presumed(found: Resolved, shelf: Catalogue) -> float:
    """The smallest usual device that holds the weights and one request of the longest length, which
    the engine insists on, where the row does not name its own."""
    assert found.model is not None
    share = _share(found, shelf)
    longest = found.row.context or found.conditions.max_len or CONTEXT
    one = kv.bytes_of(found.model, longest, _kv_bits(found))
    wanted = (_weights(found) * ROOMY + one) / GIB / found.row.devices
    size = next((s for s in SIZES if 0.98 * s * share > wanted), SIZES[-1])
    return found.row.devices * 0.98 * size * GIB


def presumes(found: Resolved) -> str:
    """The sentence about it; empty where the device's memory is known."""
    asked = found.row.kind in ("kv_tokens", "memory_kv", "memory_total")
    if not asked or not _needs_device(found) or (found.machine and found.machine.memory_gib):
        return ""
    return "no device is told: the smallest usual one that holds the weights is taken"


def _needs_device(found: Resolved) -> bool:
    return found.row.kind == "kv_tokens" or _asks_for_pool(found)


def _tokens(found: Resolved, shelf: Catalogue) -> Three | str:
    assert found.model is not None
    pool = _pool_bytes(found, shelf)
    if pool is None:
        return "neither device nor memory is told"
    if pool <= 0:
        return "the weights leave no room for a cache there"
    value = _held(found, pool)
    if presumes(found):
        return value, value / UNTOLD, value * UNTOLD
    spread = SPREAD["kv_tokens"]
    return value, value * (1 - spread), value * (1 + spread)


def _held(found: Resolved, pool: float) -> float:
    """Tensor parallelism shares the heads out, or copies what cannot be shared."""
    assert found.model is not None
    devices = found.machine.gpus if found.machine else 1
    heads = 1 if found.model.attention.kind == "mla" else found.model.kv_heads
    copies = max(1.0, devices / max(1, heads))
    bits, longest = _kv_bits(found), _context(found)
    if _counts_by_request(found):
        batch = found.conditions.batched_tokens or buffers.of_engine("vllm").batch_tokens
        said = found.row.context or found.conditions.max_len or found.model.context_max
        longest = float(said)
        return kv.pool_tokens_by_request(found.model, pool / copies, longest, batch, bits)
    return kv.pool_tokens(found.model, pool / copies, bits)


def _counts_by_request(found: Resolved) -> bool:
    """By version, or by date where none is told."""
    version = _version(found)
    if found.engine_id != "vllm":
        return True
    if version is not None:
        return version >= BY_REQUEST
    return (found.row.date or "") >= "2026"


def _weights_and_scratch(found: Resolved) -> float:
    assert found.model is not None
    devices = found.machine.gpus if found.machine else 1
    return _weights(found) + devices * buffers.fixed_bytes(
        found.engine_id, found.model, found.machine
    )


def at_once(found: Resolved, shelf: Catalogue) -> int:
    """Requests that run together: the clients, as far as settings and memory let them."""
    engine = shelf.engines[found.engine_id]
    wanted = min(found.clients, found.conditions.slots or _unsaid(found, engine))
    room = _shares(found, shelf)
    if room is None or found.model is None or engine.kv != "pool":
        return max(1, wanted)
    left = room - _weights_and_scratch(found)
    if left <= 0:  # it ran all the same: then its memory is not what the row says
        return max(1, wanted)
    one = kv.bytes_of(found.model, max(1.0, found.talk.tokens), _kv_bits(found))
    return max(1, min(wanted, int(left / one)))


def _unsaid(found: Resolved, engine: Engine) -> int:
    """Requests at once where the row names no setting: as shipped, or as people usually set it. A
    benchmark inside the engine runs what it was told."""
    if engine.kv == "slots" and setting(found).served:
        return engine.slots_unsaid or engine.slots_as_shipped
    if engine.slots_large is None or found.machine is None:
        return engine.slots_limit
    device = found.machine.device
    roomy = device is None or (device.memory_gib or 0) >= LARGE_GIB
    large = roomy and not (device and "a100" in device.id)
    return engine.slots_large if large else engine.slots_as_shipped
