"""The same rig on another engine: what changes for a client, and for whoever starts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from recommender.catalogue import Catalogue
from recommender.choose import Choice, choose
from recommender.facts import Facts
from recommender.recipe import ollama, options
from recommender.recipe.forms import SERVERS
from recommender.recipe.plan import Plan, plan
from recommender.recipe.safetensors import repository
from recommender.recipe.server import Place, Server, own_path
from recommender.recommendation import Correspondence, Switch

FORMATS = {"gguf": "GGUF", "safetensors": "safetensors", "mlx": "MLX"}
NOTES = {
    "ollama": "It loads GGUF files and keeps them by tags of its own; nobody is asked for a key.",
    "llama.cpp": "It loads GGUF files. Its context is of all slots together, not of one.",
    "vllm": "It loads safetensors from Hugging Face and takes its share of the GPU at once.",
    "sglang": "It loads the same repositories as vLLM and takes its share of the GPU at once.",
    "tensorrt-llm": "It loads the same repositories as vLLM, on NVIDIA GPUs only.",
    "tgi": "It loads the same repositories as vLLM. Its project is archived.",
    "mlx-lm": "It loads folders made for MLX. Requests with a seed are not batched.",
}
ORDER = (
    "context",
    "slots",
    "kv-type",
    "memory-share",
    "parallel",
    "nodes",
    "offload",
    "quantise",
    "metrics",
    "api-key",
)


def switches(
    engine_id: str, choice: Choice, others: Iterable[str], facts: Facts, catalogue: Catalogue
) -> Iterator[Switch]:
    """One for each other engine that has this model; the model stays where it is published."""
    here = plan(engine_id, *choice, facts, catalogue)
    for other in others:
        found = _same_model(other, choice, facts, catalogue)
        if found is not None:
            there = plan(other, *found, facts, catalogue)
            yield Switch(other, NOTES[other], tuple(_rows(here, there)))


def _same_model(other: str, choice: Choice, facts: Facts, catalogue: Catalogue) -> Choice | None:
    model, quant = choice
    wanted = replace(facts, model=model.id)
    if quant.variant(other) is not None:
        same = choose(other, replace(wanted, quant=quant.id), catalogue)
        if same is not None:
            return same
    return choose(other, replace(wanted, quant=None), catalogue)


def _rows(here: Plan, there: Plan) -> Iterator[Correspondence]:
    one, two = (SERVERS[p.engine](p, Place()) for p in (here, there))
    yield _row("Base URL", _url(one), _url(two))
    yield _row("Name in the API", client_name(here), client_name(there))
    yield _row("Weights", weights(here), weights(there))
    yield _row("Format", FORMATS[here.variant.format], FORMATS[there.variant.format])
    yield _row("Quantisation", here.quant.id, there.quant.id)
    said_one, said_two = said(here, one), said(there, two)
    for role in ORDER:
        first, second = said_one.get(role, ""), said_two.get(role, "")
        if first or second:
            yield Correspondence(options.ROLES[role], first, second)


def _row(what: str, here: str, there: str) -> Correspondence:
    return Correspondence(what, here, there)


def _url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}/v1"


def client_name(plan: Plan) -> str:
    """What clients put into "model"."""
    if plan.engine == "ollama":
        return ollama.model_tag(plan)
    return repository(plan) if plan.engine in {"tensorrt-llm", "tgi", "mlx-lm"} else plan.name


def weights(plan: Plan) -> str:
    """Where they come from."""
    if plan.own_weights:
        return own_path(plan)
    if plan.engine == "ollama":
        return ollama.model_tag(plan)
    if plan.variant.format == "gguf":
        return f"{plan.model.repositories.gguf}:{plan.quant.id}"
    return repository(plan)


def said(plan: Plan, server: Server) -> dict[str, str]:
    """What this server is told, by role; for keys the name under which it takes one."""
    known = options.roles(plan.engine)
    keys = {o.role: o.name for o in known.values() if o.role == "api-key"}
    words = dict(_pairs(server))
    told: dict[str, list[str]] = {}
    for name, value in words.items():
        if name in known:
            told.setdefault(known[name].role, []).append(f"{name} {value}".strip())
    return {**keys, **{role: " ".join(parts) for role, parts in told.items()}}


def _pairs(server: Server) -> Iterator[tuple[str, str]]:
    """Options with their values, variables with theirs as NAME=value."""
    for word, after in pairwise((*server.arguments, "-")):
        if word.startswith("-"):
            yield word, "" if after.startswith("-") else after
    yield from server.env.items()
