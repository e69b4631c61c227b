"""A folder as the Hugging Face libraries read it: config, tokenizer, and weights where wanted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import tokenizer
from benchruns.host.synthetic.shape import Shape

# GGUF architecture -> (Hugging Face `model_type`, class). Dense ones, whose tensors are known here.
ARCHITECTURES = {
    "llama": ("llama", "LlamaForCausalLM"),
    "qwen2": ("qwen2", "Qwen2ForCausalLM"),
    "qwen3": ("qwen3", "Qwen3ForCausalLM"),
}
DTYPES = {"BF16": "bfloat16", "F16": "float16"}


def check(shape: Shape, quant: str) -> None:
    """Raises CannotMeasure for what such a folder is not made of here."""
    if shape.arch not in ARCHITECTURES or shape.experts:
        which = f"{shape.arch}, with experts" if shape.experts else shape.arch
        raise CannotMeasure(
            f"A Hugging Face folder of such a model ({which}) cannot be made yet; dense ones can: "
            f"{', '.join(ARCHITECTURES)}."
        )
    if quant not in DTYPES:
        raise CannotMeasure(
            f"Synthetic weights in a Hugging Face folder are {' or '.join(DTYPES)}, not {quant}."
        )
    if shape.vocab < tokenizer.SMALLEST_VOCAB:
        raise CannotMeasure(
            f"A vocabulary of {shape.vocab} is too small; {tokenizer.SMALLEST_VOCAB} is the least "
            "synthetic weights can have."
        )


def config(shape: Shape, quant: str) -> dict[str, Any]:
    """`config.json`. Sizes in elements, as everywhere."""
    kind, name = ARCHITECTURES[shape.arch]
    return {
        "architectures": [name],
        "model_type": kind,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.ffn,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_dim,
        "vocab_size": shape.vocab,
        "max_position_embeddings": shape.context_max,
        "rope_theta": shape.rope_theta,
        "rms_norm_eps": 1e-5,
        "tie_word_embeddings": shape.tied,
        "hidden_act": "silu",
        "attention_bias": False,
        "bos_token_id": shape.vocab - 2,
        "eos_token_id": shape.vocab - 1,
        "torch_dtype": DTYPES[quant],
    }


def tokenizer_json(vocab: int) -> dict[str, Any]:
    """Byte-pair encoding that takes a whole word where the vocabulary has it, as Llama 3's does."""
    words = tokenizer.vocabulary(vocab)
    special = [_added(index, words[index]) for index in (vocab - 2, vocab - 1)]
    space = tokenizer.SPACE
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": {**byte_level, "use_regex": True},
        "post_processor": None,
        "decoder": {**byte_level, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": True,
            "vocab": {word: index for index, word in enumerate(words)},
            "merges": [[space, space]],
        },
    }


def _added(index: int, content: str) -> dict[str, Any]:
    off = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": index, "content": content, "special": True, **off}


def tokenizer_config(shape: Shape) -> dict[str, Any]:
    words = tokenizer.vocabulary(shape.vocab)
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": words[-2],
        "eos_token": words[-1],
        "add_bos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": shape.context_max,
        "chat_template": "{% for message in messages %}{{ message['content'] }}{% endfor %}",
    }


def write(folder: Path, shape: Shape, quant: str) -> None:
    """All but the weights. Raises CannotMeasure."""
    check(shape, quant)
    files = {
        "config.json": config(shape, quant),
        "generation_config.json": {
            "bos_token_id": shape.vocab - 2,
            "eos_token_id": shape.vocab - 1,
        },
        "tokenizer.json": tokenizer_json(shape.vocab),
        "tokenizer_config.json": tokenizer_config(shape),
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False) + "\n")
