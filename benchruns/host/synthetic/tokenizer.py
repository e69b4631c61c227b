"""A tokenizer in which one pronounceable word is exactly one token.

Byte-pair encoding of the "llama-bpe" kind takes a whole word where the vocabulary has it, so a
prompt of n of these words has n tokens. Words come first in the vocabulary: equal logits (tiled
weights repeat) then pick a word, never a control token without text.
"""

from __future__ import annotations

from gguf import GGUFWriter, TokenType

_CONSONANTS = "bdfgjklmnprstvwz"
_VOWELS = "aeiou"
_SYLLABLES = tuple(c + v for c in _CONSONANTS for v in _VOWELS)
SPACE = "Ġ"  # how byte-pair vocabularies write a space
_ASCII = tuple(chr(code) for code in range(0x21, 0x7F))
_PAIR = SPACE * 2  # the one merge; a vocabulary without merges does not load
_BOS, _EOS = "<|begin|>", "<|end|>"
_TAIL = (SPACE, "Ċ", *_ASCII, _PAIR, _BOS, _EOS)
SMALLEST_VOCAB = len(_TAIL) + 16


def word(index: int) -> str:
    """The same word for the same number, different ones for different numbers."""
    base = len(_SYLLABLES)
    parts = [_SYLLABLES[index % base], _SYLLABLES[index // base % base]]
    rest = index // base**2
    while rest:
        rest, last = divmod(rest - 1, base)
        parts.append(_SYLLABLES[last])
    return "".join(parts)


def words_in(vocab: int) -> int:
    """How many tokens of such a vocabulary are words."""
    return vocab - len(_TAIL)


def vocabulary(vocab: int) -> list[str]:
    return [*(SPACE + word(i) for i in range(words_in(vocab))), *_TAIL]


def add_to(writer: GGUFWriter, vocab: int) -> None:
    """Writes the tokenizer's metadata. `vocab` is at least SMALLEST_VOCAB."""
    kinds = [TokenType.NORMAL] * (vocab - 2) + [TokenType.CONTROL] * 2
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(vocabulary(vocab))
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{SPACE} {SPACE}"])
    writer.add_bos_token_id(vocab - 2)
    writer.add_eos_token_id(vocab - 1)
    writer.add_add_bos_token(False)
