"""Result documents whose every figure is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from benchruns.host.document import (
    Conditions,
    Distribution,
    EngineFacts,
    HostFacts,
    ModelFacts,
    Point,
    ResultDocument,
    Summary,
)
from benchruns.host.plan import Plan

ENDED = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOST = HostFacts(
    cpu="AMD EPYC", cores_physical=1, cores_logical=2, memory_gib=16, arch="x86_64", os="linux"
)


def summary(tok_s: float | None, ttft_ms: float) -> Summary:
    def of(value: float | None) -> Distribution:
        return Distribution(n=8, p50=value)

    return Summary(
        ok=8,
        not_ok=0,
        ttft_ms=of(ttft_ms),
        itl_ms=of(20.0),
        tpot_ms=of(20.0),
        e2e_ms=of(500.0),
        tok_s_per_user=of(50.0),
        output_tok_s=tok_s,
        requests_s=1.0,
        stable=True,
        verdict="stable",
    )


def document(
    rates: Mapping[int, float | None], *, ttft_ms: float = 100.0, after_s: float = 0, **plan: object
) -> ResultDocument:
    """`rates`: clients -> tokens/s in all."""
    wanted = Plan.model_validate(
        {"engine": "llama.cpp", "model": "tiny", "clients": tuple(rates)} | plan
    )
    points = tuple(
        Point(
            clients=clients,
            slots=4,
            duration_s=10,
            samples=(),
            summary=summary(tok_s, ttft_ms),
        )
        for clients, tok_s in rates.items()
    )
    return ResultDocument(
        rigguide_version="0.1.0",
        started_at=ENDED + timedelta(seconds=after_s - 60),
        finished_at=ENDED + timedelta(seconds=after_s),
        plan=wanted,
        engine=EngineFacts(id=wanted.engine, name=wanted.engine, provider="wheel", version="1"),
        model=ModelFacts(
            id="tiny", name="Tiny", quant="Q8_0", params=1, weights_bytes=1, synthetic=True
        ),
        host=HOST,
        conditions=Conditions(),
        points=points,
        command="rigguide bench",
    )


def several(clients: int, rates: Sequence[float | None], **more: object) -> list[ResultDocument]:
    return [
        document({clients: rate}, after_s=60 * turn, **more)  # type: ignore[arg-type]
        for turn, rate in enumerate(rates)
    ]
