"""Taking a shared link back: by its owner, or with the key its maker was shown once."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from benchruns.permits import person
from guide.models import SharedRecommendation
from guide.rate_limit import too_many
from guide.sharing import control_of, may_revoke, owns, revoke
from guide.views.share import kept_under, link_context

TRIES_A_MINUTE = 10
WRONG = "That is not the key of this link. It begins with rgl_ and was shown when it was shared."
NO_KEY = "Give the key that was shown when the link was made, or sign in as who made it."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def manage(request: HttpRequest, slug: str) -> HttpResponse:
    """Form field `key`; its owner needs none. 403 with a sentence for a wrong key."""
    kept = kept_under(slug)
    if request.method == "POST":
        return _revoked(request, kept)
    return _page(request, kept, "", 200)


def _revoked(request: HttpRequest, kept: SharedRecommendation) -> HttpResponse:
    refused = too_many(request, what="revoke", per_minute=TRIES_A_MINUTE)
    if refused is not None:
        return refused
    key = request.POST.get("key", "").strip()
    if not may_revoke(kept, person(request), key):
        return _page(request, kept, WRONG if key else NO_KEY, 403)
    revoke(kept)
    return render(request, "guide/revoked.html", {"shared": kept})


def _page(
    request: HttpRequest, kept: SharedRecommendation, error: str, status: int
) -> HttpResponse:
    control = control_of(kept)
    context = link_context(request, kept) | {
        "error": error,
        "mine": owns(kept, person(request)),
        "revocable": control is not None and bool(control.key_hash or control.owner_id),
    }
    return render(request, "guide/manage_link.html", context, status=status)


@require_safe
@login_required
@never_cache
def my_links(request: HttpRequest) -> HttpResponse:
    """What the one who is signed in has shared, the newest first."""
    mine = SharedRecommendation.objects.readable().filter(control__owner_id=person(request).pk)
    return render(request, "guide/my_links.html", {"links": mine})
