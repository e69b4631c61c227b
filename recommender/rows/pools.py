"""Pools: what engines fill with cache, how many tokens and how many requests that holds."""

from __future__ import annotations

import re

from recommender.catalogue import GIB, Catalogue, Engine
from recommender.estimate import buffers, kv
from recommender.rows import sizes
from recommender.rows.resolve import Resolved
from recommender.rows.setting import setting

Three = tuple[float, float, float]

SIZES = (16, 24, 32, 48, 80, 96, 141, 180)  # GiB of usual accelerators
ROOMY = 1.12  # a device that nobody names holds the weights with at least so much to spare
CHUNKS = (0, 8), "2025-03"  # the first vLLM that cuts all long prompts as shipped, and its month
CHUNKS_FROM = 32_768  # tokens: older ones cut the prompts of models with more
GRAPHS_INSIDE = (0, 21)  # the first vLLM whose graphs come out of the share
SHARE_WITH_GRAPHS = 0.92  # as it ships since then
BY_REQUEST = (0, 20)  # the first vLLM whose pool is counted by requests
SPREAD = 0.1
LARGE_GIB = 70  # from which on vLLM ships with more requests at once
UNTOLD = 4.0  # factor on a pool of a device that nobody names


def shares(found: Resolved, shelf: Catalogue) -> float | None:
    """What a pool's engine may fill, over all devices; None where no memory is known."""
    seen = _seen(found)
    return None if seen is None else seen * _share(found, shelf)


def _share(found: Resolved, shelf: Catalogue) -> float:
    shipped = shelf.engines[found.engine_id].memory_share
    if _graphs_inside(found):
        shipped = max(shipped, SHARE_WITH_GRAPHS)
    return found.conditions.memory_share or shipped


def _graphs_inside(found: Resolved) -> bool:
    """The log of vLLM 0.21 says so itself ("CUDA graph memory profiling is enabled (default since
    v0.21.0)"); 0.92 is in vllm/config/cache.py."""
    return found.engine_id == "vllm" and (_version(found) or (0, 0)) >= GRAPHS_INSIDE


def _seen(found: Resolved) -> float | None:
    """Bytes that a program sees of all devices."""
    if found.machine is None or found.machine.memory_gib is None:
        return None
    return found.machine.memory_gib * buffers.visible_share(found.machine) * GIB


def left(found: Resolved, shelf: Catalogue) -> float | None:
    """What is left for the cache once weights are loaded and a step was tried, over all devices."""
    assert found.model is not None
    seen, share = _seen(found) or _presumed(found, shelf), _share(found, shelf)
    devices = found.devices
    sequences = found.conditions.slots
    fixed = buffers.fixed_bytes(
        found.engine_id, found.model, found.machine, _trial_tokens(found), sequences
    )
    if _graphs_inside(found) and not found.conditions.eager:
        fixed += buffers.of_engine("vllm").graphs_gib * GIB
    weights = sizes.weights(found)
    return buffers.pool_bytes(found.engine_id, seen, share, weights, devices * fixed)


def _trial_tokens(found: Resolved) -> int | None:
    """Prompt tokens that vLLM tries a step with; None: as shipped today. Before it cut all prompts
    into chunks by itself, that was the longest prompt there could be."""
    said = found.conditions.batched_tokens
    if said is not None or found.engine_id != "vllm" or _cuts_prompts(found):
        return said
    longest = found.row.context or found.conditions.max_len
    if longest is None or longest > CHUNKS_FROM:
        return None
    return max(2048, round(longest))


def _cuts_prompts(found: Resolved) -> bool:
    """By version, or by date where none is told."""
    first, month = CHUNKS
    version = _version(found)
    return version >= first if version else (found.row.date or month) >= month


def _version(found: Resolved) -> tuple[int, int] | None:
    match = re.search(r"(\d+)\.(\d+)", found.row.engine_version or "")
    return (int(match[1]), int(match[2])) if match else None


def _presumed(found: Resolved, shelf: Catalogue) -> float:
    """The smallest usual device that holds the weights and one request of the longest length, which
    the engine insists on, where the row does not name its own."""
    assert found.model is not None
    share = _share(found, shelf)
    longest = found.row.context or found.conditions.max_len or sizes.CONTEXT
    one = kv.bytes_of(found.model, longest, sizes.kv_bits(found), sizes.tensor(found))
    wanted = (sizes.weights(found) * ROOMY + one) / GIB / found.devices
    size = next((s for s in SIZES if 0.98 * s * share > wanted), SIZES[-1])
    return found.devices * 0.98 * size * GIB


def asked_for(found: Resolved) -> bool:
    text = f"{found.row.unit} {found.row.kind}".lower()
    return found.row.kind == "kv_tokens" or bool(re.search(r"pool|available|reserved|left", text))


def presumes(found: Resolved) -> str:
    """The sentence about it; empty where the device's memory is known."""
    asked = found.row.kind in ("kv_tokens", "memory_kv", "memory_total")
    if not asked or not _needs_device(found) or (found.machine and found.machine.memory_gib):
        return ""
    return "no device is told: the smallest usual one that holds the weights is taken"


def _needs_device(found: Resolved) -> bool:
    return found.row.kind == "kv_tokens" or asked_for(found)


def tokens(found: Resolved, shelf: Catalogue) -> Three | str:
    assert found.model is not None
    pool = left(found, shelf)
    if pool is None:
        return "neither device nor memory is told"
    if pool <= 0:
        return "the weights leave no room for a cache there"
    value = _held(found, pool)
    if presumes(found):
        return value, value / UNTOLD, value * UNTOLD
    spread = SPREAD
    return value, value * (1 - spread), value * (1 + spread)


def _held(found: Resolved, pool: float) -> float:
    assert found.model is not None
    tensor, bits, longest = sizes.tensor(found), sizes.kv_bits(found), sizes.context(found)
    if _counts_by_request(found):
        batch = found.conditions.batched_tokens or buffers.of_engine("vllm").batch_tokens
        said = found.row.context or found.conditions.max_len or found.model.context_max
        longest = float(said)
        return kv.pool_tokens_by_request(found.model, pool, longest, batch, bits, tensor)
    return kv.pool_tokens(found.model, pool, bits, tensor)


def _counts_by_request(found: Resolved) -> bool:
    """By version, or by date where none is told."""
    version = _version(found)
    if found.engine_id != "vllm":
        return True
    if version is not None:
        return version >= BY_REQUEST
    return (found.row.date or "") >= "2026"


def _taken(found: Resolved) -> float:
    assert found.model is not None
    devices = found.devices
    return sizes.weights(found) + devices * buffers.fixed_bytes(
        found.engine_id, found.model, found.machine
    )


def at_once(found: Resolved, shelf: Catalogue) -> int:
    """Requests that run together: the clients, as far as settings and memory let them."""
    engine = shelf.engines[found.engine_id]
    wanted = min(found.clients, found.conditions.slots or _unsaid(found, engine))
    room = shares(found, shelf)
    if room is None or found.model is None or engine.kv != "pool":
        return max(1, wanted)
    left = room - _taken(found)
    if left <= 0:  # it ran all the same: then its memory is not what the row says
        return max(1, wanted)
    tensor, bits = sizes.tensor(found), sizes.kv_bits(found)
    one = kv.bytes_of(found.model, max(1.0, found.talk.tokens), bits, tensor)
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
