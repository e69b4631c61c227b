"""Which quantisation a row means, as a variant that its engine can be thought to load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import log

from recommender.catalogue import Catalogue, Quant, Variant
from recommender.rows import lexicon
from recommender.rows.names import GGUF, words

BITS_PER_WEIGHT = re.compile(r"(\d+(?:\.\d+)?)\s*-?(?:bpw|bits? per weight|h\d)", re.IGNORECASE)
GROUP = re.compile(r"\b(?:g|gs|group)[-_ ]?(\d{2,3})\b", re.IGNORECASE)
PLAIN = re.compile(r"^(?:q|int|mlx)?[-_ ]?([2-8])$|(?<![\d.])([2-8])[-_ ]?bits?\b", re.IGNORECASE)
USUAL = {"ollama": "Q4_K_M", "llama.cpp": "Q4_K_M", "mlx-lm": "MLX-4bit"}
NAMES = {
    r"nvfp4|nv-fp4": "NVFP4",
    r"mxfp4": "MXFP4",
    r"\bawq": "AWQ",
    r"gptq\D*8|8-?bit\W*gptq": "GPTQ-8bit",
    r"gptq|auto-?round": "GPTQ",
    r"(?:nf4|bnb|bitsandbytes)(?!.*8)": "NF4",
    r"fp8|f8|e4m3|e5m2": "FP8",
    r"w8a8|int8|w8a16|(?<![\d.])8-?bit": "INT8",
    r"w4a16|int4|w4a8|(?<![\d.])4-?bit|nf4|bnb|bitsandbytes": "AWQ",
    r"\bbf16|bfloat|fp16|float16|\bf16|half|full|none|unquantized": "BF16",
}


@dataclass(frozen=True, slots=True)
class Quantised:
    """A quantisation whose only variant is the one this engine reads. `doubt` as elsewhere."""

    quant: Quant
    variant: Variant
    doubt: str = ""


def quantised(name: str | None, engine_id: str, model_name: str, shelf: Catalogue) -> Quantised:
    """What the row says, else what the model's name says, else what the engine ships."""
    name = _as_published(_in_mlx(name, engine_id, model_name), model_name)
    for said in filter(None, (name, _in_name(model_name))):
        if (found := _listed(said, engine_id, shelf)) is not None:
            return found
        if (counted := _by_bits(said, engine_id, shelf)) is not None:
            return counted
    return _usual(name, engine_id, model_name, shelf)


def _in_mlx(name: str | None, engine_id: str, model_name: str) -> str | None:
    """MLX quantises any model to that format, all of it; gpt-oss came with its experts in it."""
    said = (name or _in_name(model_name) or "").lower()
    whole = engine_id == "mlx-lm" and said == "mxfp4" and "gpt-oss" not in model_name.lower()
    return "MLX-MXFP4" if whole else name


def _as_published(name: str | None, model_name: str) -> str | None:
    """Some families are published in a form of their own under a common name."""
    said = set(words(model_name))
    for form in lexicon.load().published:
        if (
            form.family in said
            and form.quant.lower() == (name or _in_name(model_name) or "").lower()
        ):
            return form.means
    return name


def _listed(said: str, engine_id: str, shelf: Catalogue) -> Quantised | None:
    if engine_id == "mlx-lm" and (plain := PLAIN.search(said.strip())) and not GROUP.search(said):
        return _exact(f"MLX-{plain[1] or plain[2]}bit", engine_id, shelf)
    candidates = [said, said.replace("-", "_"), said.upper(), said.replace(" ", "_")]
    if (match := GGUF.search(said)) is not None:
        ud = re.match(r"ud[-_ ]", said[match.start() :], re.IGNORECASE)
        kind = re.sub(r"[-_ ]", "_", match[1]).upper()
        candidates += [f"UD-{kind}"] if ud else []
        candidates += [kind, *_nearby(kind)]
    elif engine_id in ("llama.cpp", "ollama") and (plain := PLAIN.search(said.strip())):
        candidates += _nearby(f"Q{plain[1] or plain[2]}")
    candidates += [q for p, q in NAMES.items() if re.search(p, said, re.IGNORECASE)]
    known = [q for c in candidates if (q := shelf.quant(c)) is not None]
    loaded = (q for q in known if q.variant(engine_id) is not None)
    found = next(loaded, known[0] if known else None)
    return None if found is None else _loaded(found, engine_id, said, shelf)


