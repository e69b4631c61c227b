"""All engines of the contract by id."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from benchruns.host.adapters.absent import ENGINES as _DETECTED
from benchruns.host.adapters.base import EngineAdapter
from benchruns.host.adapters.llama_cpp import LlamaCpp
from benchruns.host.errors import EngineFailed

_ALL: tuple[EngineAdapter, ...] = (LlamaCpp(), *_DETECTED)
ADAPTERS: Mapping[str, EngineAdapter] = MappingProxyType({a.id: a for a in _ALL})


def adapter(engine_id: str) -> EngineAdapter:
    """Raises EngineFailed with the ids there are."""
    if engine_id not in ADAPTERS:
        raise EngineFailed(
            f"There is no engine {engine_id!r}. There are: {', '.join(sorted(ADAPTERS))}."
        )
    return ADAPTERS[engine_id]
