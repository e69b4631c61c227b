"""What the owner of a machine lets a site ask of it. Checked here, whatever the site says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchruns.host.errors import CannotMeasure
from benchruns.host.install import environments
from benchruns.host.install.offers import Offer
from benchruns.host.order import Installable
from benchruns.host.plan import Plan
from benchruns.host.weights import from_catalogue

GIB = 2**30
NOT_FROM_A_SITE = "This machine's owner lets nobody install engines on it from a site."


@dataclass(frozen=True, slots=True)
class Limits:
    minutes: float = 30.0  # a plan may take, or an installation
    weights_gib: float = 64.0  # a plan's weights may have
    keep_gib: float = 20.0  # of weights stay on disk between runs
    installs: bool = True  # engines may be installed here when the site asks for it
    engines_gib: float = 32.0  # of disk may be taken by engines once it did

    def refusal(self, plan: Plan) -> str | None:
        """Why this plan is not measured here, in a sentence; None where it may be."""
        return self._too_long(plan) or self._too_large(plan)

    def offered(self, offers: Iterable[Installable]) -> tuple[Installable, ...]:
        """Those of this machine's offers that its owner lets a site make use of."""
        return tuple(offer for offer in offers if self.install_refusal(offer) is None)

    def install_refusal(self, offer: Offer | Installable) -> str | None:
        """Why this is not installed here for a site, in a sentence; None where it may be."""
        if not self.installs:
            return NOT_FROM_A_SITE
        if offer.minutes > self.minutes:
            return (
                f"This machine's owner lets it install for {self.minutes:g} minutes at most; "
                f"{offer.name} takes about {offer.minutes:g}."
            )
        return self._too_full(offer)

    def _too_full(self, offer: Offer | Installable) -> str | None:
        there = sum(env.manifest.size_bytes for env in environments.installed()) / GIB
        if there + offer.disk_gib <= self.engines_gib:
            return None
        return (
            f"This machine's owner lets engines take {self.engines_gib:g} GiB of disk at most; "
            f"those here take {there:.1f} and {offer.name} takes about {offer.disk_gib:g}."
        )

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
