"""`POST /share/` keeps a recommendation for good; `/r/<slug>` shows it from what was kept."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_POST, require_safe

from benchruns.evidence import DatabaseEvidence
from guide.asked import read
from guide.models import SharedRecommendation
from guide.presentation.differences import differences_today
from guide.presentation.recipe import recipe_context
from guide.priced import with_cost
from guide.rate_limit import too_many
from guide.views.questionnaire import address
from recommender.advice.attach import advised
from recommender.recipe import with_forms
from recommender.recommend import recommend
from recommender.render import SnapshotError, as_json, as_markdown

A_YEAR_S = 365 * 24 * 3600
SHARES_A_MINUTE = 20
MARKDOWN = "text/markdown; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"


@require_POST
def share(request: HttpRequest) -> HttpResponse:
    """Form field `answers`: the query string of the answers. 303 to the permanent link."""
    refused = too_many(request, what="share", per_minute=SHARES_A_MINUTE)
    if refused is not None:
        return refused
    asked = read(QueryDict(request.POST.get("answers", "")))
    wrong = asked.priced.error
    if asked.errors or wrong:
        context = {"reason": asked.sentences or str(wrong), "back": address(asked)}
        return render(request, "400.html", context, status=400)
    rec = advised(recommend(asked.answers, evidence=DatabaseEvidence()), asked.answers)
    kept = SharedRecommendation.of(with_cost(with_forms(rec), asked.priced.prices))
    response = HttpResponseRedirect(kept.get_absolute_url())
    response.status_code = 303
    return response


@require_safe
@conditional_page
def shared(request: HttpRequest, slug: str) -> HttpResponse:
    kept = kept_under(slug)
    try:
        rec = kept.recommendation()
    except SnapshotError as error:
    # From what is public, whoever shares: whoever has the link may be anybody.
        gone = {"shared": kept, "why": error, "query": urlencode(kept.pairs())}
        return render(request, "guide/unreadable.html", gone, status=410)
    context = {
        **recipe_context(rec),
        "shared": kept,
        "query": urlencode(kept.pairs()),
        "differences": differences_today(kept),
    }
    response = render(request, "guide/shared.html", context)
    # What was kept never changes, but the page says what today's rules answer.
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
@conditional_page
def shared_json(request: HttpRequest, slug: str) -> HttpResponse:
    kept = kept_under(slug)
    about = {
        "slug": kept.slug,
        "url": request.build_absolute_uri(kept.get_absolute_url()),
        "created_at": kept.created_at.isoformat(),
        "answers": kept.answers,
    }
    try:
        body = {**as_json(kept.recommendation()), "shared": about}
    except SnapshotError as error:
        gone = {"error": str(error), "snapshot": kept.snapshot, "shared": about}
        return JsonResponse(gone, status=410, json_dumps_params={"indent": 2})
    return immutable(JsonResponse(body, json_dumps_params={"indent": 2}))


@require_safe
@conditional_page
def shared_markdown(request: HttpRequest, slug: str) -> HttpResponse:
    kept = kept_under(slug)
    link = request.build_absolute_uri(kept.get_absolute_url())
    tail = f"\nShared {kept.created_at:%Y-%m-%d} with rule book {kept.rulebook_version}: {link}\n"
    try:
        text = kept.markdown or as_markdown(kept.recommendation())
    except SnapshotError as error:
        return HttpResponse(f"{error}\n", content_type=PLAIN, status=410)
    response = HttpResponse(f"{text.rstrip()}\n{tail}", content_type=MARKDOWN)
    return immutable(response) if kept.markdown else response


def immutable(response: HttpResponse) -> HttpResponse:
    """What was kept never changes: whoever has it need not ask again."""
    patch_cache_control(response, public=True, max_age=A_YEAR_S, immutable=True)
    return response


def kept_under(slug: str) -> SharedRecommendation:
    """Raises Http404 with a sentence."""
    kept = SharedRecommendation.objects.filter(slug=slug).first()
    if kept is None:
        raise Http404("Nothing was shared under this address. Was the link copied whole?")
    return kept
