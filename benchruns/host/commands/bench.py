"""`rigguide bench`: measures an engine of this machine, or a server that already runs."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from benchruns.host import choice, forms, measure, report, weights
from benchruns.host.adapters import endpoint
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.commands.terminal import CANCELLED_STATUS, ctrl_c, show
from benchruns.host.document import ResultDocument
from benchruns.host.errors import Cancelled, CannotMeasure, EngineFailed
from benchruns.host.plan import Plan, plain_id
from benchruns.host.probe import probe


@click.command(name="bench")
@click.option("--engine", help="Engine to start and measure; rigguide engines lists them.")
@click.option("--provider", help="One way of several to have it.  [default: the first there is]")
@click.option("--target", help="Address of an OpenAI-compatible server that already runs.")
@click.option(
    "--api-key-env", help="With --target: the variable that holds the key. It is kept nowhere."
)
@click.option(
    "--model", help="Catalogue id, synthetic:config.json, or a GGUF file; with --target the name."
)
@click.option("--quant", help="Quantisation of synthetic weights, such as Q4_0, Q4_K_M, Q8_0.")
@click.option(
    "--layers", type=int, help="Only so many layers of synthetic weights.  [default: all]"
)
@click.option(
    "--variant", default="tuned", show_default=True, help="tuned (slots = clients) or as-shipped."
)
@click.option(
    "--clients", default="1,2,4", show_default=True, help="How many at once, point by point."
)
@click.option("--prompt-tokens", type=int, default=64, show_default=True)
@click.option("--output-tokens", type=int, default=32, show_default=True)
@click.option(
    "--requests-per-client",
    type=int,
    default=2,
    show_default=True,
    help="At least, while time allows.",
)
@click.option(
    "--time-limit", type=int, help="Seconds for everything.  [default: as the model needs]"
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the prompts.")
@click.option(
    "--json", "json_path", type=click.Path(path_type=Path), help="Write the result document there."
)
def command(**options: Any) -> None:
    """Measure an engine on this machine.

    Either --engine (starts it, measures, stops it) or --target URL --model NAME.
    """
    _check_options(options)
    with ctrl_c() as cancelled:
        document = _run(options, cancelled)
    click.echo(report.text(document))
    if options["json_path"]:
        write(options["json_path"], document)
        click.echo(f"\nWritten to {options['json_path']}")


def _check_options(options: dict[str, Any]) -> None:
    if bool(options["engine"]) == bool(options["target"]):
        raise click.UsageError("Say either --engine ID or --target URL.")
    if options["engine"] and options["engine"] not in ADAPTERS:
        known = ", ".join(sorted(ADAPTERS))
        raise click.UsageError(f"There is no engine {options['engine']!r}. There are: {known}.")
    if options["target"] and not options["model"]:
        raise click.UsageError(
            "--target needs --model NAME: the name the server knows its model by."
        )
    if options["api_key_env"] and not options["target"]:
        raise click.UsageError("--api-key-env goes with --target.")
    path: Path | None = options["json_path"]
    if path and not path.resolve().parent.is_dir():
        raise click.UsageError(f"--json {path}: there is no folder {path.resolve().parent}.")


def _run(options: dict[str, Any], cancelled: Callable[[], bool]) -> ResultDocument:
    """Every way to fail ends in one sentence and a status that is not 0."""
    try:
        return _measure(options, cancelled)
    except Cancelled:
        click.echo("Cancelled. Nothing was written.", err=True)
        sys.exit(CANCELLED_STATUS)
    except EngineFailed as error:
        if error.log:
            click.echo(f"The end of the engine's log:\n{error.log[-2000:].rstrip()}\n", err=True)
        click.echo(f"Not measured: {error.reason}", err=True)
        sys.exit(1)


def _measure(options: dict[str, Any], cancelled: Callable[[], bool]) -> ResultDocument:
    told: dict[str, Any] = {"report": show, "cancelled": cancelled}
    if options["target"]:
        plan = _plan(options, "endpoint", plain_id(options["model"]), "none")
        engine = _connect(options["target"], options["model"], _api_key(options["api_key_env"]))
        return measure.measure_endpoint(plan, engine, **told)
    model, quant = _model(options)
    source = _source(model, quant, options["layers"])
    plan = _plan(options, options["engine"], source.facts().id, source.facts().quant)
    with tempfile.TemporaryDirectory(prefix="rigguide-bench-") as work_dir:
        return measure.measure(plan, weights=source, spec=model, work_dir=Path(work_dir), **told)


def _model(options: dict[str, Any]) -> tuple[str, str]:
    model, quant = options["model"], options["quant"]
    if model is None:
        model, default_quant = choice.default_model(probe())
        default_quant = default_quant if not _in_folders(options) else forms.FOLDER_QUANT
        return model, quant or default_quant
    return model, quant or (forms.FOLDER_QUANT if _in_folders(options) else choice.DEFAULT_QUANT)


def _in_folders(options: dict[str, Any]) -> bool:
    return ADAPTERS[options["engine"]].weights in forms.FOLDERS


def _source(model: str, quant: str, layers: int | None) -> weights.Weights:
    try:
        if "/" in model and Path(model).is_dir():
            return forms.RealFolder(Path(model))
        return weights.resolve(model, quant, layers)
    except CannotMeasure as error:
        raise click.UsageError(error.reason) from error


def _api_key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise click.UsageError(f"--api-key-env {variable}: that variable is not set, or empty.")
    return key


def _connect(url: str, name: str, api_key: str | None) -> endpoint.Endpoint:
    try:
        return endpoint.connect(url, name, api_key)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _plan(options: dict[str, Any], engine: str, model: str, quant: str) -> Plan:
    try:
        return Plan(
            engine=engine,
            provider=options["provider"],
            model=model,
            quant=quant,
            variant=options["variant"],
            clients=_clients(options["clients"]),
            prompt_tokens=options["prompt_tokens"],
            output_tokens=options["output_tokens"],
            requests_per_client=options["requests_per_client"],
            time_limit_s=_time_limit_s(options, engine, model, quant),
            seed=options["seed"],
        )
    except ValidationError as error:
        raise click.UsageError(_sentence(error)) from error


def _time_limit_s(options: dict[str, Any], engine: str, model: str, quant: str) -> int:
    if options["time_limit"] is not None:
        return int(options["time_limit"])
    if options["target"]:
        return 2 * choice.LONGEST_S
    try:
        return choice.default_plan(model, quant, engine, probe()).time_limit_s
    except CannotMeasure:
        return 2 * choice.LONGEST_S


def _clients(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.UsageError(
            f"--clients {text!r}: whole numbers above 0 with commas between them, such as 1,2,4."
        ) from None


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    option = "--" + str(first["loc"][0]).replace("_", "-").removesuffix("-s")
    return f"{option} {first['input']!r}: {first['msg']}."


def write(path: Path, document: ResultDocument) -> None:
    """Whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(document.model_dump_json(indent=1) + "\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
