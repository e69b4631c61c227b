"""Writes synthetic weights as safetensors: streaming, in bounded memory, about as fast as the disk.

Layout: 8 bytes of header length, the header as JSON, then the tensors one after the other.
https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO

import numpy as np
from gguf import GGMLQuantizationType

from benchruns.host.synthetic import blocks, hf
from benchruns.host.synthetic.shape import Shape

NAME = "model.safetensors"
_WIDTH = 2  # bytes of a 16-bit weight
_KINDS = {"BF16": GGMLQuantizationType.BF16, "F16": GGMLQuantizationType.F16}
_ONE = {"BF16": 0x3F80, "F16": 0x3C00}
Wrote = Callable[[int], None]
"""Called with the bytes of weights written so far; may raise to stop."""


@dataclass(frozen=True, slots=True)
class Part:
    """One tensor. `ones`: a norm, which lets everything pass as it is."""

    name: str
    shape: tuple[int, ...]
    ones: bool = False

    @property
    def nbytes(self) -> int:
        return prod(self.shape) * _WIDTH


def parts(shape: Shape) -> tuple[Part, ...]:
    """All tensors of a dense model under their Hugging Face names, in file order."""
    return (*_outer(shape), *(part for n in range(shape.layers) for part in _layer(shape, n)))


def weights_bytes(shape: Shape) -> int:
    return sum(part.nbytes for part in parts(shape))


def params(shape: Shape) -> int:
    return sum(prod(part.shape) for part in parts(shape))


def decode_bytes(shape: Shape) -> int:
    """What a decode step reads: all of it, but only one row of an embedding that is not tied."""
    looked_up = 0 if shape.tied else shape.vocab * shape.hidden * _WIDTH
    return weights_bytes(shape) - looked_up


def _outer(shape: Shape) -> Iterator[Part]:
    size = (shape.vocab, shape.hidden)
    yield Part("model.embed_tokens.weight", size)
    yield Part("model.norm.weight", (shape.hidden,), ones=True)
    if not shape.tied:
        yield Part("lm_head.weight", size)


def _layer(shape: Shape, number: int) -> Iterator[Part]:
    begin = f"model.layers.{number}."
    yield Part(f"{begin}input_layernorm.weight", (shape.hidden,), ones=True)
    yield Part(f"{begin}post_attention_layernorm.weight", (shape.hidden,), ones=True)
    yield from _attention(shape, f"{begin}self_attn.")
    for name in ("gate_proj", "up_proj"):
        yield Part(f"{begin}mlp.{name}.weight", (shape.ffn, shape.hidden))
    yield Part(f"{begin}mlp.down_proj.weight", (shape.hidden, shape.ffn))


def _attention(shape: Shape, begin: str) -> Iterator[Part]:
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    for name, rows in (("q_proj", queries), ("k_proj", keys), ("v_proj", keys)):
        yield Part(f"{begin}{name}.weight", (rows, shape.hidden))
        if shape.arch == "qwen2":
            yield Part(f"{begin}{name}.bias", (rows,))
    if shape.arch == "qwen3":
        yield Part(f"{begin}q_norm.weight", (shape.head_dim,), ones=True)
        yield Part(f"{begin}k_norm.weight", (shape.head_dim,), ones=True)
    yield Part(f"{begin}o_proj.weight", (shape.hidden, queries))


def write(path: Path, shape: Shape, quant: str, *, seed: int = 1, wrote: Wrote) -> None:
    """The whole file at `path`. Raises CannotMeasure for what cannot be made."""
    hf.check(shape, quant)
    all_parts = parts(shape)
    random = blocks.tile(_KINDS[quant], seed)
    ones = memoryview(np.full(2**20, _ONE[quant], "<u2").tobytes())
    with path.open("wb") as out:
        header = _header(all_parts, quant)
        out.write(struct.pack("<Q", len(header)) + header)
        done = 0
        for part in all_parts:
            for count in _lay(out, ones if part.ones else random, part):
                done += count
                wrote(done)


def _header(all_parts: tuple[Part, ...], quant: str) -> bytes:
    """Padded with spaces to whole 8 bytes, so that the weights are aligned."""
    at, told = 0, {"__metadata__": {"format": "pt"}}
    for part in all_parts:
        place = {"dtype": quant, "shape": part.shape, "data_offsets": (at, at + part.nbytes)}
        told[part.name] = place  # type: ignore[assignment]
        at += part.nbytes
    header = json.dumps(told, separators=(",", ":")).encode()
    return header + b" " * (-len(header) % 8)


def _lay(out: IO[bytes], tile: memoryview, part: Part) -> Iterator[int]:
    """Lays the tile again and again, each tensor beginning elsewhere in it. Yields bytes."""
    at = zlib.crc32(part.name.encode()) % (len(tile) // _WIDTH) * _WIDTH
    left = part.nbytes
    while left:
        piece = tile[at : at + min(left, len(tile) - at)]
        out.write(piece)
        left -= len(piece)
        at = 0
        yield len(piece)
