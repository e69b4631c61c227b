"""Which model a row means: one of the catalogue, a sister of one, or a stand-in of its size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import log

from recommender import catalogue
from recommender.catalogue import Catalogue, Model
from recommender.rows import lexicon
from recommender.rows.names import FORMATS, GGUF, without_brackets, without_owner, words

TUNES = {"instruct", "it", "chat", "base", "inst", "thinking", "reasoning", "text", "preview"}
TUNES |= {"meta", "latest", "pt", "ai", "model", "abliterated", "uncensored", "v0.1", "v0.2"}
TUNES |= {"v0.3", "v1", "v1.0", "the", "nvidia", "google", "microsoft", "mistralai", "openai"}
DATE = re.compile(r"^(?:2[3-6][01]\d|0[1-9][0-3]\d|20\d\d|2[3-6]\.\d\d)$")
SIZE = re.compile(r"^(?:(\d+)x)?(\d+(?:\.\d+)?)(b|m|t)$")
ACTIVE = re.compile(r"^a(\d+(?:\.\d+)?)b$")
EXPERTS = re.compile(r"^\d+e$")  # 17B-16E: the size is that of the active part
EXPERTS_SHARE = 0.83  # an 8x7B has 46.7 billion parameters, for its attention is shared
SAME_SIZE = 0.15  # as a share of the parameters
MOSTLY_MIXTURES = 130  # billions of parameters; what is larger rarely is dense
DENSE = {"llama", "falcon", "bloom", "opt", "gpt", "mistral", "large", "command"}


@dataclass(frozen=True, slots=True)
class Named:
    """A model for a row. `doubt` says what was taken instead, empty where it is the one meant."""

    model: Model
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """Billions of parameters, as name and row tell. None: they do not."""

    total: float | None
    active: float | None
    mixture: bool


def named(name: str | None, params_b: float | None, shelf: Catalogue) -> Named | None:
    """None where neither a name nor a size tells anything."""
    size = _size(words(name or ""), params_b)
    found = _listed(name, size, shelf) if name else None
    return found or _stand_in(name, size, shelf)


def _listed(name: str, size: Size, shelf: Catalogue) -> Named | None:
    exact = shelf.model(name) or shelf.model(without_owner(name))
    if exact is not None and _fits(exact, size):
        return Named(exact)
    bare = _bare(name)
    same = [m for m in _all(shelf) if _fits(m, size) and bare in _forms(m.names)]
    if same:
        return Named(_nearest(same, name, size))
    known = _usual(name, shelf) if size.total is None else None
    known = known or _of_that_shape(name, size, shelf)
    if known is not None:
        return known
    near = [(m, form) for m in _all(shelf) if _fits(m, size) for form in _forms(m.names)]
    return _relative(bare, near, name, size)


def _usual(name: str, shelf: Catalogue) -> Named | None:
    """`gemma3:latest` is one size of several, by the library it comes from."""
    model = shelf.models.get(lexicon.load().usual_of(name) or "")
    if model is None:
        return None
    told = name.strip().lower().endswith(":latest")
    return Named(model, "" if told else f"{name} tells no size; {model.name} is taken")


def _of_that_shape(name: str, size: Size, shelf: Catalogue) -> Named | None:
    """A model that has another name and the shape of a listed one."""
    bare = _bare(name)
    for same in lexicon.load().same:
        model = shelf.models.get(same.model)
        if model is not None and _fits(model, size) and bare in _forms(same.names):
            return Named(model)
    return None


def _relative(
    bare: frozenset[str], near: list[tuple[Model, frozenset[str]]], name: str, size: Size
) -> Named | None:
    """A tune of a listed model (its words and more), or a name cut short (some of its words)."""
    if not any(SIZE.match(word) for word in bare) and size.total is None and len(bare) < 2:
        return None
    whole = [m for m, form in near if form and form < bare and _telling(form)]
    short = [m for m, form in near if bare and bare < form]
    for found in (short, whole):
        if found:
            best = _nearest(found, name, size)
            if found is short and len({(m.params, m.layers) for m in found}) == 1:
                return Named(best)  # whichever it is, it has that shape
            return Named(best, f"{name} is taken to have the shape of {best.name}")
    return None


def _telling(form: frozenset[str]) -> bool:
    """A family alone is no model: there must be a size or a version too."""
    return len(form) >= 2


def _nearest(found: list[Model], name: str, size: Size) -> Model:
    said = set(words(name))

    def distance(model: Model) -> tuple[float, int]:
        apart = 0.0 if size.total is None else abs(log(size.total / _total(model, size)))
        shared = max(len(said & set(words(n))) for n in model.names)
        return (round(apart, 1), -shared)

    return min(found, key=distance)


def _total(model: Model, size: Size) -> float:
    """Of the two ways to count (towers or not), the one nearer to what was said."""
    counts = (model.params / 1e9, model.params_b)
    wanted = size.total or counts[0]
    return min(counts, key=lambda n: abs(log(n / wanted)))


def _fits(model: Model, size: Size) -> bool:
    """False where the size says that it is another model."""
    if size.mixture and model.experts is None:
        return False
    if size.total is None:
        return True
    return abs(_total(model, size) / size.total - 1) <= SAME_SIZE or _loosely_named(model, size)


def _loosely_named(model: Model, size: Size) -> bool:
    """gemma 4 E4B has 8 billion, Llama 4 Scout 17B has 109: the name's number is another count."""
    said = {float(m[2]) for name in model.names for w in words(name) if (m := SIZE.match(w))}
    return size.total in said


