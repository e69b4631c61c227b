"""`/api/v1/results`: what was measured, uploading more, and saying who sees it."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from benchruns.models import Result, Scope
from benchruns.permits import Act, may
from benchruns.seeing import results_seen_by
from benchruns.sharing import may_share, share
from benchruns.summaries import measurement
from benchruns.uploads import UploadRefused, upload
from guide.api import hosts, shapes
from guide.api.edge import Refusal, not_found
from guide.api.operations import Answer, Call, Operation
from guide.api.paging import cut, decoded, link, row_id
from guide.api.runs import named
from recommender import trust

_OF_MEASUREMENT: Final = (
    "engine", "engine_version", "model", "quant", "hardware", "device", "machine", "accelerators",
    "variant", "prompt_tokens", "output_tokens", "synthetic_weights", "uploaded", "visibility",
    "tier", "disputed",
)  # fmt: skip
_FILTERS: Final = ("engine", "model", "quant", "hardware", "device", "tier")


def visible(call: Call) -> QuerySet[Result]:
    """The same rule as for their runs."""
    who = call.caller
    results = Result.objects.filter(results_seen_by(who.requester, who.person))
    return results.select_related("run__team", "run__host").defer("document", "run__log")


def one(call: Call) -> Result:
    """Raises Refusal, for what is not there and what is somebody else's alike."""
    found = visible(call).filter(run=call.path["run"]).first()
    if found is None:
        raise not_found()
    return found


def shown(result: Result, call: Call) -> shapes.Result:
    run, there = result.run, call.request.build_absolute_uri
    told = measurement(result, run.host.name if run.host else "")
    attached = run.host is not None and run.host.revoked_at is None
    return shapes.Result.model_validate(
        {
            **{name: getattr(told, name) for name in _OF_MEASUREMENT},
            "id": run.pk,
            "points": [_point(point) for point in told.points],
            "host": named(run.host),
            "team": run.team.slug,
            "measured_at": result.measured_at,
            "stored_at": result.stored_at,
            "counts": attached and not result.refused,
            "trust": trust.words(told),
            "refused": result.refused,
            "document": there(f"/api/v1/results/{run.pk}/document"),
            "page": there(run.get_absolute_url()),
        }
    )


def _point(point: Any) -> dict[str, Any]:
    return {name: getattr(point, name) for name in shapes.Point.model_fields}


def listed(call: Call) -> Answer:
    """The newest stored first."""
    query: shapes.ResultQuery = call.query
    results = visible(call).order_by("-pk")
    wanted = {name: getattr(query, name) for name in _FILTERS}
    results = results.filter(**{name: value for name, value in wanted.items() if value})
    if query.host is not None:
        results = results.filter(run__host=query.host)
    after = decoded(query.after, (row_id,))
    results = results.filter(pk__lt=after[0]) if after else results
    rows, more = cut(list(results[: query.limit + 1]), query.limit)
    told = tuple(shown(result, call) for result in rows)
    next_page = link(call.request, [rows[-1].pk]) if more else None
    return Answer(shapes.ResultPage(results=told, next=next_page))


def detail(call: Call) -> Answer:
    return Answer(shown(one(call), call))


def document(call: Call) -> Answer:
    """It never changes."""
    found = one(call)
    kept: dict[str, Any] = Result.objects.values_list("document", flat=True).get(pk=found.pk)
    return Answer(kept, modified=found.stored_at)


def bring(call: Call) -> Answer:
    """The checks of every result; the same document again changes nothing."""
    host = hosts.one(call, call.body.host)
    if host.revoked_at is not None or not may(call.caller.person, host.team, Act.RUN):
        raise Refusal(403, f"Only members of {host.team} upload what {host.name} measured.")
    try:
        run = upload(host, call.body.document, call.caller.person)
    except UploadRefused as error:
        raise Refusal(422, str(error)) from error
    result = Result.objects.select_related("run__team", "run__host").get(run=run)
    address = {"Location": call.request.build_absolute_uri(f"/api/v1/results/{run.pk}")}
    return Answer(shown(result, call), 201, address)


def change(call: Call) -> Answer:
    result = one(call)
    if not may_share(call.caller.person, result.run):
        said = f"Only admins of {result.run.team} and whoever asked for it say who sees it."
        raise Refusal(403, said)
    share(result.run, call.body.visibility, call.caller.person)
    again = Result.objects.select_related("run__team", "run__host").get(pk=result.pk)
    return Answer(shown(again, call))


OPERATIONS: Final = (
    Operation(
        "get", "/api/v1/results", "results", "results",
        "Results that are public or your teams', newest stored first",
        Scope.READ, shapes.ResultPage, listed, query=shapes.ResultQuery,
    ),
    Operation(
        "post", "/api/v1/results", "upload-result", "results",
        "Upload what was measured on one of your teams' hosts without this site",
        Scope.UPLOAD, shapes.Result, bring, status=201, needs=True, body=shapes.NewResult,
        most_bytes=lambda: int(settings.RESULT_MAX_BYTES),
        refusals={422: "the document does not validate, or cannot be true; the sentence says why"},
    ),
    Operation(
        "get", "/api/v1/results/{run}", "result", "results", "What one run measured, in short",
        Scope.READ, shapes.Result, detail,
    ),
    Operation(
        "get", "/api/v1/results/{run}/document", "result-document", "results",
        "The whole result document, with every raw sample",
        Scope.READ, shapes.Document, document,
    ),
    Operation(
        "patch", "/api/v1/results/{run}", "share-result", "results", "Say who sees it",
        Scope.RUN, shapes.Result, change, needs=True, body=shapes.Shared,
    ),
)  # fmt: skip
