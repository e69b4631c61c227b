"""The published measurements in `calibration.jsonl`, as comparisons the ledger can search."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Literal

from pydantic import BaseModel, ConfigDict

from recommender import catalogue
from recommender.ledger.schema import Comparison, Hardware, Point
from recommender.schema import EngineId

ENGINES: dict[str, EngineId] = {
    "llama.cpp": "llama.cpp",
    "Ollama": "ollama",
    "vLLM": "vllm",
    "SGLang": "sglang",
    "MLX-LM": "mlx-lm",
}
_LAYOUT = re.compile(r"topo-tp(\d+)-pp(\d+)-")


class Row(BaseModel):
    """What the ledger reads of a row; the others' columns are the estimator's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    kind: Literal[
        "decode",
        "prefill",
        "concurrent",
        "memory_weights",
        "memory_kv",
        "memory_total",
        "kv_tokens",
    ]
    engine: str
    device: str | None
    device_count: int
    model: str
    params_b: float | None
    quant: str | None
    context: int | None
    gen_tokens: int | None
    concurrency: int | None
    value: float
    unit: str
    conditions: str | None
    date: str | None
    source: str

    @property
    def origin(self) -> str:
        """The source without the part that names one row of it."""
        return self.source.split("#")[0]

    @property
    def plausible(self) -> bool:
        """Its source names as many cards as the row does."""
        layout = _LAYOUT.search(self.source)
        return layout is None or int(layout[1]) * int(layout[2]) == self.device_count


@cache
def rows() -> tuple[Row, ...]:
    text = (files("recommender") / "data" / "calibration.jsonl").read_text("utf-8")
    found = (Row.model_validate(json.loads(line)) for line in text.splitlines() if line.strip())
    return tuple(row for row in found if row.engine in ENGINES and row.plausible)


def decode_rows(device: str, params: float) -> tuple[Row, ...]:
    """Single-stream decoding from an empty cache, on that device and models of about that size."""
    return tuple(
        row
        for row in rows()
        if row.kind == "decode"
        and row.concurrency == 1
        and not row.context
        and _device_id(row) == device
        and row.params_b is not None
        and abs(row.params_b * 1e9 / params - 1) < 0.15
    )


def bits_of(quant: str | None) -> float | None:
    """Bits per weight of a quantisation as its author wrote it; None when it is not known."""
    known = catalogue.load().quant(quant) if quant else None
    return None if known is None else known.bits_per_weight


@cache
def comparisons() -> tuple[tuple[Comparison, str], ...]:
    """Curves over clients, each with the address of its source; only decoding or output rates."""
    ordered = sorted((row for row in rows() if _is_load(row)), key=_key)
    found = (_comparison(list(group)) for _, group in groupby(ordered, key=_key))
    return tuple(one for one in found if one is not None)


def _is_load(row: Row) -> bool:
    output = "input+output" not in row.unit
    return row.kind in {"concurrent", "decode"} and output and row.concurrency is not None


def _key(row: Row) -> tuple[str, str, int, str]:
    return row.origin, row.device or "", row.device_count, row.model


def _comparison(group: list[Row]) -> tuple[Comparison, str] | None:
    first = group[0]
    known = catalogue.load().device(first.device or "")
    points = tuple(_points(group))
    if known is None or len({(p.engine, p.quant, p.clients) for p in points}) < 2:
        return None
    cards = f"{first.device_count}× " if first.device_count > 1 else ""
    hardware: Hardware = known.hardware
    comparison = Comparison(
        id=f"{first.id}-and-others",
        source="calibration",
        device=f"{cards}{known.name}",
        hardware=hardware,
        model=first.model,
        when=first.date or "undated",
        conditions=first.conditions or "as its source describes",
        points=points,
    )
    return comparison, first.origin


def _points(group: Iterable[Row]) -> Iterator[Point]:
    """One point for each engine, quantisation and number of clients: the shortest context."""
    best: dict[tuple[str, str, int], Row] = {}
    for row in group:
        key = (row.engine, row.quant or "unknown", row.concurrency or 1)
        if key not in best or (row.context or 0) < (best[key].context or 0):
            best[key] = row
    for (engine, quant, clients), row in best.items():
        yield Point(
            engine=ENGINES[engine],
            quant=quant,
            clients=clients,
            total_tok_s=row.value,
            tok_s_per_user=row.value if clients == 1 else None,
        )


def _device_id(row: Row) -> str | None:
    known = catalogue.load().device(row.device or "")
    return None if known is None or row.device_count != 1 else known.id
