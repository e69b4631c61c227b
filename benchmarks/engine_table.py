"""The documents of `make measure-engines` as a table: `python -m benchmarks.engine_table`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.engines import CLIENTS, DOCUMENTS
from benchruns.host.document import Point, ResultDocument

COUNTS = "/".join(map(str, CLIENTS))
HEAD = (
    f"| engine | weights | | tokens/s at {COUNTS} clients | TTFT, ms | ITL, ms |",
    "|---|---|---|---|---|---|",
)


def documents(folder: Path = DOCUMENTS) -> list[ResultDocument]:
    """All that are kept, by file name."""
    texts = (path.read_text() for path in sorted(folder.glob("*.json")))
    return [ResultDocument.model_validate_json(text) for text in texts]


def lines(found: list[ResultDocument]) -> Iterator[str]:
    yield from HEAD
    yield from map(_line, found)


def _line(document: ResultDocument) -> str:
    engine, points = document.engine, document.points
    variant = document.plan.variant.replace("-", " ")
    rates = _joined([p.summary.output_tok_s for p in points])
    ttft = _joined([_median(p, "ttft_ms") for p in points])
    itl = _joined([_median(p, "itl_ms") for p in points])
    what = f"{engine.name} {engine.version}, {engine.provider}"
    return f"| {what} | {document.model.quant} | {variant} | {rates} | {ttft} | {itl} |"


def _median(point: Point, name: str) -> float | None:
    found: float | None = getattr(point.summary, name).p50
    return found


def _joined(values: list[float | None]) -> str:
    return " / ".join("not measured" if v is None else _short(v) for v in values)


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


if __name__ == "__main__":
    print("\n".join(lines(documents())))
