"""What this site's hosts measured, held against a test plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from recommender.evidence import MeasuredPoint, Measurement
from recommender.ledger.finding import Finding, Scope, Stance, Tier
from recommender.ledger.schema import (
    BuildTime,
    HoldsLoad,
    Overlap,
    Scaling,
    TestPlan,
    Versus,
)
from recommender.ledger.words import clients as count
from recommender.ledger.words import engine


def findings(plan: TestPlan, measurements: Sequence[Measurement]) -> tuple[Finding, ...]:
    """Every measurement, or pair of them on one machine, that a criterion can be held against.

    Of each engine, machine, model and variant the newest counts. On hardware other than the plan's
    it only bears on the claim.
    """
    found: list[Finding] = []
    newest = _newest(measurements)
    for criterion in plan.criteria:
        if not isinstance(criterion, BuildTime):
            held = _held_against(criterion, newest)
            found += [replace(finding, part=criterion.part) for finding in held]
    return tuple(_within(plan, finding) for finding in found)


def _held_against(
    criterion: Scaling | Overlap | Versus | HoldsLoad, newest: Sequence[Measurement]
) -> Iterator[Finding]:
    if isinstance(criterion, Scaling):
        return _scaling(criterion, newest)
    if isinstance(criterion, Overlap):
        return _overlap(criterion, newest)
    if isinstance(criterion, Versus):
        return _versus(criterion, newest)
    return _holds_load(criterion, newest)


def _within(plan: TestPlan, finding: Finding) -> Finding:
    if not plan.hardware or finding.scope.hardware in plan.hardware:
        return finding
    return replace(finding, stance=Stance.BEARS)


def _newest(measurements: Sequence[Measurement]) -> list[Measurement]:
    found: dict[tuple[object, ...], Measurement] = {}
    for one in sorted(measurements, key=lambda m: m.measured_at):
        found[_machine(one), one.engine, one.variant, one.quant] = one
    return list(found.values())


def _machine(one: Measurement) -> tuple[object, ...]:
    """What has to agree before two engines are compared."""
    return one.host, one.machine, one.model, one.prompt_tokens, one.output_tokens


def _at(one: Measurement, clients: int) -> MeasuredPoint | None:
    return next((point for point in one.points if point.clients == clients), None)


def _finding(
    one: Measurement, stance: Stance, text: str, clients: int, **more: float | bool | None
) -> Finding:
    same, value = more.get("same"), more.get("value")
    weights = "synthetic weights" if one.synthetic_weights else "real weights"
    unstable = "" if more.get("stable", True) else "; unstable, so it decides nothing"
    return Finding(
        Tier.MEASURED,
        stance,
        f"{text} ({one.model}, {one.quant}, {weights}{unstable})",
        url=one.url,
        title=f"measured on {one.host}, {one.machine}",
        when=one.measured_at.date(),
        dated=one.measured_at.date().isoformat(),
        scope=Scope(
            one.host,
            one.hardware,
            one.model,
            clients,
            one.variant,
            None if same is None else bool(same),
        ),
        value=None if value is None else float(value),
        unit="×" if value is not None else "",
    )


# ------------------------------------------------------------------ does more load give more work?


def _scaling(wanted: Scaling, measurements: Sequence[Measurement]) -> Iterator[Finding]:
    for one in measurements:
        if (one.engine, one.variant) != (wanted.engine, wanted.variant):
            continue
        alone, together = _at(one, 1), _at(one, wanted.clients)
        if alone is None or together is None:
            continue
        if not alone.total_tok_s or not together.total_tok_s:
            continue
        growth = together.total_tok_s / alone.total_tok_s
        text = (
            f"{engine(one.engine)}, {_variant(one.variant)}: {alone.total_tok_s:.0f} tok/s with "
            f"one client, {together.total_tok_s:.0f} with {wanted.clients} together, "
            f"{growth:.2f} times"
        )
        stable = alone.stable and together.stable
        stance = _stance(growth, wanted, stable=stable)
        yield _finding(one, stance, text, wanted.clients, value=growth, stable=stable)


def _overlap(wanted: Overlap, measurements: Sequence[Measurement]) -> Iterator[Finding]:
    for one in measurements:
        point = _at(one, wanted.clients)
        if (one.engine, one.variant) != (wanted.engine, wanted.variant) or point is None:
            continue
        if not point.total_tok_s or not point.tok_s_per_user_p50:
            continue
        at_once = point.total_tok_s / point.tok_s_per_user_p50
        text = (
            f"{engine(one.engine)}, {_variant(one.variant)}, with {wanted.clients} clients: "
            f"{point.total_tok_s:.0f} tok/s in all, {point.tok_s_per_user_p50:.0f} for each answer "
            f"while it is written, so {at_once:.1f} are written at a time"
        )
        stance = _stance(at_once, wanted, stable=point.stable)
        yield _finding(one, stance, text, wanted.clients, value=at_once, stable=point.stable)


def _stance(value: float, wanted: Scaling | Overlap, *, stable: bool) -> Stance:
    """An unstable run decides nothing, nor does what lies between the two thresholds."""
    if not stable:
        return Stance.BEARS
    if wanted.supports_below is not None and value < wanted.supports_below:
        return Stance.SUPPORTS
    return Stance.CONTRADICTS if value > wanted.contradicts_above else Stance.BEARS


# ------------------------------------------------------------------ one engine over another


def _versus(wanted: Versus, measurements: Sequence[Measurement]) -> Iterator[Finding]:
    for one in measurements:
        for other in measurements:
            engines = (one.engine, other.engine) == (wanted.engine, wanted.against)
            variants = (one.variant, other.variant) == wanted.variants
            if engines and variants and _machine(one) == _machine(other):
                yield from _compared(wanted, one, other)


def _compared(wanted: Versus, one: Measurement, other: Measurement) -> Iterator[Finding]:
    for point in one.points:
        twin = _at(other, point.clients)
        top, bottom = _rate(point, wanted.measure), _rate(twin, wanted.measure)
        if twin is None or not top or not bottom or not _in(point.clients, wanted.clients):
            continue
        ratio = top / bottom
        text = (
            f"{engine(one.engine)} {top:.0f} tok/s, {engine(other.engine)} {bottom:.0f} with "
            f"{count(point.clients)}: "
            f"{ratio:.2f} times"
        )
        stable = point.stable and twin.stable
        decided = Stance.SUPPORTS if _matches(ratio, wanted) else Stance.CONTRADICTS
        yield _finding(
            replace(one, variant=other.variant),
            decided if stable else Stance.BEARS,
            text,
            point.clients,
            same=one.quant == other.quant,
            value=ratio,
            stable=stable,
        )


def _rate(point: MeasuredPoint | None, measure: str) -> float | None:
    if point is None:
        return None
    return point.total_tok_s if measure == "total_tok_s" else point.tok_s_per_user_p50


def _in(clients: int, wanted: tuple[int, int | None]) -> bool:
    return wanted[0] <= clients and (wanted[1] is None or clients <= wanted[1])


def _matches(ratio: float, wanted: Versus) -> bool:
    high = wanted.high
    above = ratio >= wanted.low * (1 - wanted.margin)
    return above and (high is None or ratio <= high * (1 + wanted.margin))


# ------------------------------------------------------------------ does it carry the load?


def _holds_load(wanted: HoldsLoad, measurements: Sequence[Measurement]) -> Iterator[Finding]:
    for one in measurements:
        if (one.engine, one.variant) != (wanted.engine, wanted.variant):
            continue
        alone, together = _at(one, 1), _at(one, wanted.clients)
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
        f"{engine(one.engine)}, {_variant(one.variant)}, with {wanted.clients} clients: "
        f"{reason or 'carries the load'}"
    )
    return _finding(one, decided if stable else Stance.BEARS, text, wanted.clients, stable=stable)


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


def _variant(variant: str) -> str:
    return "as shipped" if variant == "as-shipped" else "set up for the load"
