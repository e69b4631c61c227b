"""`POST /share/` keeps a recommendation; `/r/<slug>` shows it from what was kept."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import conditional_page, require_POST, require_safe

from benchruns.evidence import DatabaseEvidence
from benchruns.permits import person
from guide.asked import Asked, read
from guide.models import SharedRecommendation
from guide.presentation import card
from guide.presentation.differences import differences_today
from guide.presentation.recipe import recipe_context
from guide.priced import with_cost
from guide.rate_limit import too_many
from guide.sharing import BadLasting, control_of, lasting, make_link
from guide.views.questionnaire import address
from recommender.advice.attach import advised
from recommender.recipe import with_forms
from recommender.recommend import recommend
from recommender.render import SnapshotError, as_json, as_markdown

A_YEAR_S = 365 * 24 * 3600
SHARES_A_MINUTE = 20
KEY_COOKIE: Final = "link-key"
KEY_COOKIE_S: Final = 600
MARKDOWN = "text/markdown; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"


@require_POST
def share(request: HttpRequest) -> HttpResponse:
    """Form fields `answers`: the query string of the answers; `lasts`: days, for good without.
    303 to the link, which shows the key that takes it back to whoever made it, once.
    """
    refused = too_many(request, what="share", per_minute=SHARES_A_MINUTE)
    if refused is not None:
        return refused
    asked = read(QueryDict(request.POST.get("answers", "")))
    try:
        days = lasting(request.POST.get("lasts", ""))
    except BadLasting as error:
        return _not_shared(request, asked, str(error))
    if asked.errors or asked.priced.error:
        return _not_shared(request, asked, asked.sentences or str(asked.priced.error))
    # From what is public, whoever shares: whoever has the link may be anybody.
    rec = advised(recommend(asked.answers, evidence=DatabaseEvidence()), asked.answers)
    rec = with_cost(with_forms(rec), asked.priced.prices)
    return _made(*make_link(rec, person(request), days))


def _not_shared(request: HttpRequest, asked: Asked, reason: str) -> HttpResponse:
    context = {"reason": reason, "back": address(asked)}
    return render(request, "400.html", context, status=400)


def _made(kept: SharedRecommendation, key: str) -> HttpResponse:
    response = HttpResponseRedirect(kept.get_absolute_url())
    response.status_code = 303
    if key:
        response.set_cookie(
            KEY_COOKIE,
            key,
            max_age=KEY_COOKIE_S,
            path=kept.get_absolute_url(),
            secure=bool(settings.SESSION_COOKIE_SECURE),
            httponly=True,
            samesite="Strict",
        )
    return response


@require_safe
@conditional_page
def shared(request: HttpRequest, slug: str) -> HttpResponse:
    kept = kept_under(slug)
    try:
        rec = kept.recommendation()
    except SnapshotError as error:
        gone = {"shared": kept, "why": error, "query": urlencode(kept.pairs())}
        return render(request, "guide/unreadable.html", gone, status=410)
    key = request.COOKIES.get(KEY_COOKIE, "")
    context = {**recipe_context(rec), **link_context(request, kept), "link_key": key}
    context |= {"query": urlencode(kept.pairs()), "differences": differences_today(kept)}
    context |= {"card_title": card.title(rec), "card_description": card.description(rec)}
    context["badge_alt"] = card.in_markdown(card.title(rec))
    response = render(request, "guide/shared.html", context)
    if key:
        response.delete_cookie(KEY_COOKIE, path=kept.get_absolute_url(), samesite="Strict")
        add_never_cache_headers(response)
    else:
        # What was kept never changes, but the page says what today's rules answer.
        patch_cache_control(response, no_cache=True)
    return response


def link_context(request: HttpRequest, kept: SharedRecommendation) -> dict[str, Any]:
    """Addresses as others write them down, and until when they hold."""
    control = control_of(kept)
    return {
        "shared": kept,
        "link": request.build_absolute_uri(kept.get_absolute_url()),
        "expires_at": control.expires_at if control else None,
    }


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
    return immutable(JsonResponse(body, json_dumps_params={"indent": 2}), kept)


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
    return immutable(response, kept) if kept.markdown else response


def immutable(response: HttpResponse, kept: SharedRecommendation) -> HttpResponse:
    """What was kept never changes: whoever has it need not ask again while the link holds."""
    control = control_of(kept)
    until = control.expires_at if control else None
    left_s = A_YEAR_S if until is None else int((until - timezone.now()).total_seconds())
    patch_cache_control(response, public=True, max_age=max(0, min(A_YEAR_S, left_s)))
    if until is None:
        patch_cache_control(response, immutable=True)
    return response


def kept_under(slug: str) -> SharedRecommendation:
    """Never shared, revoked and expired look alike. Raises Http404 with a sentence."""
    kept = SharedRecommendation.objects.readable().filter(slug=slug).first()
    if kept is None:
        raise Http404("Nothing was shared under this address. Was the link copied whole?")
    return kept
