"""Result documents as hosts send them, each with samples of its own. They are no measurements."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from benchruns.host.document import (
    Conditions,
    EngineFacts,
    HostFacts,
    ModelFacts,
    Point,
    ResultDocument,
    Sample,
)
from benchruns.host.plan import Plan
from benchruns.host.statistics import summarise

REQUESTS, TOKENS = 6, 32
"""For each client: about 60 kB of JSON, as the shortest real ones have."""

ENGINES = ("llama.cpp", "vllm", "sglang", "ollama", "mlx-lm", "tgi")
QUANTS = ("Q8_0", "Q4_K_M", "Q4_0", "F16")
FACTS = HostFacts(
    cpu="AMD EPYC 7B13",
    cores_physical=1,
    cores_logical=2,
    memory_gib=15.6,
    arch="x86_64",
    os="linux",
)


def plan(number: int, engine: str = "llama.cpp", model: str = "llama-3.2-1b") -> Plan:
    return Plan(engine=engine, model=model, quant=QUANTS[number % len(QUANTS)], clients=(1, 2, 4))


def document(what: Plan, chance: random.Random, ended: datetime | None = None) -> ResultDocument:
    ended = ended or datetime.now(UTC)
    return ResultDocument(
        rigguide_version="0.1.0",
        started_at=ended - timedelta(seconds=120),
        finished_at=ended,
        plan=what,
        engine=EngineFacts(id=what.engine, name=what.engine, provider="benchmark", version="1"),
        model=ModelFacts(
            id=what.model,
            name=what.model,
            quant=what.quant,
            params=1_235_814_400,
            weights_bytes=1_321_000_000,
            synthetic=True,
        ),
        host=FACTS,
        conditions=Conditions(load_before=0.1, load_after=1.9),
        points=tuple(_point(clients, chance) for clients in what.clients),
        command="rigguide bench",
    )


def _point(clients: int, chance: random.Random) -> Point:
    samples = tuple(sample for _ in range(clients) for sample in _client(chance))
    duration_s = max(sample.end_s or 0.0 for sample in samples)
    summary = summarise(samples, clients)
    return Point(clients=clients, slots=4, duration_s=duration_s, samples=samples, summary=summary)


def _client(chance: random.Random) -> list[Sample]:
    """One request after the other: 0.2 s to the first token, 50 ms between tokens, about."""
    at_s, found = 0.0, []
    for _ in range(REQUESTS):
        times = [at_s + 0.2 * chance.uniform(0.9, 1.1)]
        for _ in range(TOKENS - 1):
            times.append(times[-1] + 0.05 * chance.uniform(0.9, 1.1))
        times = [round(time_s, 6) for time_s in times]
        found.append(
            Sample(
                start_s=round(at_s, 6),
                first_token_s=times[0],
                end_s=times[-1],
                token_times_s=tuple(times),
                prompt_tokens=64,
                output_tokens=TOKENS,
            )
        )
        at_s = times[-1]
    return found
