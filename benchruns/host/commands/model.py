"""`rigguide model`: what a config.json or GGUF file says of its model, and the answer it makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from recommender.entries import Model
from recommender.estimate import kv
from recommender.own.errors import OwnError

TOKENS = 8192


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What to call it; by default what the file says.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(path: Path, name: str, *, as_json: bool) -> None:
    """The shape of the model in PATH: a config.json, its folder, or a GGUF file (its head alone).

    The last line is the answer to give: rigguide recommend --answer 'model=custom:…'.
    """
    from recommender.own.reading import from_path

    try:
        found = from_path(path, name=name)
    except OwnError as error:
        raise click.UsageError(f"{path}: {error}") from error
    if as_json:
        told = {**_shape(found.model), "quant": found.quant, "notes": found.notes}
        click.echo(json.dumps({**told, "answer": found.answer}, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join((*_lines(found.model, found.quant), *found.notes, found.answer)))


def _shape(model: Model) -> dict[str, Any]:
    left_out = {"id", "aliases", "repositories", "released", "gated", "sources", "note"}
    return model.model_dump(exclude=left_out, exclude_none=True)


def _lines(model: Model, quant: str | None) -> Iterator[str]:
    yield f"{model.name}{f' ({model.hf_id})' if model.hf_id else ''}"
    yield f"  parameters  {model.params / 1e9:,.2f} billion{_active(model)}"
    yield f"  layers      {model.layers} × {model.hidden:,} wide, feed-forward {model.ffn:,}"
    yield f"  heads       {model.heads}, keys and values {model.kv_heads} × {model.head_dim}"
    if model.experts:
        yield f"  experts     {model.active_experts} of {model.experts}, {model.expert_ffn:,} wide"
    yield f"  attention   {_attention(model)}"
    cache = kv.per_token(model, TOKENS) / 1024
    yield f"  cache       {cache:,.1f} KiB a token at {TOKENS:,} tokens"
    yield f"  vocabulary  {model.vocab:,}{', one matrix in and out' if model.tied else ''}"
    yield f"  context     {model.context_max:,} tokens at most"
    if quant:
        yield f"  stored as   {quant}"


def _active(model: Model) -> str:
    return f", {model.active / 1e9:,.2f} active" if model.experts else ""


def _attention(model: Model) -> str:
    kind, rest = model.attention, model.layers - (model.attention.full_layers or 0)
    bound = " (an upper bound)" if kind.upper_bound else ""
    words = {
        "full": "every layer keeps everything",
        "sliding": f"{kind.full_layers} layers keep everything, {rest} the last {kind.window:,}"
        if kind.window
        else "",
        "mla": f"one vector of {kind.latent} for each layer and token",
        "hybrid": f"{kind.full_layers} layers keep everything, {rest} a state or nothing",
    }
    return words[kind.kind] + bound
