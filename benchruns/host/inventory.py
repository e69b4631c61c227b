"""What a host tells its site about itself."""

from __future__ import annotations

from dataclasses import dataclass

from benchruns.host.adapters.base import Installed
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.document import HostFacts
from benchruns.host.probe import probe
from benchruns.host.site_client import InstalledEngine


@dataclass(frozen=True, slots=True)
class Inventory:
    facts: HostFacts
    engines: tuple[InstalledEngine, ...]
    can_start: tuple[str, ...]
    """Ids of those that are here and that an adapter can start."""


def take_stock() -> Inventory:
    found = {engine_id: adapter.installed() for engine_id, adapter in ADAPTERS.items()}
    engines = tuple(_engine(engine_id, one) for engine_id, one in found.items())
    able = tuple(engine_id for engine_id, one in found.items() if one.provider and one.startable)
    return Inventory(probe(), engines, able)


def _engine(engine_id: str, found: Installed) -> InstalledEngine:
    return InstalledEngine(
        id=engine_id, provider=found.provider, version=found.version, detail=found.detail
    )
