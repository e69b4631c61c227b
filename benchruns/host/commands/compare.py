"""`rigguide compare`: engines, or one engine's settings, in turns on this machine."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel, ValidationError

from benchruns.host import choice, measure, weights
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.commands.terminal import CANCELLED_STATUS, ctrl_c, show
from benchruns.host.compare.arms import Arm, parse, shared_quant
from benchruns.host.compare.document import ComparisonDocument, Turn, comparison
from benchruns.host.compare.ratio import FEWEST
from benchruns.host.compare.rounds import in_turns
from benchruns.host.document import ResultDocument
from benchruns.host.errors import Cancelled, CannotMeasure, EngineFailed
from benchruns.host.plan import Plan
from benchruns.host.probe import probe


@click.command(name="compare")
@click.option(
    "--engines",
    required=True,
    help="What to compare, with commas: ENGINE, ENGINE:PROVIDER or ENGINE:PROVIDER@as-shipped.",
)
@click.option("--model", help="Catalogue id, synthetic:config.json, or a GGUF file.")
@click.option("--quant", help="Quantisation of synthetic weights, such as Q4_0, Q4_K_M, Q8_0.")
@click.option("--layers", type=int, help="Only so many layers of synthetic weights.")
@click.option(
    "--rounds",
    type=click.IntRange(min=1, max=100),
    default=FEWEST,
    show_default=True,
    help=f"Of every engine; fewer than {FEWEST} cannot tell how sure a difference is.",
)
@click.option("--clients", default="1,4", show_default=True, help="How many at once.")
@click.option("--prompt-tokens", type=int, default=64, show_default=True)
@click.option("--output-tokens", type=int, default=32, show_default=True)
@click.option(
    "--time-limit",
    type=int,
    default=60,
    show_default=True,
    help="Seconds for each, more for those that compile before they answer.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the prompts.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the result documents and comparison.json.",
)
def command(**options: Any) -> None:
    """Compare engines on this machine, measured in turns.

    Says which is faster and how sure that is; needs nothing but this machine.
    """
    arms = _arms(options["engines"])
    default_quant = choice.DEFAULT_QUANT
    if options["model"] is None:
        options["model"], default_quant = choice.default_model(probe())
    asked = options["quant"]
    options["quant"] = shared_quant(arms, asked, default_quant)
    if asked and asked != options["quant"]:
        click.echo(f"All in {options['quant']}: not all of them load {asked}.", err=True)
    like = _like(options, arms[0])
    with ctrl_c() as cancelled:
        found = _run(arms, like, options, cancelled)
    click.echo("\n".join([*found.verdict, *([found.judged] if found.judged else [])]))
    if options["out"]:
        _keep(options["out"], found)
        click.echo(f"\nWritten to {options['out']}")


def _arms(text: str) -> tuple[Arm, ...]:
    try:
        arms = parse(text)
    except ValueError as error:
        raise click.UsageError(f"--engines: {error}") from error
    unknown = next((arm.engine for arm in arms if arm.engine not in ADAPTERS), None)
    if unknown is not None:
        known = ", ".join(sorted(ADAPTERS))
        raise click.UsageError(f"There is no engine {unknown!r}. There are: {known}.")
    return arms


def _like(options: dict[str, Any], first: Arm) -> Plan:
    try:
        facts = _weights(options).facts()
        return Plan(
            engine=first.engine,
            model=facts.id,
            quant=facts.quant,
            clients=tuple(int(part) for part in options["clients"].split(",")),
            prompt_tokens=options["prompt_tokens"],
            output_tokens=options["output_tokens"],
            time_limit_s=options["time_limit"],
            seed=options["seed"],
        )
    except CannotMeasure as error:
        raise click.UsageError(error.reason) from error
    except ValidationError as error:
        first_error = error.errors()[0]
        raise click.UsageError(f"{first_error['loc'][0]}: {first_error['msg']}.") from error
    except ValueError:
        raise click.UsageError(
            f"--clients {options['clients']!r}: whole numbers above 0 with commas between them."
        ) from None


def _weights(options: dict[str, Any]) -> weights.Weights:
    return weights.resolve(options["model"], options["quant"], options["layers"])


def _run(
    arms: tuple[Arm, ...], like: Plan, options: dict[str, Any], cancelled: Callable[[], bool]
) -> ComparisonDocument:
    """Every way to fail ends in one sentence and a status that is not 0."""

    def one(plan: Plan) -> ResultDocument:
        with tempfile.TemporaryDirectory(prefix="rigguide-compare-") as work_dir:
            return measure.measure(
                plan,
                report=show,
                cancelled=cancelled,
                work_dir=Path(work_dir),
                weights=_weights(options),
                spec=options["model"],
            )

    try:
        turns = in_turns(arms, options["rounds"], like, one, lambda s: click.echo(s, err=True))
    except Cancelled:
        click.echo("Cancelled. Nothing was written.", err=True)
        sys.exit(CANCELLED_STATUS)
    except EngineFailed as error:
        if error.log:
            click.echo(f"The end of the engine's log:\n{error.log[-2000:].rstrip()}\n", err=True)
        click.echo(f"Not compared: {error.reason}", err=True)
        sys.exit(1)
    return comparison(turns, _again(options))


def _again(options: dict[str, Any]) -> str:
    words = ["rigguide", "compare"]
    for name in ("engines", "model", "quant", "layers", "rounds", "clients", "prompt_tokens",
                 "output_tokens", "time_limit", "seed"):  # fmt: skip
        if options[name] is not None:
            words += [f"--{name.replace('_', '-')}", str(options[name])]
    return shlex.join(words)


def _keep(folder: Path, found: ComparisonDocument) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for turn in found.turns:
        _write(folder / _name(turn), turn.document)
    _write(folder / "comparison.json", found)


def _name(turn: Turn) -> str:
    return f"round-{turn.round}-{re.sub(r'[^A-Za-z0-9._-]+', '-', turn.arm)}.json"


def _write(path: Path, document: BaseModel) -> None:
    """Whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(document.model_dump_json(indent=1) + "\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
