"""What a host tells its site about itself."""

from __future__ import annotations

from dataclasses import dataclass

from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.document import HostFacts
from benchruns.host.probe import probe
from benchruns.host.site_client import InstalledEngine


@dataclass(frozen=True, slots=True)
class Inventory:
    facts: HostFacts
    engines: tuple[InstalledEngine, ...]

    @property
    def can_start(self) -> tuple[str, ...]:
        return tuple(engine.id for engine in self.engines if engine.provider)


def take_stock() -> Inventory:
    return Inventory(probe(), tuple(_engine(engine_id) for engine_id in ADAPTERS))


def _engine(engine_id: str) -> InstalledEngine:
    found = ADAPTERS[engine_id].installed()
    return InstalledEngine(
        id=engine_id, provider=found.provider, version=found.version, detail=found.detail
    )
