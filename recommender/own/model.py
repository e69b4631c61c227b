"""A model of one's own as an answer: `custom:<name>;layers32;hidden4096;…`.

All of it is in the answer, so that links need nothing kept anywhere. Words may come in any order;
what is not said is none. The canonical form has them in the order of `WORDS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import ValidationError

from recommender.entries import Model, Source
from recommender.own.errors import OwnError

START: Final = "custom:"
MOST_LETTERS: Final = 600
LONGEST_NAME: Final = 64
NAME = re.compile(r"[^\W_][\w .+()/-]*", re.ASCII)
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
WORD = re.compile(r"([a-z]+?)([0-9]{1,15})?", re.ASCII)

WORDS: Final[Mapping[str, tuple[str, int]]] = {
    "params": ("params", 10**14),
    "extra": ("extra_params", 10**13),
    "tables": ("looked_up_params", 10**13),
    "active": ("active_params", 10**14),
    "layers": ("layers", 1024),
    "hidden": ("hidden", 2**18),
    "heads": ("heads", 4096),
    "kv": ("kv_heads", 4096),
    "dim": ("head_dim", 2**14),
    "ffn": ("ffn", 2**20),
    "vocab": ("vocab", 2**22),
    "context": ("context_max", 10**8),
    "experts": ("experts", 65_536),
    "chosen": ("active_experts", 65_536),
    "effn": ("expert_ffn", 2**20),
    "moe": ("moe_layers", 1024),
}
"""The word of a number, the field of `Model` it is, and the largest it may be."""

MEMORY: Final[Mapping[str, tuple[str, int]]] = {
    "full": ("full_layers", 1024),
    "window": ("window", 10**8),
    "fullkv": ("full_kv_heads", 4096),
    "fulldim": ("full_head_dim", 2**14),
    "latent": ("latent", 2**16),
    "state": ("state_bytes", 2**31),
}
FLAGS: Final[Mapping[str, str]] = {
    "tied": "tied",
    "plain": "llama_shaped",
    "qknorm": "qk_norm",
    "qkvbias": "qkv_bias",
    "embeds": "embedding_only",
}
KINDS: Final = ("sliding", "mla", "hybrid")
NEEDED: Final = ("params", "layers", "hidden", "heads", "kv", "dim", "ffn", "vocab", "context")
MIXTURE: Final = ("active", "experts", "chosen", "effn")
ZERO: Final = ("extra", "tables", "state", "full")
"""Words that may be 0."""


def is_own(answer: str) -> bool:
    """Whether an answer describes a model or device instead of naming one of the catalogue."""
    return answer[: len(START)].lower() == START


def tidy(name: str) -> str:
    """A name people wrote, without what an answer cannot hold; "" where nothing is left."""
    said = name.strip()[:LONGEST_NAME]
    allowed = r"[^\w .+()/-]+" if REPOSITORY.fullmatch(said) else r"[^\w .+()-]+"
    kept = re.sub(allowed, " ", said, flags=re.ASCII)
    return re.sub(r"\s+", " ", kept).lstrip(" ._+()/-").rstrip(" /")


def called(name: str) -> tuple[str, str]:
    """What to call it, and its repository on Hugging Face where the name is one, else ""."""
    found = REPOSITORY.fullmatch(name)
    return (name.rpartition("/")[2], name) if found else (name, "")


def sealed(model: Model) -> Model:
    """The same model with the answer that means it as its id: what `decode` gives back."""
    return decode(encode(model))


def encode(model: Model) -> str:
    """The answer that means this model.

    Raises:
        OwnError: one of its numbers is beyond what an answer may hold; `decode` says which.
    """
    name = tidy(model.hf_id or model.name) or "My model"
    return START + ";".join((name, f"family-{_family(model.family)}", *_words(model)))


def _family(family: str) -> str:
    return re.sub(r"[^a-z0-9.-]+", "-", family.lower())[:32] or "unknown"


def _words(model: Model) -> Iterator[str]:
    for word, (field, _) in WORDS.items():
        value = getattr(model, field)
        if value:
            yield f"{word}{value}"
    memory = model.attention
    if memory.kind != "full":
        yield memory.kind
        said = {word: getattr(memory, field) for word, (field, _) in MEMORY.items()}
        yield from (
            f"{word}{n}" for word, n in said.items() if n is not None and (n or word == "full")
        )
    if memory.upper_bound:
        yield "upperbound"
    yield from (word for word, field in FLAGS.items() if getattr(model, field))


@lru_cache(maxsize=1024)
def decode(answer: str) -> Model:
    """The model that an answer describes; its `id` is the canonical answer.

    Raises:
        OwnError: it does not describe one; the sentence says what is wrong.
    """
    if not is_own(answer) or len(answer) > MOST_LETTERS:
        raise OwnError(
            f"A model of your own begins with {START} and has at most {MOST_LETTERS} letters."
        )
    name, *words = (part.strip() for part in answer[len(START) :].split(";"))
    fields = _fields(checked_name(name), [word for word in words if word])
    try:
        found = Model.model_validate(fields)
    except ValidationError as error:
        raise OwnError(f"The model {name!r} is not complete: {_why(error)}.") from error
    _plausible(found)
    return found.model_copy(update={"id": encode(found)})


def _why(error: ValidationError) -> str:
    return error.errors()[0]["msg"].removeprefix("Value error, ")


def checked_name(name: str) -> str:
    """Raises OwnError for a name that an answer cannot hold."""
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        raise OwnError(
            f"The name {name[:80]!r} cannot be used: 1 to {LONGEST_NAME} letters, digits, spaces "
            "and . _ - + / ( ), a letter or digit first."
        )
    return name


def _fields(name: str, words: list[str]) -> dict[str, Any]:
    short, repository = called(name)
    fields: dict[str, Any] = {"id": START, "name": short, "hf_id": repository}
    fields["family"] = "unknown"
    fields["sources"] = (Source(cite="described by whoever asked"),)
    memory: dict[str, Any] = {}
    seen: set[str] = set()
    for word in words:
        _take(word, fields, memory, seen)
    missing = [word for word in NEEDED if WORDS[word][0] not in fields]
    if missing:
        raise OwnError(f"The model {name!r} does not say {', '.join(missing)}.")
    there = [word for word in MIXTURE if WORDS[word][0] in fields]
    if there and len(there) < len(MIXTURE):
        raise OwnError(f"With {', '.join(there)} go all of {', '.join(MIXTURE)}.")
    return fields | {"attention": memory}


def _take(word: str, fields: dict[str, Any], memory: dict[str, Any], seen: set[str]) -> None:
    name, number = _parted(word)
    if name in seen:
        raise OwnError(f"{name} is said twice.")
    seen.add(name)
    if name.startswith("family-"):
        fields["family"] = name.removeprefix("family-")
    elif number is None:
        _take_flag(name, fields, memory)
    elif name in WORDS:
        fields[WORDS[name][0]] = _within(name, number, WORDS[name][1])
    elif name in MEMORY:
        memory[MEMORY[name][0]] = _within(name, number, MEMORY[name][1])
    else:
        raise _unknown(word)


def _parted(word: str) -> tuple[str, int | None]:
    if re.fullmatch(r"family-[a-z0-9.-]{1,32}", word, re.ASCII):
        return word, None
    found = WORD.fullmatch(word)
    if found is None:
        raise _unknown(word)
    return found[1], None if found[2] is None else int(found[2])


def _take_flag(name: str, fields: dict[str, Any], memory: dict[str, Any]) -> None:
    if name in KINDS:
        if "kind" in memory:
            raise OwnError(f"Attention is {memory['kind']} or {name}, not both.")
        memory["kind"] = name
    elif name == "upperbound":
        memory["upper_bound"] = True
    elif name in FLAGS:
        fields[FLAGS[name]] = True
    else:
        raise _unknown(name)


def _unknown(word: str) -> OwnError:
    known = ", ".join([*WORDS, *MEMORY])
    switches = ", ".join([*KINDS, *FLAGS, "upperbound"])
    return OwnError(
        f"{word[:40]!r} is no part of a model. Numbers follow these words: {known}; alone stand "
        f"{switches}."
    )


def _within(word: str, number: int, most: int) -> int:
    least = 0 if word in ZERO else 1
    if not least <= number <= most:
        raise OwnError(f"{word} is {number:,}; it takes a whole number from {least} to {most:,}.")
    return number


def _plausible(model: Model) -> None:
    """What would make an estimate nonsense."""
    if model.heads % model.kv_heads:
        raise OwnError(f"{model.heads} heads cannot share kv{model.kv_heads} evenly.")
    if (model.attention.full_layers or 0) > model.layers or (model.moe_layers or 0) > model.layers:
        raise OwnError(f"More layers of one kind than the {model.layers} there are.")
    if (model.active_experts or 0) > (model.experts or 0):
        raise OwnError(f"{model.active_experts} experts are chosen of {model.experts}.")
    if model.active > model.params:
        raise OwnError("More parameters are active than there are.")
    if model.embedding_params + model.looked_up_params > model.params:
        raise OwnError("Its vocabulary alone has more parameters than the whole model.")
