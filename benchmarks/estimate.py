"""Estimating: memory and speed of a case by every engine and number of clients."""

from __future__ import annotations

import random
import statistics
import time

from benchmarks.timing import Timing
from recommender import catalogue
from recommender.catalogue import Model, Quant
from recommender.choose import choose
from recommender.estimate import fitted, memory, speed
from recommender.facts import Facts

SEED = 20261121
CASES = 200
Case = tuple[Facts, tuple[tuple[str, Model, Quant], ...]]


def run() -> list[Timing]:
    return [_full(_cases())]


def _full(cases: list[Case]) -> Timing:
    """Processor time: others that use the machine do not count."""
    took_ms = sorted(_once(case) for case in cases)
    p95 = took_ms[int(0.95 * len(took_ms))]
    name = "one full estimate, no case seen before"
    note = "every engine that fits, every number of clients; processor time"
    return Timing(name, len(took_ms), statistics.median(took_ms), p95, 5.0, note)


def _once(case: Case) -> float:
    """What was remembered of constants and intervals is forgotten first."""
    facts, chosen = case
    shelf = catalogue.load()
    for remembered in (fitted.constants, fitted.interval):
        remembered.cache_clear()
    start = time.process_time()
    for engine, model, quant in chosen:
        memory.memory(engine, model, quant, facts, shelf)
        speed.points(engine, model, quant, facts, shelf)
    return (time.process_time() - start) * 1000


def _cases() -> list[Case]:
    chance = random.Random(SEED)  # noqa: S311 - the same cases in every run
    shelf = catalogue.load()
    devices = [d for d in shelf.devices.values() if d.memory_gib]
    found: list[Case] = []
    while len(found) < CASES:
        facts = _facts(chance, chance.choice(devices).id)
        chosen = tuple((e, *c) for e in shelf.engines if (c := choose(e, facts, shelf)))
        if len(chosen) >= 2:
            found.append((facts, chosen))
    return found


def _facts(chance: random.Random, device: str) -> Facts:
    hardware = catalogue.load().devices[device].hardware
    users, gpus = chance.choice((1, 4, 20, 100, 500)), chance.choice((1, 1, 2, 4, 8))
    return Facts(hardware=hardware, device=device, gpus=gpus, users=users)
