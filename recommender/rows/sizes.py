"""What a row's weights, cache and buffers take, in bytes."""

from __future__ import annotations

from recommender.catalogue import GIB
from recommender.estimate import buffers, kv
from recommender.estimate.traits import family
from recommender.estimate.weights import weights_bytes
from recommender.rows.conditions import KV_BITS
from recommender.rows.resolve import Resolved

CONTEXT = 4096  # tokens, where neither row nor flags say
EXACT_COUNT = (0.004, 0.06)  # llama-bench's parameters that differ so much are another file's


def weights(found: Resolved) -> float:
    """llama-bench counts parameters exactly: where it counts others, the file has others (a layer
    that predicts several tokens ahead, for example)."""
    assert found.model is not None
    assert found.variant is not None
    size, said = weights_bytes(found.model, found.variant), found.row.params_b
    if said is None or found.variant.format != "gguf" or round(said, 1) == said:
        return size
    ratio = said * 1e9 / found.model.params
    return size * ratio if EXACT_COUNT[0] < abs(ratio - 1) < EXACT_COUNT[1] else size


def kv_bits(found: Resolved) -> float:
    """A row of a cache alone may name the cache's type as its quantisation, in lower case."""
    if found.conditions.kv_bits is not None:
        return found.conditions.kv_bits
    said = found.row.quant if found.row.kind == "memory_kv" else None
    return KV_BITS.get(said or "", kv.BITS)


def context(found: Resolved) -> float:
    said = found.row.context or found.conditions.max_len
    longest = found.model.context_max if found.model else CONTEXT
    talk = (found.row.prompt_tokens or 0) + (found.row.gen_tokens or 0)
    return float(said or talk or min(CONTEXT, longest))


def cache(found: Resolved) -> float:
    """llama.cpp's context is that of all slots together; others count each request's."""
    assert found.model is not None
    bits, tokens = kv_bits(found), context(found)
    slots = found.conditions.slots or found.clients
    if found.engine_id == "llama.cpp":
        batch = found.conditions.ubatch or buffers.of_engine("llama.cpp").batch_tokens
        return kv.reserved(found.model, tokens, slots, batch, bits)
    return found.clients * kv.bytes_of(found.model, tokens, bits, tensor(found))


def tensor(found: Resolved) -> int:
    """Devices that share every matrix, and so the cache."""
    if family(found.engine_id) != "server":
        return 1
    return found.conditions.tensor_parallel or found.devices


def weights_and_cache(found: Resolved) -> float:
    """Bytes of what is in layers."""
    return weights(found) + cache(found)


def scratch(found: Resolved) -> float:
    """Bytes of what every device needs besides, of all of them."""
    assert found.model is not None
    batch = found.conditions.ubatch or buffers.of_engine(found.engine_id).batch_tokens
    tokens = min(batch, round(found.row.prompt_tokens or batch)) or batch
    size = buffers.compute_bytes(found.engine_id, found.model, tokens)
    if found.conditions.flash is False:
        size += 4 * found.model.heads * tokens * context(found)
    return found.devices * (size + _itself(found))


def _itself(found: Resolved) -> float:
    """What MLX calls its peak are its own arrays alone."""
    if found.engine_id == "mlx-lm" or found.grows:
        return 0.0
    return (found.backend.overhead_gib if found.backend else 0.5) * GIB
