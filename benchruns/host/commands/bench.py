"""`rigguide bench`: measures an engine of this machine, or a server that already runs."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchruns.host import choice, forms, measure, report, weights
from benchruns.host.adapters import endpoint
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.commands.bench_plan import load_options, plan_of
from benchruns.host.commands.terminal import CANCELLED_STATUS, ctrl_c, show
from benchruns.host.document import ResultDocument
from benchruns.host.errors import Cancelled, CannotMeasure, EngineFailed
from benchruns.host.plan import plain_id
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
    "--variant",
    help="as-shipped, or tuned: slots = clients.  [default: tuned; with --target not known]",
)
@load_options
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
        plan = plan_of(options, "endpoint", plain_id(options["model"]), "none")
        engine = _connect(options["target"], options["model"], options["api_key_env"])
        return measure.measure_endpoint(plan, engine, **told)
    model, quant = _model(options)
    source = _source(model, quant, options["layers"])
    plan = plan_of(options, options["engine"], source.facts().id, source.facts().quant)
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


def _connect(url: str, name: str, key_variable: str | None) -> endpoint.Endpoint:
    key = _api_key(key_variable)
    try:
        return endpoint.connect(url, name, key, key_variable)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def write(path: Path, document: ResultDocument) -> None:
    """Whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(document.model_dump_json(indent=1) + "\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
