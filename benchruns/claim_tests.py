"""Testing a claim of the articles on attached hosts: what can be started where, and starting it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from benchruns.evidence import DatabaseEvidence
from benchruns.host.choice import measurable
from benchruns.host.plan import Plan
from benchruns.host.presets import PRESETS, limit_s
from benchruns.models import Host, Run
from benchruns.models.teams import NOBODY, Person
from benchruns.services import RunRefused, check_preset, measurable_hosts, request_plan
from recommender import catalogue, rulebook
from recommender.evidence import Measurement
from recommender.ledger.plans import Arm, TestPlan

HARDWARE: Final = ("cpu", "nvidia", "amd", "apple", "intel")
DEFAULT_PRESET: Final = "standard"


@dataclass(frozen=True, slots=True)
class Startable:
    """One arm of a test on one host. `plan` None: it cannot run there, and `why_not` says why."""

    arm: Arm
    host: Host
    plan: Plan | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class OnHost:
    """A test as one host can run it: whole, in part, or not at all."""

    host: Host
    arms: tuple[Startable, ...]

    @property
    def plans(self) -> tuple[Plan, ...]:
        return tuple(arm.plan for arm in self.arms if arm.plan is not None)

    @property
    def whole(self) -> bool:
        return len(self.plans) == len(self.arms)


def measurements() -> tuple[Measurement, ...]:
    """Everything that anybody may see and that may decide (ADR 0015)."""
    evidence = DatabaseEvidence()
    return tuple(
        one
        for hardware in HARDWARE
        for one in evidence.measurements(hardware=hardware, device=None, model=None)
        if one.bears
    )


def on_hosts(
    test: TestPlan, hosts: Iterable[Host] | None = None, preset: str = DEFAULT_PRESET
) -> tuple[OnHost, ...]:
    """The test on every host that takes visitors' runs. `preset`: how long and how closely."""
    hosts = measurable_hosts() if hosts is None else hosts
    return tuple(
        OnHost(host, tuple(_startable(test, arm, host, preset) for arm in test.arms))
        for host in hosts
    )


def start(
    test: TestPlan,
    host: Host,
    *,
    person: Person = NOBODY,
    requester: str = "",
    preset: str = DEFAULT_PRESET,
) -> tuple[Run, ...]:
    """Queues every arm that this host can run, all or none. Raises RunRefused."""
    check_preset(preset)
    on_host = on_hosts(test, [host], preset or DEFAULT_PRESET)[0]
    if not on_host.plans:
        reasons = " ".join(arm.why_not for arm in on_host.arms) or "It is done by hand."
        raise RunRefused(409, f"{host.name} cannot test {test.claim}. {reasons}")
    note = f"Tests the claim {test.claim}: {test.question}"
    with transaction.atomic():
        return tuple(
            request_plan(plan, host, person=person, requester=requester, note=note)
            for plan in on_host.plans
        )


def _startable(test: TestPlan, arm: Arm, host: Host, preset: str) -> Startable:
    if arm.engine not in host.measures:
        return Startable(arm, host, None, _missing(arm.engine, host))
    facts, models = host.machine, catalogue.load().models
    ids = (test.model_gpu, test.model_cpu) if facts.accelerators else (test.model_cpu,)
    refusals = {id_: measurable(models[id_], test.quant, facts) for id_ in ids}
    able = next((id_ for id_, refusal in refusals.items() if refusal is None), None)
    if able is None:
        return Startable(arm, host, None, next(iter(refusals.values())) or "")
    return Startable(arm, host, _plan(test, arm, able, preset))


def _missing(engine: str, host: Host) -> str:
    name = rulebook.load().engines[engine].name
    if engine in host.installed:
        return f"{name} is on {host.name}, but cannot be started from here yet."
    return f"{name} is not installed on {host.name}."


def _plan(test: TestPlan, arm: Arm, model: str, preset: str) -> Plan:
    """The claim says at which load, the preset how long and how closely that is looked at."""
    asked = {
        "name": test.claim,
        "time_limit_s": limit_s(preset, arm.engine),
        "engine": arm.engine,
        "variant": arm.variant,
        "model": model,
        "quant": test.quant,
        "clients": test.clients,
        "prompt_tokens": test.prompt_tokens,
        "output_tokens": test.output_tokens,
    }
    return Plan.model_validate({**PRESETS[preset].fields, **asked})
