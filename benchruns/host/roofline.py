"""The physical limit: a decode step reads every active weight once, so no faster than memory."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import perf_counter

import numpy as np
import psutil

from benchruns.host.document import HostFacts

_CHUNK_BYTES = 64 * 2**20  # per core; all cores together exceed every cache
_ROUNDS = 3
_SMALLEST_BYTES = 256 * 2**20  # smaller weights may live in a cache
_SLACK = 1.5  # a glance at the memory's speed is not its best


@cache
def read_gb_s() -> float | None:
    """What all cores together read from memory, in 10⁹ bytes a second; the best of a few tries.

    None where memory is too scarce to try.
    """
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    if cores * _CHUNK_BYTES > psutil.virtual_memory().available // 4:
        return None
    with ThreadPoolExecutor(cores) as pool:
        chunks = list(pool.map(lambda _: np.ones(_CHUNK_BYTES // 8), range(cores)))
        best = min(_round(pool, chunks) for _ in range(_ROUNDS))
    return round(cores * _CHUNK_BYTES / best / 1e9, 1)


def _round(
    pool: ThreadPoolExecutor, chunks: list[np.ndarray[tuple[int], np.dtype[np.float64]]]
) -> float:
    """Seconds. NumPy lets go of the interpreter lock while it sums."""
    start = perf_counter()
    list(pool.map(np.sum, chunks))
    return perf_counter() - start


def ceiling_tok_s(decode_bytes: int | None, host: HostFacts) -> float | None:
    """Tokens/s per user that nothing on this host can exceed; None where nobody can say.

    `decode_bytes`: what a decode step reads. Valid without speculative decoding.
    """
    known = [a.bandwidth_gb_s for a in host.accelerators]
    if decode_bytes is None or decode_bytes < _SMALLEST_BYTES or None in known:
        return None
    together = sum(b for b in known if b is not None)
    fastest = max(together, (host.read_gb_s or 0.0) * _SLACK)
    return fastest * 1e9 / decode_bytes if fastest else None
