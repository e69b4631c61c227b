"""Names as people write them, taken apart into words that can be compared."""

from __future__ import annotations

import re

_MARKS = re.compile(r"[^a-z0-9.+]+")
_GLUED = re.compile(r"(?<=[a-z]{2})(?=\d)")  # llama3.1 -> llama 3.1, but not a3b, r1, q4
_UNITS = re.compile(r"(?<=\d)\s+(?=(?:b|gb|gib|bit|bpw)\b)")  # 8 B -> 8b
_VERSION = re.compile(r"(?<=[^a-z]\d)_(?=\d)")  # Llama-3_1 -> 3.1, but not q4_0
_DOTS = re.compile(r"(?<!\d)\.|\.(?!\d)")  # those that are in no number
_WHOLE = re.compile(r"^(\d+)\.0(b?)$")  # 8.0b -> 8b

FORMATS = re.compile(
    r"""^(?:gguf|ggml|awq|gptq|exl[23]?|mlx|bnb|nf4|hf|fp\d+|bf\d+|f16|f32|int[48]?|\d+bits?|dwq
    |w\d+a\d+|nvfp4|mxfp[48]|dynamic|static|block|quantized|quant|ud|imatrix|i1|qat|i?q\d+|tq\d
    |k|m|s|l|xl|xs|xxs|medium|small|g\d+|gs\d+|marlin|autoround|kv|safetensors|sym|.*bpw)$""",
    re.VERBOSE,
)
"""Words of a model's name that say how it is stored rather than which it is."""

GGUF = re.compile(
    r"(?<![a-z])(?:ud[-_ ])?((?:i?q|tq)\d(?:[-_ ](?:k|\d|xxs|xs|s|m|nl|xl))*)", re.IGNORECASE
)
"""A quantisation of GGUF files within a name."""


def words(name: str) -> tuple[str, ...]:
    """Lower case, without punctuation: `Meta-Llama3.1 8B` is meta, llama, 3.1, 8b."""
    text = _DOTS.sub(" ", _VERSION.sub(".", _UNITS.sub("", name.lower())))
    pieces = (piece.strip(".") for piece in _MARKS.split(text))
    split = (word for piece in pieces for word in _apart(piece))
    return tuple(_WHOLE.sub(r"\1\2", word) for word in split)


def without_owner(name: str) -> str:
    """`unsloth/Qwen3-8B-GGUF` is Qwen3-8B-GGUF; a path's last part is the name."""
    return name.rstrip("/").rsplit("/", maxsplit=1)[-1]


def without_brackets(name: str) -> str:
    """What stands outside of brackets."""
    return re.sub(r"\([^)]*\)|\[[^]]*\]", " ", name)


def _apart(piece: str) -> list[str]:
    return [piece] if FORMATS.match(piece) else _GLUED.sub(" ", piece).split()
