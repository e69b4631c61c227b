"""Who sees a run: one rule for pages, lists, documents, logs and comparisons.

What is not public is there for whoever asked for it; a run without a result is no secret.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from benchruns.models import Result, Run


def may_see(run: Run, requester: str) -> bool:
    """`requester`: `visitors.address_key` of who asks; "" is nobody."""
    result: Result | None = getattr(run, "result", None)
    mine = bool(requester) and run.requester == requester
    return result is None or result.public or mine


def seen_by(requester: str, runs: QuerySet[Run]) -> QuerySet[Run]:
    """Those of the runs that they may see."""
    seen = Q(result=None) | Q(result__public=True)
    return runs.filter(seen | Q(requester=requester) if requester else seen)
