"""Results to hold against one another."""

from __future__ import annotations

from typing import Any

from benchruns.comparing.arms import Shown
from benchruns.host.compare.metrics import METRICS
from tests.benchruns.host.compare.made import document

THROUGHPUT = METRICS[0]


def shown(id_: str, rates: dict[int, float | None], *, host: str = "alice", **more: Any) -> Shown:
    facts, host_id = more.pop("engine_facts", {}), more.pop("host_id", 1)
    made = document(rates, **more)
    return Shown(
        id_,
        host,
        made.model_copy(update={"engine": made.engine.model_copy(update=facts)}),
        host_id=host_id,
    )