def _nearby(kind: str) -> tuple[str, ...]:
    """`Q5_K_L` keeps a little more than Q5_K_M, `Q4_0_8_8` is Q4_0 for some processors, and `Q4`
    is what people mean by it."""
    parts = kind.split("_")
    short = "_".join(parts[:2])
    usual = {"Q8": "Q8_0", "Q6": "Q6_K"}.get(kind, f"{parts[0]}_K_M")
    return f"{short}_M", short, usual, f"{parts[0]}_K"


def _exact(name: str, engine_id: str, shelf: Catalogue) -> Quantised | None:
    found = shelf.quant(name)
    return None if found is None else _loaded(found, engine_id, name, shelf)


def _loaded(quant: Quant, engine_id: str, said: str, shelf: Catalogue) -> Quantised:
    """As this engine loads it, or as another does."""
    variant = quant.variant(engine_id)
    if variant is not None:
        return _only(quant, variant, engine_id)
    if quant.id == "F16" and (half := shelf.quants["BF16"].variant(engine_id)) is not None:
        return _only(shelf.quants["BF16"], half, engine_id)
    like = _only(quant, quant.variants[0], engine_id)
    return Quantised(like.quant, like.variant, f"{said} is not known of {engine_id}")


def _only(quant: Quant, variant: Variant, engine_id: str, doubt: str = "") -> Quantised:
    one = variant.model_copy(update={"engines": (engine_id,)})
    return Quantised(quant.model_copy(update={"variants": (one,)}), one, doubt)


def _by_bits(said: str, engine_id: str, shelf: Catalogue) -> Quantised | None:
    """Where only a number of bits is told."""
    bits = _bits(said)
    if bits is None:
        return None
    like = min(shelf.quants.values(), key=lambda q: abs(log(q.bits_per_weight / bits)))
    variant = like.variant(engine_id) or like.variants[0]
    even = {"body_bits": bits, "expert_bits": None}
    ends = {"embedding_bits": max(bits, variant.embedding_bits)}
    one = variant.model_copy(update={**even, **ends, "output_bits": max(bits, 6.0)})
    quant = like.model_copy(update={"id": said, "bits_per_weight": bits})
    return _only(quant, one, engine_id, f"{said} is taken as {bits:g} bits per weight")


def _bits(said: str) -> float | None:
    if (match := BITS_PER_WEIGHT.search(said)) is not None:
        return float(match[1])
    found = re.search(r"(?<![\d.])([1-8](?:\.\d+)?)(?![\d.])", said)
    if found is None:
        return None
    group = GROUP.search(said)
    extra = 0.5 if group is None else 32 / float(group[1])
    return float(found[1]) + (extra if "." not in found[1] else 0.0)


def _in_name(model_name: str) -> str | None:
    """`Qwen3-14B-AWQ`, `model-Q4_K_M.gguf`, `llama 8B Q4_K - Medium`."""
    if (match := GGUF.search(model_name)) is not None:
        return match[0]
    marks = {"awq", "gptq", "fp8", "nvfp4", "mxfp4", "int8", "int4", "w8a8", "w4a16", "bf16"}
    marks |= {"nf4", "bnb", "fp16", "f16", "4bit", "8bit", "6bit", "5bit", "3bit"}
    said = (word for word in words(model_name) if word in marks or word.endswith("bpw"))
    return next(said, None)


def _usual(name: str | None, engine_id: str, model_name: str, shelf: Catalogue) -> Quantised:
    native = "MXFP4" if "gpt-oss" in "-".join(words(model_name)) else None
    gguf = "gguf" in f"{name} {model_name}".lower()
    taken = native or ("Q4_K_M" if gguf else USUAL.get(engine_id, "BF16"))
    quant = shelf.quants[taken]
    found = _only(quant, quant.variant(engine_id) or quant.variants[0], engine_id)
    told = f"{name!r} tells no quantisation" if name else "the quantisation is not told"
    return Quantised(found.quant, found.variant, f"{told}; {quant.id} is taken")
