"""The claims ledger as its page shows it: contradictions first, then claims and evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchruns.claim_tests import OnHost, measurements, on_hosts
from benchruns.models import Host
from benchruns.services import measurable_hosts
from guide.presentation.claims_charts import Chart, limits_chart, ratio_chart
from recommender.evidence import Measurement
from recommender.ledger.finding import Finding, Stance, Status, Tier, Verdict
from recommender.ledger.load import Ledger, load
from recommender.ledger.plans import TestPlan
from recommender.ledger.schema import Claim, Contradiction, Group, Side, Source
from recommender.ledger.verdict import judge
from recommender.wording import phrase

SHOWN = 4
"""Findings of one kind that stand open; the others are folded away."""

STATUS_WORDS = {
    Status.HOLDS: "holds",
    Status.HOLDS_ONLY_IF: "holds only if",
    Status.REFUTED: "refuted",
    Status.IMPOSSIBLE: "impossible",
    Status.UNTESTED: "untested",
}
STANCE_WORDS = {
    Stance.IMPOSSIBLE: "impossible",
    Stance.SUPPORTS: "for it",
    Stance.CONTRADICTS: "against it",
    Stance.ONLY_IF: "only if",
    Stance.BEARS: "beside it",
}
TITLES = {
    Tier.ARITHMETIC: "Arithmetic",
    Tier.MEASURED: "Measured on this site's hosts",
    Tier.PUBLISHED: "Published measurements",
    Tier.DOCUMENTED: "Documentation and papers",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A claim or rule id and where it is read."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Evidence:
    tier: Tier
    title: str
    shown: tuple[Finding, ...]
    folded: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ClaimView:
    claim: Claim
    source: Source
    verdict: Verdict
    against: tuple[Said, ...]
    evidence: tuple[Evidence, ...]
    test: TestPlan | None
    hosts: tuple[OnHost, ...]

    @property
    def status_words(self) -> str:
        return STATUS_WORDS[self.verdict.status]

    @property
    def strongest(self) -> str:
        """The strongest kind of evidence that decided, in words."""
        tier = self.verdict.decided_by
        return "" if tier is None else TITLES[tier][0].lower() + TITLES[tier][1:]

    @property
    def not_measured(self) -> bool:
        return self.test is not None and not self.verdict.of(Tier.MEASURED)


@dataclass(frozen=True, slots=True)
class SideView:
    side: Side
    who: tuple[Said, ...]
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicView:
    topic: Contradiction
    sides: tuple[SideView, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    group: Group
    topics: tuple[TopicView, ...]
    claims: tuple[ClaimView, ...]


def claims_context(only: Status | None = None) -> dict[str, Any]:
    """Everything `/claims/` shows, judged with what is known now; or the claims of one verdict."""
    ledger, measured, hosts = load(), measurements(), measurable_hosts()
    views = {id_: _view(ledger, id_, measured, hosts) for id_ in ledger.claims}
    shown = {id_: v for id_, v in views.items() if only in (None, v.verdict.status)}
    return {
        "only": only,
        "only_words": STATUS_WORDS[only] if only else "",
        "groups": _groups(ledger, shown),
        "total": len(views),
        "topics": [_topic(topic) for topic in ledger.contradictions],
        "counts": _counts(views.values()),
        "charts": charts(ledger, measured),
    }


def claim_view(claim: str) -> ClaimView:
    """One claim, for pages that cite it. Raises KeyError where there is no such claim."""
    return _view(load(), claim, measurements(), ())


def status_named(verdict: str) -> Status | None:
    """The verdict a query string asks for; None where it asks for none.

    Raises:
        ValueError: there is no such verdict; the sentence says which there are.
    """
    if not verdict:
        return None
    if verdict not in list(Status):
        msg = f"verdict does not know {verdict!r}. It takes one of: {phrase(list(Status), 'or')}."
        raise ValueError(msg)
    return Status(verdict)


def verdicts(claims: Iterable[str]) -> tuple[ClaimView, ...]:
    ledger, measured = load(), measurements()
    return tuple(_view(ledger, claim, measured, ()) for claim in claims)


def charts(ledger: Ledger, measured: Sequence[Measurement]) -> tuple[Chart, ...]:
    return (
        limits_chart(ledger),
        ratio_chart(ledger, "vllm", "ollama", measured),
        ratio_chart(ledger, "vllm", "llama.cpp", measured),
    )


def said(id_: str) -> Said:
    """Rules are read on their article's page, claims here."""
    article, _, rest = id_.partition(".")
    here = rest.startswith("c")
    return Said(id_, f"/claims/#{id_}" if here else f"/articles/{article}/#{id_}")


def _view(
    ledger: Ledger, id_: str, measured: Sequence[Measurement], hosts: Sequence[Host]
) -> ClaimView:
    claim, verdict, test = ledger.claims[id_], judge(id_, measured, ledger), ledger.tests.get(id_)
    return ClaimView(
        claim=claim,
        source=ledger.sources[claim.source],
        verdict=verdict,
        against=tuple(said(other) for other in ledger.against[id_]),
        evidence=tuple(_evidence(verdict)),
        test=test,
        hosts=on_hosts(test, hosts) if test and test.arms else (),
    )


def _evidence(verdict: Verdict) -> Iterable[Evidence]:
    """What decides stands before what only bears on the claim."""
    for tier in Tier:
        found = sorted(verdict.of(tier), key=lambda finding: not finding.decides)
        if found:
            yield Evidence(tier, TITLES[tier], tuple(found[:SHOWN]), tuple(found[SHOWN:]))


def _groups(ledger: Ledger, views: dict[str, ClaimView]) -> list[GroupView]:
    """Groups in which articles contradict one another come first."""
    torn = {topic.group for topic in ledger.contradictions}
    ordered = sorted(ledger.groups.values(), key=lambda group: group.id not in torn)
    return [
        GroupView(
            group,
            tuple(_topic(topic) for topic in ledger.contradictions if topic.group == group.id),
            tuple(views[claim.id] for claim in ledger.of_group(group.id) if claim.id in views),
        )
        for group in ordered
        if any(claim.id in views for claim in ledger.of_group(group.id))
    ]


def _topic(topic: Contradiction) -> TopicView:
    return TopicView(
        topic,
        tuple(
            SideView(
                side,
                tuple(said(who) for who in side.who),
                tuple(dict.fromkeys(who.partition(".")[0] for who in side.who)),
            )
            for side in topic.sides
        ),
    )


def _counts(views: Iterable[ClaimView]) -> list[tuple[str, str, int]]:
    """How many claims have which verdict: value, words, number."""
    found = Counter(view.verdict.status for view in views)
    return [(status.value, STATUS_WORDS[status], found[status]) for status in Status]
