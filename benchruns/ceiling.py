"""The physical limit: a decode step reads the active weights once, whoever wrote the engine.

The limits err on the high side on purpose. They are to catch the impossible, not the surprising.
"""

from __future__ import annotations

from typing import Final

from benchruns.host.document import HostFacts, ModelFacts, ResultDocument
from benchruns.host.plan import Plan

CACHE_GB_S_PER_CORE: Final = 256.0  # 64 bytes a cycle at 4 GHz: the second-level cache of a core
CPU_GB_S: Final = 2_000.0  # two sockets with twelve channels of the fastest modules sold in 2026
ACCELERATOR_GB_S: Final = 10_000.0  # above the fastest single accelerator sold in 2026
FITS_A_CACHE_BYTES: Final = 2 * 2**30


def per_user_tok_s(plan: Plan, document: ResultDocument) -> float | None:
    """Tokens/s one user can have at most; None where the weights' size is not known."""
    del plan
    read = active_bytes(document.model)
    if not read:
        return None
    return bandwidth_gb_s(document.host, read) * 1e9 / read


def active_bytes(model: ModelFacts) -> int | None:
    """Bytes a step reads at least. Routed experts make this less than the file."""
    experts = model.spec.get("experts") or model.spec.get("expert_count")
    return None if experts else model.weights_bytes


def bandwidth_gb_s(host: HostFacts, read_bytes: int) -> float:
    """10**9 bytes/s that this kind of machine can read at most, all its devices together."""
    if host.accelerators:
        return ACCELERATOR_GB_S * len(host.accelerators)
    caches = CACHE_GB_S_PER_CORE * host.cores_logical
    return caches if read_bytes < FITS_A_CACHE_BYTES else min(caches, CPU_GB_S)
