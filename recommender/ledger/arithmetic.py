"""What arithmetic alone says: physical limits, sizes, ratios. Plain numbers in, plain numbers out.

The limit of decoding: a step reads every active weight once, so one stream can never get more
tokens/s than the memory's bandwidth divided by the bytes of the weights, without speculation.
"""

from __future__ import annotations

GIB = 2**30
PCIE4_X16_GB_S = 31.5
"""One direction of PCI Express 4.0 with 16 lanes: 16 GT/s × 16 × 128/130 / 8."""


def weights_gb(params: float, bits_per_weight: float) -> float:
    """Size in GB (10**9 bytes) of that many weights."""
    return params * bits_per_weight / 8 / 1e9


def bits_per_weight(params: float, gb: float) -> float:
    return gb * 1e9 * 8 / params


def decode_limit_tok_s(bandwidth_gb_s: float, read_gb: float, streams: int = 1) -> float:
    """Output tokens/s of `streams` together that no engine can exceed without speculation.

    `read_gb` is what one step reads; the streams of a batch share that one reading.
    """
    return streams * bandwidth_gb_s / read_gb


def fits(weights_gigabytes: float, memory_gib: float) -> bool:
    """Do the weights alone fit, before cache and overhead?"""
    return weights_gigabytes * 1e9 <= memory_gib * GIB


def spilled_gb(weights_gigabytes: float, memory_gib: float) -> float:
    """What has to stay outside the card, in GB; 0 when everything fits."""
    return max(0.0, weights_gigabytes - memory_gib * GIB / 1e9)


def spill_limit_tok_s(spilled: float, link_gb_s: float = PCIE4_X16_GB_S, streams: int = 1) -> float:
    """Ceiling when what did not fit crosses the link to the card in every step."""
    return streams * link_gb_s / spilled


def ratio_of_deficit(share: float) -> float:
    """ "30 % lower" read the other way round: the other is 1 / (1 - 0.3) = 1.43 times as fast."""
    return 1.0 / (1.0 - share)


def overlap(one: tuple[float, float | None], other: tuple[float, float | None]) -> bool:
    """Do two ranges share a value? An end of None is open."""
    return (other[1] is None or one[0] <= other[1]) and (one[1] is None or other[0] <= one[1])


def cores_for(build_s: float, cores: int, target_s: float) -> float:
    """Cores that would finish in `target_s`, if compiling spread perfectly: never fewer."""
    return build_s * cores / target_s
