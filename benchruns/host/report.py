"""A result document as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from benchruns.host.document import (
    Distribution,
    Goodput,
    Guarded,
    OpenPoint,
    Point,
    ResultDocument,
    Summary,
)
from benchruns.host.lengths import Lengths, said
from benchruns.host.progress import Progress

_OPEN_HEAD = (
    "asked/s", "req/s", "tok/s", "TTFT ms", "p95", "from sending", "TPOT ms", "in flight", "n", "",
)  # fmt: skip
_IN_PROCESS_HEAD = ("test", "sequences", "prompt", "output", "tok/s", "n")
_HEAD = ("clients", "tok/s", "tok/s per user", "TTFT ms", "ITL ms", "TPOT ms", "req/s", "n", "")


def progress_line(progress: Progress) -> str:
    point = f" {progress.point}/{progress.points}" if progress.point else ""
    rate = "" if progress.tok_s is None else f", {progress.tok_s:.1f} tok/s so far"
    return f"[{progress.phase}{point}] {progress.message}{rate}"


def text(document: ResultDocument) -> str:
    parts = [_title(document), _table(document), _open_table(document)]
    parts += [_goodput(document), _in_process(document), _notes(document)]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _title(document: ResultDocument) -> Iterator[str]:
    engine, model, host = document.engine, document.model, document.host
    weights = "synthetic weights" if model.synthetic else "weights as served"
    yield f"{engine.name} {engine.version} ({engine.provider}), {document.plan.variant}"
    yield f"{model.name} {model.quant}, {weights}, {_or_not(engine.slots)} slots"
    yield f"{host.cpu}, {host.cores_logical} threads, {host.memory_gib:.1f} GiB"
    plan = document.plan
    tokens_in = _lengths(plan.prompt_tokens, plan.prompt_lengths)
    tokens_out = _lengths(plan.output_tokens, plan.output_lengths)
    yield f"{tokens_in} tokens in, {tokens_out} out" + (f", plan {plan.name}" if plan.name else "")


def _lengths(tokens: int, lengths: Lengths | None) -> str:
    return str(tokens) if lengths is None else said(lengths)


def _or_not(value: object) -> str:
    return "not told" if value is None else str(value)


def _table(document: ResultDocument) -> list[str]:
    return _aligned([_HEAD, *map(_row, document.points)]) if document.points else []


def _open_table(document: ResultDocument) -> list[str]:
    if not document.open_points:
        return []
    return [
        "Open loop (Poisson); TTFT counts from when a request was due:",
        *_aligned([_OPEN_HEAD, *map(_open_row, document.open_points)]),
    ]


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
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
        _judged(point, found),
    )


def _open_row(point: OpenPoint) -> tuple[str, ...]:
    found = point.summary
    return (
        f"{point.rate_per_s:g}",
        _number(found.requests_s, 2),
        _number(found.output_tok_s),
        _median(found.ttft_ms),
        _number(found.ttft_ms.p95),
        _median(found.ttft_sent_ms) if found.ttft_sent_ms else "not measured",
        _median(found.tpot_ms),
        _or_not(point.in_flight_max),
        f"{found.ok}" + (f" (+{found.not_ok} not ok)" if found.not_ok else ""),
        _judged(point, found),
    )


def _judged(point: Guarded, found: Summary) -> str:
    if point.refused:
        return "REFUSED, see below"
    return "" if found.stable else f"unstable: {found.verdict}"


def _goodput(document: ResultDocument) -> Iterator[str]:
    found = document.goodput
    if found is None:
        return
    asked = [f"p95 TTFT at most {found.ttft_ms:g} ms"] if found.ttft_ms else []
    if found.tokens_per_user:
        asked.append(f"p5 at least {found.tokens_per_user:g} tokens/s per user")
    yield f"Goodput, {' and '.join(asked)}: {_clients_served(found)}"
    if found.tries:
        yield "Tried beside the curve: " + ", ".join(str(p.clients) for p in found.tries)


def _clients_served(found: Goodput) -> str:
    if found.clients is None:
        return "not measured"
    if found.clients == 0:
        return "not even one client gets it"
    beyond = "" if found.bounded else " or more"
    return f"{found.clients}{beyond} clients, {_number(found.output_tok_s)} tok/s in all"


def _in_process(document: ResultDocument) -> list[str]:
    if not document.in_process:
        return []
    rows = [
        (
            p.test,
            str(p.sequences),
            str(p.prompt_tokens),
            str(p.output_tokens),
            _median(p.tok_s),
            str(len(p.seconds)),
        )
        for p in document.in_process
    ]
    return ["Without HTTP:", *_aligned([_IN_PROCESS_HEAD, *rows])]


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
    yield "Medians, ± half the 95 % interval. TPOT excludes the first token."
    yield from _conditions(document)
    for where, part in _guarded(document):
        for finding in part.guards:
            word = "REFUSED " if finding.severity == "refuse" else ""
            yield f"! {word}{where}{finding.sentence}"
    yield f"Again: {document.command}"


def _guarded(document: ResultDocument) -> Iterator[tuple[str, Guarded]]:
    yield "", document
    for point in document.points:
        yield f"at {point.clients} client{'s' if point.clients > 1 else ''}: ", point
    for offered in document.open_points:
        yield f"at {offered.rate_per_s:g} requests/s: ", offered
    if document.goodput is not None:
        yield "goodput: ", document.goodput
    for run in document.in_process:
        yield f"{run.test} with {run.sequences} sequences: ", run


def _conditions(document: ResultDocument) -> Iterator[str]:
    found = document.conditions
    others = found.cpu_percent_others_during
    yield (
        f"Load {_or_not(found.load_before)} before, {_or_not(found.load_after)} after; others used "
        f"{'an unknown share' if others is None else f'{others:.0f} %'} of the processor meanwhile."
    )
