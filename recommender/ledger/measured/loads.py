"""What more clients do to one engine: more work, answers side by side, or a breakdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recommender.evidence import MeasuredPoint, Measurement
from recommender.ledger.finding import Finding, Stance
from recommender.ledger.measured.held import at, finding_of, in_words
from recommender.ledger.plans import HoldsLoad, Overlap, Scaling
from recommender.ledger.words import engine


def scaling(wanted: Scaling, measurements: Sequence[Measurement]) -> Iterator[Finding]:
    for one in measurements:
        if (one.engine, one.variant) != (wanted.engine, wanted.variant):
            continue
        alone, together = at(one, 1), at(one, wanted.clients)
        if alone is None or together is None:
            continue
        if not alone.total_tok_s or not together.total_tok_s:
            continue
        growth = together.total_tok_s / alone.total_tok_s
        text = (
            f"{engine(one.engine)}, {in_words(one.variant)}: {alone.total_tok_s:.0f} tok/s with "
            f"one client, {together.total_tok_s:.0f} with {wanted.clients} together, "
            f"{growth:.2f} times"
        )
        stable = alone.stable and together.stable
        stance = _stance(growth, wanted, stable=stable)
        yield finding_of(one, stance, text, wanted.clients, value=growth, stable=stable)


def overlap(wanted: Overlap, measurements: Sequence[Measurement]) -> Iterator[Finding]:
    for one in measurements:
        point = at(one, wanted.clients)
        if (one.engine, one.variant) != (wanted.engine, wanted.variant) or point is None:
            continue
        if not point.total_tok_s or not point.tok_s_per_user_p50:
            continue
        at_once = point.total_tok_s / point.tok_s_per_user_p50
        text = (
            f"{engine(one.engine)}, {in_words(one.variant)}, with {wanted.clients} clients: "
            f"{point.total_tok_s:.0f} tok/s in all, {point.tok_s_per_user_p50:.0f} for each answer "
            f"while it is written, so {at_once:.1f} are written at a time"
        )
        stance = _stance(at_once, wanted, stable=point.stable)
        yield finding_of(one, stance, text, wanted.clients, value=at_once, stable=point.stable)


def _stance(value: float, wanted: Scaling | Overlap, *, stable: bool) -> Stance:
    """An unstable run decides nothing, nor does what lies between the two thresholds."""
    if not stable:
        return Stance.BEARS
    if wanted.supports_below is not None and value < wanted.supports_below:
        return Stance.SUPPORTS
    return Stance.CONTRADICTS if value > wanted.contradicts_above else Stance.BEARS


def holds_load(wanted: HoldsLoad, measurements: Sequence[Measurement]) -> Iterator[Finding]:
    for one in measurements:
        if (one.engine, one.variant) != (wanted.engine, wanted.variant):
            continue
        alone, together = at(one, 1), at(one, wanted.clients)
        if alone is not None and alone.total_tok_s and together is not None:
            yield _loaded(wanted, one, alone, together)


def _loaded(
    wanted: HoldsLoad, one: Measurement, alone: MeasuredPoint, together: MeasuredPoint
) -> Finding:
    """That no request came back is no matter of stability."""
    stable = alone.stable and (together.stable or not together.total_tok_s)
    reason = _missed(alone.total_tok_s or 0.0, together, wanted)
    as_said = (reason == "") == (wanted.expect == "holds")
    decided = Stance.SUPPORTS if as_said else Stance.CONTRADICTS
    text = (
        f"{engine(one.engine)}, {in_words(one.variant)}, with {wanted.clients} clients: "
        f"{reason or 'carries the load'}"
    )
    return finding_of(one, decided if stable else Stance.BEARS, text, wanted.clients, stable=stable)


def _missed(alone: float, together: MeasuredPoint, wanted: HoldsLoad) -> str:
    """What was missed, or "" when nothing was."""
    if not together.total_tok_s:
        return "no request came back"
    kept = together.total_tok_s / alone
    if kept < wanted.kept:
        return f"all together get only {kept:.2f} times what one gets"
    late = together.ttft_p95_ms
    if late is not None and late > wanted.ttft_limit_ms:
        return f"the slowest twentieth waits {late / 1000:.1f} s for the first token"
    return ""
