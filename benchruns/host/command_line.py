"""The command that repeats a measurement, ready to paste."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from benchruns.host.adapters.base import RunningEngine
from benchruns.host.adapters.endpoint import Endpoint
from benchruns.host.lengths import Lengths, said
from benchruns.host.plan import Plan, Targets
from benchruns.host.presets import PRESETS


def reproduce(
    plan: Plan, engine: RunningEngine, spec: str | None = None, layers: int | None = None
) -> str:
    """`spec`: the model as the command line names it; the plan's id where None. `layers`: how many
    of the model's were made where it was not all.
    """
    words = ["rigguide", "bench"]
    words += ["--plan", plan.name] if plan.name and plan.name in PRESETS else []
    if isinstance(engine, Endpoint):
        words += ["--target", engine.base_url, "--model", engine.model_name]
        words += ["--api-key-env", engine.key_variable] if engine.key_variable else []
        words += [] if plan.variant == "as-served" else ["--variant", plan.variant]
    else:
        words += ["--engine", plan.engine, "--model", spec or plan.model]
        words += ["--quant", plan.quant, "--variant", plan.variant]
        words += [] if plan.provider is None else ["--provider", plan.provider]
        words += [] if layers is None else ["--layers", str(layers)]
    return shlex.join([*words, *_load(plan)])


def _load(plan: Plan) -> list[str]:
    """Of what came with version 2 only what is used, so that commands stay short."""
    words = ["--clients", ",".join(map(str, plan.clients))]
    words += _lengths("prompt", plan.prompt_tokens, plan.prompt_lengths)
    words += _lengths("output", plan.output_tokens, plan.output_lengths)
    words += ["--requests-per-client", str(plan.requests_per_client)]
    for option, value, default in _more(plan):
        words += [] if value == default else [option, value]
    return [*words, "--time-limit", str(plan.time_limit_s), "--seed", str(plan.seed)]


def _lengths(which: str, tokens: int, lengths: Lengths | None) -> list[str]:
    if lengths is None:
        return [f"--{which}-tokens", str(tokens)]
    return [f"--{which}-lengths", said(lengths)]


def _more(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """(option, what the plan says, what it says where nobody said anything)."""
    usual = Plan.model_fields
    yield "--rate", ",".join(f"{rate:g}" for rate in plan.rates_per_s), ""
    yield "--rate-seconds", str(plan.rate_s), str(usual["rate_s"].default)
    yield "--goodput", _targets(plan.goodput), ""
    yield "--api", plan.api or "", ""
    yield "--ramp", f"{plan.ramp_s:g}", "0"
    yield "--half-width", f"{plan.half_width:g}", f"{usual['half_width'].default:g}"
    yield "--point-limit", str(plan.point_limit_s), str(usual["point_limit_s"].default)
    yield "--request-limit", str(plan.request_limit_s or ""), ""


def _targets(targets: Targets | None) -> str:
    told = {} if targets is None else targets.model_dump(exclude_none=True)
    return ",".join(f"{name}={value:g}" for name, value in told.items())
