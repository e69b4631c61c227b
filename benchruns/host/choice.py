"""What to measure here, and whether a machine can measure it at all.

The time is a coarse estimate, meant to refuse what would take far too long; it is never shown as a
speed. Reading comes from the machine's own memory, arithmetic from what llama.cpp does per core.
"""

from __future__ import annotations

from math import ceil

from benchruns.host.document import HostFacts
from benchruns.host.errors import CannotMeasure
from benchruns.host.plan import AIM, Plan
from benchruns.host.synthetic import cache, layout, shape
from benchruns.host.synthetic.shape import Shape
from benchruns.host.weights import gguf_quant, measurable_ids
from recommender import catalogue
from recommender.catalogue import Model

GIB = 2**30
QUICK_S = 45  # a default measurement on two quiet cores, everything included
LONGEST_S = 300  # what nobody should wait for unasked
# Engines that compile before they answer: 90 s were seen on two quiet cores, 190 s on busy ones.
START_S = {"vllm": 240, "sglang": 240, "tensorrt-llm": 240, "tgi": 120, "mlx-lm": 30}
CLIENTS = (1, 2, 4)
DEFAULT_MODEL, DEFAULT_QUANT = "llama-3.2-1b", "Q4_0"
_MEMORY_SHARE = 0.8  # the rest belongs to the system and the measuring itself
_OVERHEAD_GIB = 0.5
_SLOTS = 4
_CONTEXT = 512
_READ_GB_S_PER_CORE = 8.0  # where the machine's own was not measured
_GFLOPS_PER_CORE = 40.0  # quantised matrix products on AVX2; measured 73 on one EPYC core
_WRITE_GB_S = 0.3


def default_plan(model_id: str, quant: str, engine: str, facts: HostFacts) -> Plan:
    """A quick plan where the machine is fast enough, else one with time for an answer per client.

    Raises CannotMeasure for what `measurable` refuses for its shape.
    """
    model = catalogue.load().model(model_id)
    if model is None:
        raise CannotMeasure(f"There is no model {model_id!r} in the catalogue.")
    kind = gguf_quant(quant)
    plan = Plan(engine=engine, model=model.id, quant=kind, clients=CLIENTS)
    seconds = _seconds(shape.from_model(model), kind, plan, facts)
    wanted_s = QUICK_S if seconds < QUICK_S else min(LONGEST_S, 1.5 * seconds)
    limit_s = ceil(wanted_s / AIM) + START_S.get(engine, 0)
    return plan.model_copy(update={"time_limit_s": limit_s})


def aim_s(plan: Plan, started_s: float) -> float:
    """When a measurement should be over on a quiet machine, in seconds from its beginning.

    `started_s`: when its engine answered. What one that compiles first took for that, within what
    it is allowed, is not taken from the load.
    """
    allowed = START_S.get(plan.engine, 0)
    if allowed >= plan.time_limit_s:
        return AIM * plan.time_limit_s  # the limit is somebody's own
    return min(started_s, allowed) + AIM * (plan.time_limit_s - allowed)


def measurable(model: Model, quant: str, facts: HostFacts) -> str | None:
    """None where this machine can measure it with synthetic weights, else the sentence why not."""
    try:
        found, kind = shape.from_model(model), gguf_quant(quant)
        whole = layout.weights_bytes(found, kind)
    except CannotMeasure as error:
        return error.reason
    return (
        _too_big(model, found, whole, facts)
        or _no_room(model, whole, facts)
        or _too_slow(model, found, kind, facts)
    )


def _too_big(model: Model, found: Shape, whole: int, facts: HostFacts) -> str | None:
    cache = found.kv_bytes_per_token() * _CONTEXT * _SLOTS
    need_gib = (whole + cache) / GIB + _OVERHEAD_GIB
    have_gib = facts.memory_gib * _MEMORY_SHARE
    if need_gib <= have_gib:
        return None
    return (
        f"{model.name} would need {need_gib:.1f} GiB of memory to be measured here; "
        f"this machine has {have_gib:.1f} GiB to give."
    )


def _no_room(model: Model, whole: int, facts: HostFacts) -> str | None:
    need_gib = (whole + cache.SPARE_BYTES) / GIB
    if facts.disk_free_gib is None or need_gib <= facts.disk_free_gib:
        return None
    return (
        f"Synthetic weights of {model.name} need {need_gib:.1f} GiB of disk; "
        f"this machine has {facts.disk_free_gib:.1f} GiB free."
    )


def _too_slow(model: Model, found: Shape, quant: str, facts: HostFacts) -> str | None:
    plan = Plan(engine="llama.cpp", model=model.id, quant=quant, clients=CLIENTS)
    seconds = _seconds(found, quant, plan, facts)
    if seconds <= LONGEST_S:
        return None
    return (
        f"Measuring {model.name} here would take about {seconds / 60:.0f} minutes; "
        f"more than {LONGEST_S // 60} are not spent unasked."
    )


def _seconds(found: Shape, quant: str, plan: Plan, facts: HostFacts) -> float:
    """Weights, start, and the fewest requests that make a curve."""
    cores = facts.cores_physical or facts.cores_logical
    whole = layout.weights_bytes(found, quant)
    read_gb_s = facts.read_gb_s or _READ_GB_S_PER_CORE * cores
    per_token = 2 * layout.active_params(found) / (_GFLOPS_PER_CORE * 1e9 * cores)
    step = max(layout.decode_bytes(found, quant) / (read_gb_s * 1e9), per_token)
    answer = plan.prompt_tokens * per_token + plan.output_tokens * step
    return whole / (_WRITE_GB_S * 1e9) + answer * (2 + sum(plan.clients))


def default_model(facts: HostFacts) -> tuple[str, str]:
    """(model, quant) for somebody who named none: about 1B, or the largest below that fits."""
    models = catalogue.load().models
    for model_id in (DEFAULT_MODEL, *reversed(measurable_ids())):
        small_enough = models[model_id].params <= models[DEFAULT_MODEL].params
        if small_enough and measurable(models[model_id], DEFAULT_QUANT, facts) is None:
            return model_id, DEFAULT_QUANT
    raise CannotMeasure("This machine is too small to measure even the smallest model.")