def _size(said: tuple[str, ...], params_b: float | None) -> Size:
    sizes = [m for word in said if (m := SIZE.match(word)) and m[3] != "t"]
    active = next((float(m[1]) for word in said if (m := ACTIVE.match(word))), None)
    experts = next((m for m in sizes if m[1]), None)
    total = params_b or (max(map(_billions, sizes)) if sizes else None)
    if active is None and experts is not None:
        active = 2 * _billions(experts) / int(experts[1]) * 1.1
    if active is None and sizes and any(EXPERTS.match(word) for word in said):
        active = _billions(sizes[0])
    return Size(total, active, active is not None or "moe" in said)


def _billions(match: re.Match[str]) -> float:
    size = float(match[2]) / (1000 if match[3] == "m" else 1)
    return size * int(match[1]) * EXPERTS_SHARE if match[1] else size


@cache
def _bare(name: str) -> frozenset[str]:
    """The words that tell which model it is."""
    said = words(GGUF.sub(" ", without_brackets(without_owner(name))))
    return frozenset(w for w in said if not (FORMATS.match(w) or w in TUNES or DATE.match(w)))


@cache
def _forms(names: tuple[str, ...]) -> frozenset[frozenset[str]]:
    return frozenset(_bare(name) for name in names)


def _all(shelf: Catalogue) -> Iterator[Model]:
    yield from shelf.models.values()


def _stand_in(name: str | None, size: Size, shelf: Catalogue) -> Named | None:
    """The shape of the listed model of the nearest size, brought to that size."""
    if size.total is None or size.total <= 0:
        return None
    said = words(name or "")
    mixture = size.mixture or (size.total > MOSTLY_MIXTURES and not DENSE & set(said))
    listed = (m for m in _all(shelf) if m.id in catalogue.load().models and not m.embedding_only)
    kin = (m for m in listed if (m.experts is not None) == mixture)
    like = min(kin, key=lambda m: _apart(m, size, said))
    grown = _grown(like, name or "a model without a name", size)
    kind = "a mixture of experts" if mixture else "a dense model"
    return Named(
        grown,
        f"{grown.name} is not in the catalogue; {kind} of {size.total:g} billion parameters "
        f"shaped like {like.name} is taken",
    )


def _apart(model: Model, size: Size, said: tuple[str, ...]) -> float:
    assert size.total is not None
    apart = abs(log(model.params / 1e9 / size.total))
    if size.active is not None:
        apart += abs(log(model.active / 1e9 / size.active))
    usual = model.attention.kind == "full" or model.experts is not None
    kin = set(words(model.family)) <= set(said)
    return apart + (0.0 if usual else 0.3) - (0.4 if kin else 0.0)


def _grown(like: Model, name: str, size: Size) -> Model:
    assert size.total is not None
    params = round(size.total * 1e9)
    ratio = params / like.params
    changes: dict[str, object] = {"id": "stand-in", "name": name, "params": params}
    changes |= {"extra_params": 0, "llama_shaped": False, "aliases": (), "hf_id": name}
    if like.experts is not None and like.expert_ffn is not None:
        active = size.active or (like.active / like.params) * size.total
        changes |= {"expert_ffn": max(1, round(like.expert_ffn * ratio))}
        changes |= {"active_params": round(min(active, size.total) * 1e9)}
    return like.model_copy(update=changes)
