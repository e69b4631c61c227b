"""Writes synthetic GGUF files: streaming, in bounded memory, about as fast as the disk."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFWriter

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import blocks, tokenizer
from benchruns.host.synthetic.layout import Tensor, file_type, tensors
from benchruns.host.synthetic.shape import Shape

logging.getLogger("gguf").setLevel(logging.WARNING)  # it tells its plan for every file
GENERATOR = 3  # part of every cache key: raise it when the bytes change
_NO_DTYPE = np.dtype("float32")  # only uint8 would mean something to the writer
Wrote = Callable[[int], None]
"""Called with the bytes of weights written so far; may raise to stop."""


def write(path: Path, shape: Shape, quant: str, *, seed: int = 1, wrote: Wrote) -> None:
    """The whole file at `path`. Raises CannotMeasure for impossible shapes."""
    if shape.vocab < tokenizer.SMALLEST_VOCAB:
        raise CannotMeasure(
            f"A vocabulary of {shape.vocab} is too small; "
            f"{tokenizer.SMALLEST_VOCAB} is the least synthetic weights can have."
        )
    parts = tensors(shape, quant)
    writer = _header(path, shape, quant, parts)
    try:
        _write_weights(writer, parts, seed, wrote)
    finally:
        writer.close()


def _header(path: Path, shape: Shape, quant: str, parts: tuple[Tensor, ...]) -> GGUFWriter:
    writer = GGUFWriter(path, shape.arch)
    _add_shape(writer, shape)
    writer.add_name(f"synthetic {shape.arch} {shape.layers}x{shape.hidden}")
    writer.add_file_type(file_type(quant))
    writer.add_quantization_version(2)
    tokenizer.add_to(writer, shape.vocab)
    for part in parts:
        writer.add_tensor_info(part.name, part.shape, _NO_DTYPE, part.nbytes, part.kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    return writer


def _add_shape(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context_max)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ffn)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_dim)
    writer.add_value_length(shape.head_dim)
    writer.add_rope_dimension_count(shape.head_dim)
    writer.add_rope_freq_base(shape.rope_theta)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape.vocab)
    if shape.experts:
        writer.add_expert_count(shape.experts)
        writer.add_expert_used_count(shape.experts_used)
        writer.add_expert_feed_forward_length(shape.expert_ffn)
    if shape.window:
        writer.add_sliding_window(shape.window)
        writer.add_sliding_window_pattern(shape.full_every)


def _write_weights(writer: GGUFWriter, parts: tuple[Tensor, ...], seed: int, wrote: Wrote) -> None:
    assert writer.fout is not None
    out = writer.fout[0]
    writer.write_padding(out, out.tell())
    tiles: dict[tuple[GGMLQuantizationType, bool], memoryview] = {}
    done = 0
    for part in parts:
        key = (part.kind, part.ones)
        if key not in tiles:
            tiles[key] = blocks.ones() if part.ones else blocks.tile(part.kind, seed)
        for count in _lay(out, tiles[key], part):
            done += count
            wrote(done)
        writer.write_padding(out, part.nbytes)


def _lay(out: IO[bytes], tile: memoryview, part: Tensor) -> Iterator[int]:
    """Lays the tile again and again, each tensor beginning elsewhere in it. Yields bytes."""
    block = GGML_QUANT_SIZES[part.kind][1]
    at = zlib.crc32(part.name.encode()) % (len(tile) // block) * block
    left = part.nbytes
    while left:
        piece = tile[at : at + min(left, len(tile) - at)]
        out.write(piece)
        left -= len(piece)
        at = 0
        yield len(piece)
