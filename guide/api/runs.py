"""`/api/v1/runs`: measurements that were asked for; asking for one, cancelling it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from benchruns import audit, outcomes
from benchruns.clocks import told
from benchruns.models import Host, Result, Run, Scope
from benchruns.permits import Act, may
from benchruns.progress import queue_position
from benchruns.seeing import seen_by
from benchruns.services import RunRefused, request_run
from guide.api import hosts, shapes
from guide.api.edge import Refusal, not_found
from guide.api.operations import Answer, Call, Operation
from guide.api.paging import cut, decoded, link

_SAME: Final = (
    "id", "kind", "state", "engine", "model", "quant", "plan", "answers", "note", "visibility",
    "attempt", "cancel_requested", "phase", "message", "point", "points", "clients", "tok_s",
    "fraction", "requested_at", "claimed_at", "started_at", "finished_at", "reason",
)  # fmt: skip


def visible(call: Call) -> QuerySet[Run]:
    who = call.caller
    runs = seen_by(who.requester, Run.objects.all(), who.person)
    return runs.select_related("team", "host", "wanted_host", "result").defer(
        "log", "result__document", "result__measurement"
    )


def one(call: Call) -> Run:
    """Raises Refusal, for what is not there and what is somebody else's alike."""
    found = visible(call).filter(pk=call.path["run"]).first()
    if found is None:
        raise not_found()
    return found


def shown(run: Run, call: Call, position: int | None = None) -> shapes.Run:
    result: Result | None = getattr(run, "result", None)
    there = call.request.build_absolute_uri
    return shapes.Run.model_validate(
        {
            **{name: getattr(run, name) for name in _SAME},
            "team": run.team.slug,
            "visibility": result.visibility if result else run.visibility,
            "host": named(run.host),
            "wanted_host": named(run.wanted_host),
            "position": position,
            "result": there(f"/api/v1/results/{run.pk}") if result else None,
            "page": there(run.get_absolute_url()),
        }
    )


def named(host: Host | None) -> dict[str, Any] | None:
    return {"id": host.pk, "name": host.name} if host else None


def listed(call: Call) -> Answer:
    """The newest first."""
    query: shapes.RunQuery = call.query
    runs = visible(call).order_by("-requested_at", "-pk")
    wanted = {"state": query.state, "engine": query.engine}
    runs = runs.filter(**{name: value for name, value in wanted.items() if value})
    if query.host is not None:
        runs = runs.filter(Q(host=query.host) | Q(host=None, wanted_host=query.host))
    runs = runs.filter(_before(query.after))
    rows, more = cut(list(runs[: query.limit + 1]), query.limit)
    last = [rows[-1].requested_at.isoformat(), rows[-1].pk] if more else []
    page = tuple(shown(run, call) for run in rows)
    return Answer(shapes.RunPage(runs=page, next=link(call.request, last) if more else None))


def _moment(text: str) -> datetime:
    return told(datetime.fromisoformat(text))


_KEY: Final[tuple[Callable[[str], Any], ...]] = (_moment, UUID)


def _before(after: str) -> Q:
    """The outer bound is for the index, the inner one tells rows of one moment apart."""
    found = decoded(after, _KEY)
    if found is None:
        return Q()
    at, pk = found
    return Q(requested_at__lte=at) & (Q(requested_at__lt=at) | Q(pk__lt=pk))


def detail(call: Call) -> Answer:
    run = one(call)
    return Answer(shown(run, call, queue_position(run)))


def request(call: Call) -> Answer:
    """As the button of a recipe does; asking twice before it began gives the run that waits."""
    said, who = call.body, call.caller
    host = hosts.one(call, said.host) if said.host is not None else None
    try:
        run = request_run(
            said.answers,
            said.engine,
            said.model,
            said.quant,
            host,
            person=who.person,
            requester=who.requester,
            preset=said.plan,
            visibility=said.visibility or "",
        )
    except RunRefused as refused:
        raise _refusal(refused) from refused
    address = {"Location": call.request.build_absolute_uri(f"/api/v1/runs/{run.pk}")}
    return Answer(shown(_again(run), call, queue_position(run)), 201, address)


def _again(run: Run) -> Run:
    return Run.objects.select_related("team", "host", "wanted_host").get(pk=run.pk)


def _refusal(refused: RunRefused) -> Refusal:
    return Refusal(refused.status, refused.reason, **_later(refused.status))


def _later(status: int) -> dict[str, str]:
    return {"Retry_After": "60"} if status == 429 else {}


def cancel(call: Call) -> Answer:
    """A repeat changes nothing and gets the same answer."""
    run = one(call)
    if not _may_cancel(call, run):
        raise Refusal(403, "This measurement is not yours to cancel: somebody else asked for it.")
    if not run.is_over and not run.cancel_requested:
        outcomes.request_cancel(run)
        audit.record(call.caller.person, run.team, "run.cancelled", run.pk)
    return detail(call)


def _may_cancel(call: Call, run: Run) -> bool:
    """As on the page: who asked, members of its team, and visitors where they start runs."""
    who = call.caller
    asked = bool(run.requester) and run.requester == who.requester and run.asked_by_id is None
    mine = run.asked_by_id is not None and run.asked_by_id == who.person.pk
    open_to_all = bool(settings.OPEN_RUNS) and run.team.is_embedded
    return asked or mine or open_to_all or may(who.person, run.team, Act.RUN)


OPERATIONS: Final = (
    Operation(
        "get", "/api/v1/runs", "runs", "runs", "Runs that are public or your teams', newest first",
        Scope.READ, shapes.RunPage, listed, query=shapes.RunQuery,
    ),
    Operation(
        "post", "/api/v1/runs", "request-run", "runs",
        "Ask for a measurement; without a token where the site lets visitors",
        Scope.RUN, shapes.Run, request, status=201, body=shapes.NewRun,
        refusals={
            403: "visitors may not, or that host takes no runs of yours",
            409: "no machine can measure this; the sentence says why",
        },
    ),
    Operation(
        "get", "/api/v1/runs/{run}", "run", "runs", "One run and how far it is",
        Scope.READ, shapes.Run, detail,
    ),
    Operation(
        "post", "/api/v1/runs/{run}/cancel", "cancel-run", "runs",
        "Cancel it: one that waits ends at once, one under way with its host's next word",
        Scope.RUN, shapes.Run, cancel, refusals={403: "somebody else asked for it"},
    ),
)  # fmt: skip
