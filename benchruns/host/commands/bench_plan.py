"""The load options of `rigguide bench` and the plan they make."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from benchruns.host import choice, lengths
from benchruns.host.errors import CannotMeasure
from benchruns.host.plan import Plan, Targets
from benchruns.host.presets import PRESETS, named
from benchruns.host.probe import probe

F = TypeVar("F", bound=Callable[..., Any])
_SEEDS = 2**31  # as many as a plan can name
VARIANTS = ("as-shipped", "tuned")

OPTIONS = (
    click.option(
        "--plan",
        "plan_name",
        help=f"{', '.join(PRESETS)}: a load with a name; the options below change it.",
    ),
    click.option("--clients", help="How many at once, point by point.  [default: 1,2,4]"),
    click.option("--prompt-tokens", type=int, help="[default: 64]"),
    click.option("--output-tokens", type=int, help="[default: 32]"),
    click.option(
        "--prompt-lengths",
        help="Prompts that differ: uniform:LOW:HIGH, lognormal:MEDIAN:SIGMA:LOW:HIGH, list:A,B,C.",
    ),
    click.option("--output-lengths", help="Answers that differ, in the same words."),
    click.option("--requests-per-client", type=int, help="At least, while time allows."),
    click.option("--rate", help="Open loop: requests a second, such as 2.5 or 1,2,4."),
    click.option("--rate-seconds", type=int, help="For how long each rate is offered."),
    click.option(
        "--goodput",
        help="Search for the most clients who get this: ttft_ms=500,tokens_per_user=20.",
    ),
    click.option("--api", type=click.Choice(["completions", "chat"]), help="Which API to ask."),
    click.option("--ramp", type=float, help="Seconds over which the clients join."),
    click.option("--half-width", type=float, help="When a median is known well: 0.05 is ±5 %."),
    click.option("--point-limit", type=int, help="Seconds for one point."),
    click.option("--request-limit", type=int, help="Seconds for one request."),
    click.option("--time-limit", type=int, help="Seconds for everything."),
    click.option(
        "--seed",
        type=int,
        help="Of prompts, lengths and arrivals.  [default: 1; with --target a new one each time]",
    ),
)


def load_options(command: F) -> F:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def plan_of(options: dict[str, Any], engine: str, model: str, quant: str) -> Plan:
    """Raises click.UsageError with a sentence."""
    told: dict[str, Any] = {
        "engine": engine,
        "model": model,
        "quant": quant,
        "variant": _variant(options),
    }
    told |= {field: value for field, value in _load(options).items() if value is not None}
    try:
        if options["plan_name"] is not None:
            return named(options["plan_name"], **told)
        told.setdefault("time_limit_s", _time_limit_s(options, engine, model, quant))
        return Plan(**told)
    except ValidationError as error:
        raise click.UsageError(_sentence(error)) from error
    except ValueError as error:
        raise click.UsageError(f"--plan: {error}.") from error


def _load(options: dict[str, Any]) -> dict[str, Any]:
    """Fields of the plan; None where nobody said anything."""
    return {
        "provider": options["provider"],
        "clients": _numbers(options, "clients", int, "1,2,4"),
        "rates_per_s": _numbers(options, "rate", float, "0.5,1,2"),
        "rate_s": options["rate_seconds"],
        "goodput": _targets(options["goodput"]),
        "prompt_tokens": options["prompt_tokens"],
        "output_tokens": options["output_tokens"],
        "prompt_lengths": _lengths(options, "prompt_lengths"),
        "output_lengths": _lengths(options, "output_lengths"),
        "api": options["api"],
        "requests_per_client": options["requests_per_client"],
        "ramp_s": options["ramp"],
        "half_width": options["half_width"],
        "point_limit_s": options["point_limit"],
        "request_limit_s": options["request_limit"],
        "time_limit_s": options["time_limit"],
        "seed": _seed(options),
    }


def _seed(options: dict[str, Any]) -> int | None:
    """A server that goes on running may still hold the prompts of the last measurement."""
    if options["target"] and options["seed"] is None:
        return secrets.randbelow(_SEEDS)
    seed: int | None = options["seed"]
    return seed


def _variant(options: dict[str, Any]) -> str:
    """Of a server that somebody else started nobody knows how it is set up, but who asks may."""
    variant: str | None = options["variant"]
    if variant is None:
        return "as-served" if options["target"] else "tuned"
    if variant not in VARIANTS:
        raise click.UsageError(f"--variant {variant!r}: 'as-shipped' or 'tuned'.")
    return variant


def _numbers(
    options: dict[str, Any], name: str, kind: Callable[[str], float], example: str
) -> tuple[float, ...] | None:
    text = options[name]
    if text is None:
        return None
    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError:
        what = "whole numbers" if name == "clients" else "numbers"
        raise click.UsageError(
            f"--{name} {text!r}: {what} above 0 with commas between them, such as {example}."
        ) from None


def _lengths(options: dict[str, Any], name: str) -> object:
    text = options[name]
    if text is None:
        return None
    option = "--" + name.replace("_", "-")
    fixed = option.replace("lengths", "tokens")
    if options[fixed.removeprefix("--").replace("-", "_")] is not None:
        raise click.UsageError(f"Say either {fixed} or {option}: one length, or lengths.")
    try:
        return lengths.parse(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}.") from error


def _targets(text: str | None) -> Targets | None:
    if text is None:
        return None
    form = "ttft_ms=500,tokens_per_user=20, or one of the two"
    pairs = [part.partition("=") for part in text.split(",")]
    if {name for name, _, _ in pairs} - set(Targets.model_fields):
        raise click.UsageError(f"--goodput {text!r}: {form}.")
    try:
        return Targets(**{name: float(value) for name, _, value in pairs})
    except ValueError:
        raise click.UsageError(f"--goodput {text!r}: {form}; numbers above 0.") from None


def _time_limit_s(options: dict[str, Any], engine: str, model: str, quant: str) -> int:
    if options["target"]:
        return 2 * choice.LONGEST_S
    try:
        return choice.default_plan(model, quant, engine, probe()).time_limit_s
    except CannotMeasure:
        return 2 * choice.LONGEST_S


_OPTION = {"rates_per_s": "--rate", "rate_s": "--rate-seconds"}


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    field = str(first["loc"][0])
    option = _OPTION.get(field) or "--" + field.replace("_", "-").removesuffix("-s")
    return f"{option} {first['input']!r}: {first['msg']}."
