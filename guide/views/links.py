"""What a shared link is shown as elsewhere: preview, badge, QR code, embedding; and what is new."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import segno
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe

from guide.asked import read
from guide.models import SharedRecommendation
from guide.presentation import card
from guide.presentation.badge import badge
from guide.presentation.differences import beside, since
from guide.presentation.preview import HEIGHT, WIDTH, preview_png
from guide.views.share import PLAIN, immutable, kept_under, link_context
from recommender.recommendation import Recommendation
from recommender.render import SnapshotError

SVG: Final = "image/svg+xml"
A_DAY_S: Final = 24 * 3600
MOST_IN_A_CODE: Final = 1800
"""Characters of an address; a code of more is too fine to be read from paper."""


@require_safe
@conditional_page
def shared_png(request: HttpRequest, slug: str) -> HttpResponse:
    del request
    kept = kept_under(slug)
    try:
        return immutable(HttpResponse(preview_png(kept), content_type="image/png"), kept)
    except SnapshotError as error:
        return _gone(error)


@require_safe
@conditional_page
def shared_badge(request: HttpRequest, slug: str) -> HttpResponse:
    del request
    kept = kept_under(slug)
    try:
        return immutable(HttpResponse(badge(kept.recommendation()), content_type=SVG), kept)
    except SnapshotError as error:
        return _gone(error)


def _gone(error: SnapshotError) -> HttpResponse:
    return HttpResponse(f"{error}\n", content_type=PLAIN, status=410)


@require_safe
@conditional_page
def shared_qr(request: HttpRequest, slug: str) -> HttpResponse:
    kept = kept_under(slug)
    address = request.build_absolute_uri(kept.get_absolute_url())
    return immutable(HttpResponse(code(address), content_type=SVG), kept)


@require_safe
@conditional_page
def recipe_qr(request: HttpRequest) -> HttpResponse:
    """Of the recipe's own address, for paper. 400 with a sentence for wrong answers."""
    asked = read(request.GET)
    address = request.build_absolute_uri(f"/recipe/?{asked.query}")
    if asked.errors or len(address) > MOST_IN_A_CODE:
        said = asked.sentences or "These answers are too long for a QR code: share the recipe."
        return HttpResponse(f"{said}\n", content_type=PLAIN, status=400)
    response = HttpResponse(code(address), content_type=SVG)
    patch_cache_control(response, public=True, max_age=A_DAY_S)
    return response


@lru_cache(maxsize=256)
def code(address: str) -> bytes:
    """SVG with attributes only; a quiet zone of four modules, as readers want it."""
    drawn = BytesIO()
    made = segno.make(address, error="m", micro=False)
    made.save(
        drawn, kind="svg", scale=4, border=4, dark="#1d1f21", light="#ffffff", xmldecl=False,
        title=f"QR code of {address}", nl=False,
    )  # fmt: skip
    return drawn.getvalue()


@require_safe
@conditional_page
def shared_since(request: HttpRequest, slug: str) -> HttpResponse:
    kept = kept_under(slug)
    query = urlencode(kept.pairs())
    try:
        found = since(kept)
    except SnapshotError as error:
        gone = {"shared": kept, "why": error, "query": query}
        return render(request, "guide/unreadable.html", gone, status=410)
    context = {"shared": kept, "since": found, "query": query, "then_title": card.title(found.then)}
    if found.today is not None:
        context["beside"] = beside(found.then, found.today)
    response = render(request, "guide/since.html", context)
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """https://oembed.com: `url` of a shared link, `format` json. 404 for anything else of ours."""
    if request.GET.get("format", "json") != "json":
        return JsonResponse({"error": "format: there is only json."}, status=501)
    given = request.GET.get("url", "")
    if not given:
        return JsonResponse({"error": "url: say which shared link, whole."}, status=400)
    try:
        kept = kept_under(_slug(request, given))
        said = _embedded(request, kept, kept.recommendation())
    except Http404 as error:
        return JsonResponse({"error": str(error)}, status=404)
    except SnapshotError as error:
        return JsonResponse({"error": str(error)}, status=410)
    response = JsonResponse(said)
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=A_DAY_S)
    return response


def _slug(request: HttpRequest, given: str) -> str:
    """Of a shared link of this site. Raises Http404 for any other address."""
    try:
        parts = urlsplit(given)
        found = resolve(parts.path)
    except (ValueError, Resolver404):
        raise Http404("url: this is no shared link of this site.") from None
    if parts.netloc != request.get_host() or found.url_name != "shared":
        raise Http404("url: this is no shared link of this site.")
    return str(found.kwargs["slug"])


def _embedded(
    request: HttpRequest, kept: SharedRecommendation, rec: Recommendation
) -> dict[str, Any]:
    link = link_context(request, kept)["link"]
    return {
        "version": "1.0",
        "type": "link",
        "title": card.title(rec),
        "description": card.description(rec),
        "provider_name": card.SITE,
        "provider_url": request.build_absolute_uri("/"),
        "cache_age": A_DAY_S,
        "thumbnail_url": f"{link}.png",
        "thumbnail_width": WIDTH,
        "thumbnail_height": HEIGHT,
        "url": link,
    }
