"""The command that repeats a measurement, ready to paste."""

from __future__ import annotations

import shlex

from benchruns.host.adapters.base import RunningEngine
from benchruns.host.plan import Plan


def reproduce(
    plan: Plan, engine: RunningEngine, spec: str | None = None, layers: int | None = None
) -> str:
    """`spec`: the model as the command line names it; the plan's id where None. `layers`: how many
    of the model's were made where it was not all.
    """
    words = ["rigguide", "bench"]
    if engine.pid is None:
        words += ["--target", engine.base_url, "--model", engine.model_name]
    else:
        words += ["--engine", plan.engine, "--model", spec or plan.model]
        words += ["--quant", plan.quant, "--variant", plan.variant]
        words += [] if plan.provider is None else ["--provider", plan.provider]
        words += [] if layers is None else ["--layers", str(layers)]
    return shlex.join([*words, *_load(plan)])


def _load(plan: Plan) -> list[str]:
    return [
        "--clients",
        ",".join(map(str, plan.clients)),
        "--prompt-tokens",
        str(plan.prompt_tokens),
        "--output-tokens",
        str(plan.output_tokens),
        "--requests-per-client",
        str(plan.requests_per_client),
        "--time-limit",
        str(plan.time_limit_s),
        "--seed",
        str(plan.seed),
    ]
