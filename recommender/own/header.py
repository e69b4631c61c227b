"""The head of a GGUF file: its keys and the shapes of its tensors, never their data.

Bounded: no more than `MOST_BYTES` are looked at. A file cut off there is read as far as it goes,
for the sizes come before the long word lists of the tokenizer.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from math import prod
from typing import Any

from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType

from recommender.own.errors import OwnError

MOST_BYTES = 24 * 1024 * 1024
MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_KEYS = 10_000
MOST_TENSORS = 100_000
MOST_WORDS = 2**20  # of one list; no tokenizer has so many
KEPT = 4096  # a list that is longer is a word list: only its length is kept
MOST_DIMENSIONS = 4
NUMBERS = {
    GGUFValueType.UINT8: "B",
    GGUFValueType.INT8: "b",
    GGUFValueType.UINT16: "H",
    GGUFValueType.INT16: "h",
    GGUFValueType.UINT32: "I",
    GGUFValueType.INT32: "i",
    GGUFValueType.FLOAT32: "f",
    GGUFValueType.BOOL: "?",
    GGUFValueType.UINT64: "Q",
    GGUFValueType.INT64: "q",
    GGUFValueType.FLOAT64: "d",
}


class _CutOff(Exception):
    """The bytes end here."""


@dataclass(frozen=True, slots=True)
class Tensor:
    name: str
    elements: int
    nbytes: float


@dataclass(slots=True)
class Header:
    """`lengths`: of lists that were not kept. `whole`: False where the head was cut off."""

    values: dict[str, Any] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    tensors: list[Tensor] = field(default_factory=list)
    whole: bool = False


def read(head: bytes) -> Header:
    """Keys and tensors from the first bytes of a file.

    Raises:
        OwnError: no GGUF file, of a version that is not known, or damaged.
    """
    bytes_ = _Bytes(memoryview(head)[:MOST_BYTES])
    found = Header()
    try:
        keys, tensors = _start(bytes_)
        for _ in range(keys):
            _entry(bytes_, found)
        found.tensors.extend(_tensor(bytes_) for _ in range(tensors))
        found.whole = True
    except _CutOff:
        found.tensors.clear()
    return found


class _Bytes:
    """A place in the bytes that moves on."""

    def __init__(self, view: memoryview) -> None:
        self._view, self._at = view, 0

    def take(self, count: int) -> memoryview:
        end = self._at + count
        if end > len(self._view):
            raise _CutOff
        part, self._at = self._view[self._at : end], end
        return part

    def number(self, kind: str) -> Any:
        return struct.unpack(f"<{kind}", self.take(struct.calcsize(kind)))[0]

    def skip_texts(self, count: int) -> None:
        """So many texts passed over, quickly: word lists are long."""
        view, at, end = self._view, self._at, len(self._view) - 8
        length = struct.Struct("<Q").unpack_from
        for _ in range(count):
            if at > end:
                raise _CutOff
            at += 8 + length(view, at)[0]
        if at > len(view):
            raise _CutOff
        self._at = at

    def text(self) -> str:
        return bytes(self.take(self.number("Q"))).decode("utf-8", "replace")


def _start(bytes_: _Bytes) -> tuple[int, int]:
    """How many keys and tensors follow."""
    if bytes(bytes_.take(4)) != MAGIC:
        raise OwnError("This is no GGUF file: it does not begin with the letters GGUF.")
    version = bytes_.number("I")
    if version not in VERSIONS:
        known = " and ".join(map(str, VERSIONS))
        raise OwnError(f"This is GGUF version {version}; versions {known} can be read.")
    tensors, keys = bytes_.number("Q"), bytes_.number("Q")
    if keys > MOST_KEYS or tensors > MOST_TENSORS:
        raise OwnError("The head of this GGUF file is damaged: it promises too many entries.")
    return keys, tensors


def _entry(bytes_: _Bytes, found: Header) -> None:
    name, kind = bytes_.text(), _kind(bytes_)
    if kind is not GGUFValueType.ARRAY:
        found.values[name] = _value(bytes_, kind)
        return
    inner, length = _kind(bytes_), bytes_.number("Q")
    if inner is GGUFValueType.ARRAY:
        raise OwnError(f"The head of this GGUF file is damaged: {name[:60]} is a list of lists.")
    if length > MOST_WORDS:
        raise OwnError(f"The head of this GGUF file is damaged: {name[:60]} is too long a list.")
    found.lengths[name] = length
    if length <= KEPT:
        found.values[name] = [_value(bytes_, inner) for _ in range(length)]
    else:
        _skip(bytes_, inner, length)


def _kind(bytes_: _Bytes) -> GGUFValueType:
    number = bytes_.number("I")
    try:
        return GGUFValueType(number)
    except ValueError as error:
        raise OwnError(f"The head of this GGUF file is damaged: no type {number}.") from error


def _value(bytes_: _Bytes, kind: GGUFValueType) -> Any:
    return bytes_.text() if kind is GGUFValueType.STRING else bytes_.number(NUMBERS[kind])


def _skip(bytes_: _Bytes, kind: GGUFValueType, length: int) -> None:
    if kind is not GGUFValueType.STRING:
        bytes_.take(length * struct.calcsize(NUMBERS[kind]))
        return
    bytes_.skip_texts(length)


def _tensor(bytes_: _Bytes) -> Tensor:
    name, dimensions = bytes_.text(), bytes_.number("I")
    if dimensions > MOST_DIMENSIONS:
        raise OwnError(f"The head of this GGUF file is damaged: {name[:60]} has {dimensions} axes.")
    elements = prod(bytes_.number("Q") for _ in range(dimensions))
    stored = _bits(bytes_.number("I"))
    bytes_.number("Q")  # where its data begins
    return Tensor(name, elements, elements * stored)


def _bits(kind: int) -> float:
    """Bytes for each element."""
    try:
        block, size = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
    except (ValueError, KeyError) as error:
        raise OwnError(f"The head of this GGUF file is damaged: no tensor type {kind}.") from error
    return size / block
