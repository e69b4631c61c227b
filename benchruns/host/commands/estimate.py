"""`rigguide estimate`: what a case takes and how fast it is, or published measurements foretold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from benchruns.host.commands import answered, own
from recommender import render, rows, table
from recommender.recommend import recommend
from recommender.recommendation import Memory, Recommendation, SpeedPoint
from recommender.rulebook import load
from recommender.wording import number


@click.command()
@click.option(
    "--rows",
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE.jsonl",
    help="Published measurements, one JSON object a line; prints one line for each.",
)
@click.option("--answer", "said", multiple=True, metavar="ID=VALUE", help="Repeat for each answer.")
@own.options
def command(
    file: Path | None, said: Sequence[str], model_config: Path | None, gguf: Path | None
) -> None:
    """What a case takes in memory and how fast it is; or the same of published measurements."""
    said = own.said(said, model_config, gguf)
    if file is not None and said:
        raise click.UsageError("Give either --rows or --answer, not both.")
    if file is not None:
        click.echo("\n".join(_foretold(file)))
    elif said:
        click.echo("\n".join(_case(said)))
    else:
        raise click.UsageError("Give --rows FILE.jsonl, or --answer ID=VALUE, for example users=8.")


def _foretold(file: Path) -> list[str]:
    """All lines before the first is printed, so that a malformed one leaves nothing half done."""
    try:
        with click.open_file(str(file), encoding="utf-8-sig") as lines:
            found = rows.read(lines)
    except (rows.RowError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file}: {error}.") from error
    return [json.dumps(_line(row), ensure_ascii=False) for row in found]


def _line(row: rows.Row) -> dict[str, object]:
    got = rows.predict(row)
    line: dict[str, object] = {"id": row.id, "value": got.value, "low": got.low, "high": got.high}
    line |= {"unit": got.unit, "basis": got.basis}
    return line if got.value is not None else {**line, "reason": got.reason}


def _case(said: Sequence[str]) -> Iterator[str]:
    table.keep_in(answered.cache())
    found = recommend(answered.answers(said))
    yield _what(found)
    yield from ("", *_memory(found.memory)) if found.memory else ()
    points = found.speed.estimated if found.speed else ()
    yield from ("", *_speeds(points)) if points else ()


def _what(found: Recommendation) -> str:
    if found.engine is None or found.model is None or found.quant is None:
        return found.headline
    return f"{found.model.name} in {found.quant.name} with {load().engines[found.engine.id].name}"


def _memory(memory: Memory) -> Iterator[str]:
    for part in memory.parts:
        note = f"  {part.note}" if part.note else ""
        yield f"  {part.label:<24}{part.gib:>9.2f} GiB{note}"
    yield f"  {'together':<24}{memory.total_gib:>9.2f} GiB"
    if memory.available_gib is not None:
        yield f"  {'available':<24}{memory.available_gib:>9.2f} GiB"
    yield memory.note
    held = ", ".join(f"{one.users} at {one.context:,}" for one in memory.holds if one.users)
    if held and memory.kv_tokens_fit is not None:
        yield f"The cache has room for {memory.kv_tokens_fit:,} tokens; people at once by the"
        yield f"length of their conversations in tokens: {held}."


def _speeds(points: Sequence[SpeedPoint]) -> Iterator[str]:
    yield f"  {'clients':>7}  {'tok/s each':>10}  {'tok/s in all':>12}  first token"
    for point in points:
        each, every = (_short(f.value) for f in (point.tok_s_per_user, point.total_tok_s))
        yield f"  {point.clients:>7}  {each:>10}  {every:>12}  {render.figure(point.ttft_ms)}"


def _short(value: float | None) -> str:
    return "not known" if value is None else number(value)
