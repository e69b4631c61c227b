"""A result document as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from benchruns.host.document import Distribution, Point, ResultDocument
from benchruns.host.progress import Progress

_HEAD = ("clients", "tok/s", "tok/s per user", "TTFT ms", "ITL ms", "TPOT ms", "req/s", "n", "")


def progress_line(progress: Progress) -> str:
    point = f" {progress.point}/{progress.points}" if progress.point else ""
    rate = "" if progress.tok_s is None else f", {progress.tok_s:.1f} tok/s so far"
    return f"[{progress.phase}{point}] {progress.message}{rate}"


def text(document: ResultDocument) -> str:
    return "\n".join([*_title(document), "", *_table(document), "", *_notes(document)])


def _title(document: ResultDocument) -> Iterator[str]:
    engine, model, host = document.engine, document.model, document.host
    weights = "synthetic weights" if model.synthetic else "weights as served"
    yield f"{engine.name} {engine.version} ({engine.provider}), {document.plan.variant}"
    yield f"{model.name} {model.quant}, {weights}, {_or_not(engine.slots)} slots"
    yield f"{host.cpu}, {host.cores_logical} threads, {host.memory_gib:.1f} GiB"
    plan = document.plan
    yield f"{plan.prompt_tokens} tokens in, {plan.output_tokens} out, closed loop"


def _or_not(value: object) -> str:
    return "not told" if value is None else str(value)


def _table(document: ResultDocument) -> list[str]:
    rows = [_HEAD, *map(_row, document.points)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(point: Point) -> tuple[str, ...]:
    found = point.summary
    return (
        str(point.clients),
        _number(found.output_tok_s),
        _median(found.tok_s_per_user),
        _median(found.ttft_ms),
        _median(found.itl_ms),
        _median(found.tpot_ms),
        _number(found.requests_s, 2),
        f"{found.ok}" + (f" (+{found.not_ok} not ok)" if found.not_ok else ""),
        "" if found.stable else f"unstable: {found.verdict}",
    )


def _number(value: float | None, digits: int = 1) -> str:
    return "not measured" if value is None else f"{value:.{digits}f}"


def _median(found: Distribution) -> str:
    """With half the width of its interval where there are enough values for one."""
    if found.p50 is None:
        return "not measured"
    if found.low is None or found.high is None:
        return f"{found.p50:.1f}"
    return f"{found.p50:.1f} ±{(found.high - found.low) / 2:.1f}"


def _notes(document: ResultDocument) -> Iterator[str]:
    yield "Medians, ± half the 95 % bootstrap interval. TPOT excludes the first token."
    yield from _conditions(document)
    for mark in document.marks:
        yield f"! {mark}"
    for point in document.points:
        for mark in point.marks:
            yield f"! at {point.clients} client{'s' if point.clients > 1 else ''}: {mark}"
    yield f"Again: {document.command}"


def _conditions(document: ResultDocument) -> Iterator[str]:
    found = document.conditions
    others = found.cpu_percent_others_during
    yield (
        f"Load {_or_not(found.load_before)} before, {_or_not(found.load_after)} after; others used "
        f"{'an unknown share' if others is None else f'{others:.0f} %'} of the processor meanwhile."
    )
