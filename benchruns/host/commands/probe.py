"""`rigguide probe`: what this machine is and which engines it has."""

from __future__ import annotations

import json

import click

from benchruns.host.adapters.base import Installed
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.document import Accelerator, HostFacts
from benchruns.host.probe import probe


@click.command(name="probe")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, as_json: bool) -> None:
    """What this machine is: CPU, memory, accelerators, engines."""
    facts = probe()
    engines = {adapter.name: adapter.installed() for adapter in ADAPTERS.values()}
    click.echo(_json(facts) if as_json else "\n".join([*_host(facts), "", *_engines(engines)]))


def _json(facts: HostFacts) -> str:
    engines = [
        {"id": a.id, "provider": found.provider, "version": found.version, "detail": found.detail}
        for a in ADAPTERS.values()
        for found in [a.installed()]
    ]
    return json.dumps({"facts": facts.model_dump(mode="json"), "engines": engines}, indent=2)


def _host(facts: HostFacts) -> list[str]:
    cores = f"{facts.cores_physical or '?'} cores, {facts.cores_logical} threads"
    read = "not measured" if facts.read_gb_s is None else f"{facts.read_gb_s:.0f} GB/s"
    rows = [
        ("Processor", f"{facts.cpu} ({cores})"),
        ("Instructions", " ".join(facts.cpu_flags) or "not known"),
        ("Memory", f"{facts.memory_gib:.1f} GiB, all cores read {read}"),
        ("System", f"{facts.os_version or facts.os}, kernel {facts.kernel}, {facts.arch}"),
        ("Governor", facts.governor or "not told"),
        *(("Accelerator", _accelerator(a)) for a in facts.accelerators),
    ]
    if not facts.accelerators:
        rows.append(("Accelerator", "none found"))
    return [f"{label:<14}{value}" for label, value in rows]


def _accelerator(card: Accelerator) -> str:
    parts = [
        card.name,
        None if card.memory_gib is None else f"{card.memory_gib:.1f} GiB",
        None if card.bandwidth_gb_s is None else f"{card.bandwidth_gb_s:.0f} GB/s",
        card.driver and f"driver {card.driver}",
        None if card.power_limit_w is None else f"limit {card.power_limit_w:.0f} W",
        None if card.temperature_c is None else f"{card.temperature_c:.0f} °C",
    ]
    return ", ".join(part for part in parts if part)


def _engines(engines: dict[str, Installed]) -> list[str]:
    return ["Engines", *(f"  {name:<27}{_engine(found)}" for name, found in engines.items())]


def _engine(found: Installed) -> str:
    if found.provider is None:
        return f"not installed. {found.detail}"
    return " ".join(filter(None, [found.provider, found.version])) + (
        f". {found.detail}" if found.detail else ""
    )
