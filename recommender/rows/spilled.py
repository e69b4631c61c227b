"""Models that are larger than their cards: the rest of the layers is the processor's."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from recommender.catalogue import GIB, Catalogue
from recommender.estimate import buffers
from recommender.estimate import machine as machines
from recommender.rows import sizes, speeds, units
from recommender.rows.devices import Said, machined
from recommender.rows.resolve import Resolved

Three = tuple[float, float, float]

CLOSE = 1.03  # an estimate of memory is no closer than that: so much too large still fits
PCIE_BYTES_S = 16e9  # what a copy really gets of sixteen lanes of PCIe 4
WIDEN = 1.7  # nobody says which processor it is
DOUBT = "a part of the layers is on the processor: a usual one is taken where none is named"


def share(found: Resolved, shelf: Catalogue) -> float:
    """Of the layers, on the accelerators: as the row says, or as its memory allows. 1 for engines
    that keep a pool, and where weights and cache share one memory."""
    there, model = found.machine, found.model
    if there is None or model is None or shelf.engines[found.engine_id].kv != "slots":
        return 1.0
    if there.unified or there.hardware in ("cpu", "edge") or there.backend == "cpu":
        return 1.0
    said = found.conditions.layers_on_gpu
    if said is not None:
        return min(1.0, said / model.layers)
    if there.memory_gib is None:
        return 1.0
    movable = sizes.weights_and_cache(found)
    room = there.memory_gib * GIB - sizes.scratch(found)
    return 1.0 if movable <= CLOSE * room else max(0.0, room / movable)


def slowed(found: Resolved, shelf: Catalogue, quick: Three, kept: float) -> Three:
    """A token passes the accelerator's layers, then the processor's: their times add. Of a prompt
    the accelerator computes all layers, and the others' weights come to it for every batch."""
    if found.row.kind == "prefill":
        value, low, high = (_carried(found, rate, kept) for rate in quick)
        return value, low / WIDEN, high * WIDEN
    slow = speeds.rate(_on_processor(found, shelf), found.clients)
    if slow is None:
        return quick
    latency = speeds.mode(found, units.rate(found.row.unit, found.row.kind)) == "time"
    value, low, high = (_added(q, s, kept, latency) for q, s in zip(quick, slow, strict=True))
    return value, min(low, value) / WIDEN, max(high, value) * WIDEN


def _carried(found: Resolved, quick: float, kept: float) -> float:
    tokens = found.talk.prompt or 512.0
    batch = found.conditions.ubatch or buffers.of_engine(found.engine_id).batch_tokens
    carried = (1 - kept) * sizes.weights_and_cache(found) / PCIE_BYTES_S
    return tokens / (tokens / quick + ceil(tokens / batch) * carried)


def _added(quick: float, slow: float, kept: float, latency: bool) -> float:
    if latency:
        return kept * quick + (1 - kept) * slow
    return 1 / (kept / quick + (1 - kept) / slow)


def _on_processor(found: Resolved, shelf: Catalogue) -> Resolved:
    """The same row on the processor that its conditions name, or a desktop's."""
    processor = machined(Said(found.row.conditions or "cpu", 1, None, None, "cpu"), shelf)
    assert processor is not None
    there = machines.of_device(processor.device)
    backend = machines.backend_of(found.engine_id, there, shelf) or found.backend
    return replace(found, machine=there, backend=backend)
