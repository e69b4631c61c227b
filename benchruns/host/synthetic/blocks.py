"""Tiles of valid random weights, one per GGML type.

A tile is a few MiB of whole blocks, made once and laid down again and again, so that writing is
as fast as the disk. Weights are centred on 0 with a spread near 0.02, as a fresh model's are:
logits stay finite and no kernel meets a denormal. Block layouts: ggml's `ggml-common.h`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
SPREAD = 0.02
TILE_BYTES = 8 * 2**20

_F16_ONE = np.dtype("<f2")


def _half(value: float, count: int) -> Bytes:
    """`count` copies of one 16-bit float, as rows of 2 bytes."""
    return np.full((count, 1), value, _F16_ONE).view(np.uint8)


def _random(rng: np.random.Generator, count: int, width: int) -> Bytes:
    return rng.integers(0, 256, (count, width), np.uint8)


def _f16(rng: np.random.Generator, count: int) -> Bytes:
    return (rng.standard_normal((count, 1), np.float32) * SPREAD).astype(_F16_ONE).view(np.uint8)


def _bf16(rng: np.random.Generator, count: int) -> Bytes:
    wide = (rng.standard_normal(count, np.float32) * SPREAD).view(np.uint32)
    return (wide >> 16).astype("<u2").reshape(count, 1).view(np.uint8)


def _q8_0(rng: np.random.Generator, count: int) -> Bytes:
    return np.hstack([_half(SPREAD / 74, count), _random(rng, count, 32)])


def _q4_0(rng: np.random.Generator, count: int) -> Bytes:
    return np.hstack([_half(SPREAD / 4.6, count), _random(rng, count, 16)])


def _q5_0(rng: np.random.Generator, count: int) -> Bytes:
    return np.hstack([_half(SPREAD / 9.2, count), _random(rng, count, 20)])


def _q5_1(rng: np.random.Generator, count: int) -> Bytes:
    """weight = d·q + m with m = −d·(mean of q)."""
    d = SPREAD / 9.2
    return np.hstack([_half(d, count), _half(-15.5 * d, count), _random(rng, count, 20)])


def _mxfp4(rng: np.random.Generator, count: int) -> Bytes:
    """One exponent of 8 bits for 32 values of 4: 2**-8 puts their spread near SPREAD."""
    return np.hstack([np.full((count, 1), 120, np.uint8), _random(rng, count, 16)])


def _f32(rng: np.random.Generator, count: int) -> Bytes:
    return (rng.standard_normal((count, 1), np.float32) * SPREAD).astype("<f4").view(np.uint8)


def _scales_6bit(count: int) -> Bytes:
    """Twelve bytes that pack eight scales and eight minima of 6 bits, all of them 32.

    The upper two bits of the last four of each sit on top of the first four.
    """
    packed = np.array([0b10_100000] * 8 + [0] * 4, np.uint8)
    return np.tile(packed, (count, 1))


def _k(rng: np.random.Generator, count: int, bits: int, payload: int) -> Bytes:
    """weight = 32·d·q − 32·dmin with dmin = d·(mean of q), so the mean is 0."""
    mean, spread = (2**bits - 1) / 2, (2**bits) / 12**0.5
    d = SPREAD / (32 * spread)
    head = [_half(d, count), _half(d * mean, count), _scales_6bit(count)]
    return np.hstack([*head, _random(rng, count, payload)])


def _q4_k(rng: np.random.Generator, count: int) -> Bytes:
    return _k(rng, count, bits=4, payload=128)


def _q5_k(rng: np.random.Generator, count: int) -> Bytes:
    return _k(rng, count, bits=5, payload=160)


def _q6_k(rng: np.random.Generator, count: int) -> Bytes:
    scales = np.full((count, 16), 32, np.uint8)
    return np.hstack([_random(rng, count, 192), scales, _half(SPREAD / (32 * 18.5), count)])


_MAKERS: dict[GGMLQuantizationType, Callable[[np.random.Generator, int], Bytes]] = {
    GGMLQuantizationType.F32: _f32,
    GGMLQuantizationType.F16: _f16,
    GGMLQuantizationType.BF16: _bf16,
    GGMLQuantizationType.Q8_0: _q8_0,
    GGMLQuantizationType.Q4_0: _q4_0,
    GGMLQuantizationType.Q5_0: _q5_0,
    GGMLQuantizationType.Q5_1: _q5_1,
    GGMLQuantizationType.MXFP4: _mxfp4,
    GGMLQuantizationType.Q4_K: _q4_k,
    GGMLQuantizationType.Q5_K: _q5_k,
    GGMLQuantizationType.Q6_K: _q6_k,
}


def tile(kind: GGMLQuantizationType, seed: int, size: int = TILE_BYTES) -> memoryview:
    """About `size` bytes of whole random blocks."""
    block_bytes = GGML_QUANT_SIZES[kind][1]
    count = max(1, size // block_bytes)
    made = _MAKERS[kind](np.random.default_rng([seed, kind.value]), count)
    assert made.shape == (count, block_bytes)
    return memoryview(made.tobytes())


def ones(size: int = TILE_BYTES) -> memoryview:
    """What norms are, as 32-bit floats."""
    return memoryview(np.ones(size // 4, "<f4").tobytes())
