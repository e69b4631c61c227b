"""What the owner of a machine lets a site ask of it. Checked here, whatever the site says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchruns.host.accepts import Accepts, Source
from benchruns.host.errors import CannotMeasure
from benchruns.host.hours import Hours, local_now
from benchruns.host.install import environments
from benchruns.host.install.offers import Offer
from benchruns.host.order import Installable
from benchruns.host.plan import Plan
from benchruns.host.synthetic import cache, shelf
from benchruns.host.weights import Synthetic, from_catalogue

GIB = 2**30
LENIENT = timedelta(minutes=1)
NOT_FROM_A_SITE = "This machine's owner lets nobody install engines on it from a site."


@dataclass(frozen=True, slots=True)
class Limits:
    minutes: float = 30.0  # a plan may take, or an installation
    weights_gib: float = 64.0  # a plan's weights may have
    keep_gib: float = 20.0  # of weights stay on disk between runs
    installs: bool = True  # engines may be installed here when the site asks for it
    engines_gib: float = 32.0  # of disk may be taken by engines once it did
    engines: tuple[str, ...] | None = None  # that may be started; None: every one
    models: tuple[Source, ...] = ("catalogue",)  # where weights may come from
    disk_gib: float | None = None  # of disk, for engines and weights together
    hours: str = ""  # "22-06": of this machine's local time; "": all day

    def refusal(self, plan: Plan, now: datetime | None = None) -> str | None:
        """Why this plan is not measured here, in a sentence; None where it may be.

        `now`: local time. What was claimed within the last minute of its hours may still begin.
        """
        now = now or local_now()
        told, just_before = self.told(now=now), self.told(now=now - LENIENT)
        if why := told.refusal(plan, weights_gib(plan.model, plan.quant)):
            return why
        return told.not_now(plan) if just_before.not_now(plan) else None

    def told(self, measures: Sequence[str] = (), now: datetime | None = None) -> Accepts:
        """For the site, with every claim. `measures`: what can be started here at all."""
        hours, now = self.window, now or local_now()
        is_open = hours is None or hours.open_at(now)
        return Accepts(
            engines=self.engines,
            models=self.models,
            minutes=self.minutes,
            weights_gib=self.weights_gib,
            disk_gib=self.disk_gib,
            installs=self.installs,
            hours="" if hours is None else str(hours),
            open=is_open,
            minutes_to_change=None if hours is None else hours.minutes_to_change(now),
            room_gib=self.room_gib(),
            measures=tuple(self.allowed(measures)),
        )

    @property
    def window(self) -> Hours | None:
        return Hours.parse(self.hours) if self.hours else None

    def allowed(self, engines: Iterable[str]) -> list[str]:
        """Those of the engines that its owner lets a site start."""
        return [engine for engine in engines if self.engines is None or engine in self.engines]

    def room_gib(self) -> float | None:
        """Of disk, that weights may take together; None where nothing limits it."""
        if self.disk_gib is None:
            return None
        return max(0.0, self.disk_gib - _engines_gib())

    def keep_bytes(self) -> float:
        """Of weights, between runs."""
        room = self.room_gib()
        return (self.keep_gib if room is None else min(self.keep_gib, room)) * GIB

    def make_room(self, plan: Plan) -> None:
        """Removes other weights where those of this plan would exceed the disk it may take."""
        room, source = self.room_gib(), _source(plan.model, plan.quant)
        if room is None or source is None or _is_there(source):
            return
        needed = (source.facts().weights_bytes or 0) / GIB
        shelf.trim(source.where, max(0.0, room - needed) * GIB)

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
        there = _engines_gib()
        most = self.engines_gib if self.disk_gib is None else min(self.engines_gib, self.disk_gib)
        if there + offer.disk_gib <= most:
            return None
        return (
            f"This machine's owner lets engines take {most:g} GiB of disk at most; "
            f"those here take {there:.1f} and {offer.name} takes about {offer.disk_gib:g}."
        )


def _engines_gib() -> float:
    return sum(env.manifest.size_bytes for env in environments.installed()) / GIB


def _source(model: str, quant: str) -> Synthetic | None:
    """None for what has no weights to make: measuring it says so in its own words."""
    try:
        return from_catalogue(model, quant)
    except CannotMeasure:
        return None


def weights_gib(model: str, quant: str) -> float | None:
    """Of synthetic weights; None where nobody can say."""
    source = _source(model, quant)
    whole = None if source is None else source.facts().weights_bytes
    return None if whole is None else whole / GIB


def _is_there(source: Synthetic) -> bool:
    return cache.path_of(source.where, source.id, source.shape, source.quant, source.seed).exists()
