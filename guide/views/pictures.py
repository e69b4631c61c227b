"""Pictures as files: of a recipe, of what was shared, of the claims, of the accuracy page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page, require_safe

from benchruns.claim_tests import measurements
from benchruns.evidence import DatabaseEvidence
from benchruns.pictures.answer import answered
from benchruns.pictures.picture import Picture
from guide.asked import read
from guide.presentation import card
from guide.presentation.accuracy import KindView, kind_view
from guide.presentation.claims import charts
from guide.presentation.pictures import claims_picture
from guide.presentation.recipe import recipe_context
from guide.views.share import PLAIN, immutable, kept_under
from recommender.accuracy import load as accuracy
from recommender.ledger.load import load as ledger
from recommender.recommend import recommend
from recommender.recommendation import Recommendation
from recommender.render import SnapshotError


@require_safe
def recipe_picture(request: HttpRequest, picture: str, form: str) -> HttpResponse:
    """400 with a sentence for wrong answers, 404 with one where there is no such picture."""
    asked = read(request.GET)
    if asked.errors:
        return HttpResponse(f"{asked.sentences}\n", content_type=PLAIN, status=400)
    rec = recommend(asked.answers, evidence=DatabaseEvidence())
    return _of_recipe(rec, picture, form, request.build_absolute_uri("/recipe/"))


@require_safe
@conditional_page
def shared_picture(request: HttpRequest, slug: str, picture: str, form: str) -> HttpResponse:
    """As it was when it was shared."""
    kept = kept_under(slug)
    link = request.build_absolute_uri(kept.get_absolute_url())
    try:
        rec = kept.recommendation()
    except SnapshotError as error:
        return HttpResponse(f"{error}\n", content_type=PLAIN, status=410)
    return immutable(_of_recipe(rec, picture, form, link), kept)


def _of_recipe(rec: Recommendation, picture: str, form: str, link: str) -> HttpResponse:
    found: dict[str, Picture] = recipe_context(rec)["pictures"]
    name = f"rigguide {card.title(rec)} {picture}"
    foot = f"{card.title(rec)}; {card.SITE}, rule book {rec.rulebook_version}; {link}"
    return answered(_named(found, picture), form, name=name, foot=foot)


def _named(found: dict[str, Picture], picture: str) -> Picture:
    if picture not in found:
        known = f"there is {', '.join(found)}" if found else "there is none at all"
        raise Http404(f"There is no picture {picture!r} here; {known}.")
    return found[picture]


@require_safe
def claims_chart(request: HttpRequest, picture: str, form: str) -> HttpResponse:
    found = {chart.id: claims_picture(chart) for chart in charts(ledger(), measurements())}
    foot = f"{card.SITE}; {request.build_absolute_uri('/claims/')}"
    return answered(_named(found, picture), form, name=f"rigguide {picture}", foot=foot)


@require_safe
def accuracy_chart(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    view = _kind(kind)
    foot = f"{card.SITE}, {accuracy().edition}; {request.build_absolute_uri('/accuracy/')}"
    return answered(view.picture, form, name=f"rigguide accuracy {kind}", foot=foot)


def _kind(kind: str) -> KindView:
    try:
        return kind_view(kind)
    except ValueError as error:
        raise Http404(str(error)) from None
