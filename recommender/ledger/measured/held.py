"""What findings from measurements have in common: which runs count, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence

from recommender.evidence import MeasuredPoint, Measurement
from recommender.ledger.finding import Finding, Scope, Stance, Tier


def newest(measurements: Sequence[Measurement]) -> list[Measurement]:
    found: dict[tuple[object, ...], Measurement] = {}
    for one in sorted(measurements, key=lambda m: m.measured_at):
        found[same_machine(one), one.engine, one.variant, one.quant] = one
    return list(found.values())


def same_machine(one: Measurement) -> tuple[object, ...]:
    """What has to agree before two engines are compared."""
    host = one.host_id, one.host  # the name alone is one team's own
    return *host, one.machine, one.model, one.prompt_tokens, one.output_tokens


def at(one: Measurement, clients: int) -> MeasuredPoint | None:
    return next((point for point in one.points if point.clients == clients), None)


def in_words(variant: str) -> str:
    return "as shipped" if variant == "as-shipped" else "set up for the load"


def finding_of(
    one: Measurement, stance: Stance, text: str, clients: int, **more: float | bool | None
) -> Finding:
    same, value = more.get("same"), more.get("value")
    weights = "synthetic weights" if one.synthetic_weights else "real weights"
    unstable = "" if more.get("stable", True) else "; unstable, so it decides nothing"
    return Finding(
        Tier.MEASURED,
        stance,
        f"{text} ({one.model}, {one.quant}, {weights}{unstable})",
        url=one.url,
        title=f"measured on {one.host}, {one.machine}",
        when=one.measured_at.date(),
        dated=one.measured_at.date().isoformat(),
        scope=Scope(
            one.host,
            one.hardware,
            one.model,
            clients,
            one.variant,
            None if same is None else bool(same),
        ),
        value=None if value is None else float(value),
        unit="×" if value is not None else "",
    )
