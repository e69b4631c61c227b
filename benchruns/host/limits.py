"""What the owner of a machine lets a site ask of it. Checked here, whatever the site says."""

from __future__ import annotations

from dataclasses import dataclass

from benchruns.host.errors import CannotMeasure
from benchruns.host.plan import Plan
from benchruns.host.weights import from_catalogue

GIB = 2**30


@dataclass(frozen=True, slots=True)
class Limits:
    minutes: float = 30.0  # a plan may take
    weights_gib: float = 64.0  # a plan's weights may have
    keep_gib: float = 20.0  # of weights stay on disk between runs
    installs: bool = True  # engines may be installed here when the site asks for it

    def refusal(self, plan: Plan) -> str | None:
        """Why this plan is not measured here, in a sentence; None where it may be."""
        return self._too_long(plan) or self._too_large(plan)

    def _too_long(self, plan: Plan) -> str | None:
        if plan.time_limit_s <= self.minutes * 60:
            return None
        return (
            f"This machine's owner lets it measure for {self.minutes:g} minutes at most; "
            f"this was given {plan.time_limit_s / 60:g}."
        )

    def _too_large(self, plan: Plan) -> str | None:
        gib = _weights_gib(plan)
        if gib is None or gib <= self.weights_gib:
            return None
        return (
            f"This machine's owner lets it load {self.weights_gib:g} GiB of weights at most; "
            f"{plan.model} {plan.quant} has {gib:.1f}."
        )


def _weights_gib(plan: Plan) -> float | None:
    """None for what has no weights to make: measuring it says so in its own words."""
    try:
        whole = from_catalogue(plan.model, plan.quant).facts().weights_bytes
    except CannotMeasure:
        return None
    return None if whole is None else whole / GIB
