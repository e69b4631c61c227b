"""The physical limit: a decode step reads the active weights once, whoever wrote the engine.

What a host says of its own bandwidth is not asked: who lies about tokens lies about that too.
Where the catalogue does not know the machine, the limits err on the high side on purpose; they are
to catch the impossible, not the surprising.
"""

from __future__ import annotations

from typing import Final

from benchruns.host.document import HostFacts, ModelFacts, ResultDocument
from benchruns.machines import device_id
from recommender import catalogue

CACHE_GB_S_PER_CORE: Final = 256.0  # 64 bytes a cycle at 4 GHz: the second-level cache of a core
CPU_GB_S: Final = 2_000.0  # two sockets with twelve channels of the fastest modules sold in 2026
ACCELERATOR_GB_S: Final = 10_000.0  # above the fastest single accelerator sold in 2026
FITS_A_CPU_CACHE_BYTES: Final = 2 * 2**30
FITS_A_GPU_CACHE_BYTES: Final = 512 * 2**20
OVERCLOCKED: Final = 1.15


def per_user_tok_s(document: ResultDocument) -> float | None:
    """Tokens/s one user can have at most; None where the weights' size is not known."""
    read = active_bytes(document.model)
    return bandwidth_gb_s(document.host, read) * 1e9 / read if read else None


def active_bytes(model: ModelFacts) -> float | None:
    """Bytes a step reads at least: of a mixture of experts only those that one token is sent to."""
    if model.weights_bytes is None:
        return None
    known = catalogue.load().models.get(model.id)
    return model.weights_bytes * (known.active / known.params if known else 1.0)


def bandwidth_gb_s(host: HostFacts, read_bytes: float) -> float:
    """10**9 bytes/s that this machine can read at most, all its devices together."""
    if host.accelerators:
        return _of_a_device(host, read_bytes) * len(host.accelerators)
    caches = CACHE_GB_S_PER_CORE * host.cores_logical
    return caches if read_bytes < FITS_A_CPU_CACHE_BYTES else min(caches, CPU_GB_S)


def _of_a_device(host: HostFacts, read_bytes: float) -> float:
    known = device_id(host)
    if known is None or read_bytes < FITS_A_GPU_CACHE_BYTES:
        return ACCELERATOR_GB_S
    return catalogue.load().devices[known].bandwidth_gb_s * OVERCLOCKED
