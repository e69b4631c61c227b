"""From findings to a verdict. No verdict is typed by hand.

1. What arithmetic forbids is impossible, whatever else is said.
2. Otherwise findings that support and findings that contradict are weighed, for each quantity of
   the claim by itself. A run on this site's hosts replaces what others published under the same
   conditions.
3. All support: it holds. All contradict: it is refuted. Both, or a condition that a source names:
   it holds only if, and the condition is what separates the two sides.
4. A source that the claim merely repeats is no second witness: alone, it makes the claim true only
   under that source's conditions.
5. A claim of several quantities holds when all do, is refuted when one is and none holds, and
   holds only in part otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from recommender.evidence import Measurement
from recommender.ledger import checks, documented, measured, published, words
from recommender.ledger.condition import condition
from recommender.ledger.finding import Finding, Stance, Status, Tier, Verdict
from recommender.ledger.load import Ledger, load

UNTESTED = "Nobody has tested it yet."


def judge(
    claim: str, measurements: Sequence[Measurement] = (), ledger: Ledger | None = None
) -> Verdict:
    """The verdict on one claim from everything that is known.

    Raises:
        KeyError: there is no such claim.
    """
    ledger = ledger or load()
    row = ledger.claims[claim]
    plan = ledger.tests.get(claim)
    runs = measured.findings(plan, measurements) if plan else ()
    others = _superseded(published.findings(ledger, row), runs)
    found = (*checks.findings(ledger, row), *runs, *others, *documented.findings(ledger, row))
    parts = tuple(words.part(quantity) for quantity in row.quantities)
    return combine(claim, found, parts=parts, untestable=row.untestable)


def _superseded(others: Iterable[Finding], runs: Sequence[Finding]) -> list[Finding]:
    here = {(run.scope.hardware, run.scope.variant) for run in runs if run.decides}
    return [
        replace(other, superseded=(other.scope.hardware, other.scope.variant) in here)
        for other in others
    ]


def combine(
    claim: str, findings: Iterable[Finding], *, parts: Sequence[str] = (), untestable: str = ""
) -> Verdict:
    """`parts` names the claim's quantities; with fewer than two, all is weighed together."""
    found = tuple(findings)
    deciding = [finding for finding in found if finding.decides]
    impossible = [finding for finding in deciding if finding.stance is Stance.IMPOSSIBLE]
    if impossible:
        return _verdict(claim, Status.IMPOSSIBLE, impossible[0].text, "", found, impossible)
    if not deciding:
        return _verdict(claim, Status.UNTESTED, untestable or UNTESTED, "", found, [])
    if len(parts) < 2:
        status, sentence, needed = weigh(deciding)
        return _verdict(claim, status, sentence, needed, found, deciding)
    return _in_parts(claim, found, deciding, parts)


def weigh(deciding: Sequence[Finding]) -> tuple[Status, str, str]:
    """Status, sentence and condition of findings about one thing."""
    if not deciding:
        return Status.UNTESTED, UNTESTED, ""
    pro = [f for f in deciding if f.stance is Stance.SUPPORTS]
    contra = [f for f in deciding if f.stance is Stance.CONTRADICTS]
    named = [f for f in deciding if f.stance is Stance.ONLY_IF]
    repeats = bool(pro) and not contra and all(finding.origin for finding in pro)
    if named or (pro and contra) or repeats:
        needed = condition(pro, contra, named)
        return Status.HOLDS_ONLY_IF, f"Holds only if {needed}.", needed
    if pro:
        return Status.HOLDS, f"Holds: {_counted(pro)}.", ""
    return Status.REFUTED, f"Refuted by {_counted(contra)}.", ""


def _in_parts(
    claim: str, found: tuple[Finding, ...], deciding: Sequence[Finding], parts: Sequence[str]
) -> Verdict:
    weighed = [
        (name, *weigh([f for f in deciding if f.part == part])) for part, name in enumerate(parts)
    ]
    whole = [finding for finding in deciding if finding.part is None]
    if whole:
        weighed.append(("taken together", *weigh(whole)))
    if len({(status, needed) for _, status, _, needed in weighed}) == 1:
        _, status, sentence, needed = weighed[0]
        return _verdict(claim, status, sentence, needed, found, deciding)
    statuses = {status for _, status, _, _ in weighed}
    said = "; ".join(f"{name}: {_briefly(status, needed)}" for name, status, _, needed in weighed)
    status = _of_parts(statuses)
    start = {Status.HOLDS: "Holds", Status.REFUTED: "Refuted"}.get(status, "Holds only in part")
    needed = said if status is Status.HOLDS_ONLY_IF else ""
    return _verdict(
        claim, status, f"{start}. {said[0].upper()}{said[1:]}.", needed, found, deciding
    )


def _of_parts(statuses: set[Status]) -> Status:
    if statuses == {Status.HOLDS}:
        return Status.HOLDS
    some = statuses & {Status.HOLDS, Status.HOLDS_ONLY_IF}
    return Status.REFUTED if Status.REFUTED in statuses and not some else Status.HOLDS_ONLY_IF


def _briefly(status: Status, needed: str) -> str:
    return f"only if {needed}" if status is Status.HOLDS_ONLY_IF else status.value


def _verdict(
    claim: str,
    status: Status,
    sentence: str,
    needed: str,
    found: tuple[Finding, ...],
    deciding: Sequence[Finding],
) -> Verdict:
    tiers = [tier for tier in Tier if any(finding.tier is tier for finding in deciding)]
    dates = [finding.when for finding in deciding if finding.when is not None]
    strongest = tiers[0] if tiers else None
    return Verdict(claim, status, sentence, needed, found, strongest, max(dates, default=None))


_WORDS = {
    Tier.ARITHMETIC: ("calculation", "calculations"),
    Tier.MEASURED: ("run on this site's hosts", "runs on this site's hosts"),
    Tier.PUBLISHED: ("published measurement", "published measurements"),
    Tier.DOCUMENTED: ("place in the documentation", "places in the documentation"),
}


def _counted(findings: Sequence[Finding]) -> str:
    """ "2 runs on this site's hosts, 3 published measurements from 2 sources"."""
    parts = []
    for tier, (one, several) in _WORDS.items():
        these = [finding for finding in findings if finding.tier is tier]
        sources = len({finding.url or finding.title for finding in these})
        origin = f" from {sources} sources" if 1 < sources < len(these) else ""
        if these:
            parts.append(f"{len(these)} {one if len(these) == 1 else several}{origin}")
    return ", ".join(parts)
