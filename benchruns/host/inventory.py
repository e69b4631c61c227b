"""What a host tells its site about itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchruns.host.adapters.base import Installed
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.document import HostFacts
from benchruns.host.install import environments, offers
from benchruns.host.order import Installable
from benchruns.host.probe import probe
from benchruns.host.site_client import InstalledEngine


@dataclass(frozen=True, slots=True)
class Inventory:
    facts: HostFacts
    engines: tuple[InstalledEngine, ...]
    can_start: tuple[str, ...]
    """Ids of those that are here and that an adapter can start."""
    can_install: tuple[Installable, ...] = ()
    """What this machine could install when its site asks for it."""


def take_stock() -> Inventory:
    found = {engine_id: adapter.installed() for engine_id, adapter in ADAPTERS.items()}
    engines = tuple(_engine(engine_id, one) for engine_id, one in found.items())
    able = tuple(engine_id for engine_id, one in found.items() if one.provider and one.startable)
    facts = probe()
    return Inventory(facts, engines, able, tuple(_installable(facts)))


def _installable(facts: HostFacts) -> Iterator[Installable]:
    """Offers that suit this machine, have room and are not installed yet."""
    there = {environment.id for environment in environments.installed()}
    for offer in offers.load().install:
        unfit = offers.why_not(offer, facts) or offers.no_room(offer, environments.folders()[0])
        if offer.id not in there and not unfit:
            yield Installable.model_validate(offer.model_dump())


def _engine(engine_id: str, found: Installed) -> InstalledEngine:
    return InstalledEngine(
        id=engine_id, provider=found.provider, version=found.version, detail=found.detail
    )
