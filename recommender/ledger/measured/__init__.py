"""What this site's hosts measured, held against a test plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from recommender.evidence import Measurement
from recommender.ledger.finding import Finding, Stance
from recommender.ledger.measured.held import newest
from recommender.ledger.measured.loads import holds_load, overlap, scaling
from recommender.ledger.measured.versus import versus
from recommender.ledger.plans import BuildTime, HoldsLoad, Overlap, Scaling, TestPlan, Versus


def findings(plan: TestPlan, measurements: Sequence[Measurement]) -> tuple[Finding, ...]:
    """Every measurement, or pair of them on one machine, that a criterion can be held against.

    Of each engine, machine, model and variant the newest counts. On hardware other than the plan's
    it only bears on the claim.
    """
    found: list[Finding] = []
    runs = newest(measurements)
    for criterion in plan.criteria:
        if not isinstance(criterion, BuildTime):
            held = _held_against(criterion, runs)
            found += [replace(finding, part=criterion.part) for finding in held]
    return tuple(_within(plan, finding) for finding in found)


def _held_against(
    criterion: Scaling | Overlap | Versus | HoldsLoad, runs: Sequence[Measurement]
) -> Iterator[Finding]:
    if isinstance(criterion, Scaling):
        return scaling(criterion, runs)
    if isinstance(criterion, Overlap):
        return overlap(criterion, runs)
    if isinstance(criterion, Versus):
        return versus(criterion, runs)
    return holds_load(criterion, runs)


def _within(plan: TestPlan, finding: Finding) -> Finding:
    if not plan.hardware or finding.scope.hardware in plan.hardware:
        return finding
    return replace(finding, stance=Stance.BEARS)
