"""The recipe's files: `/recipe/files/<name>?…` for answers, `/r/<slug>/<name>` as it was shared."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page, require_safe

from benchruns.evidence import evidence_for
from guide.asked import read
from guide.views.share import PLAIN, immutable, kept_under
from recommender.advice.attach import advised
from recommender.recipe import with_forms
from recommender.recommend import recommend
from recommender.recommendation import RecipeFile, Recommendation
from recommender.render import SnapshotError


@require_safe
def recipe_file(request: HttpRequest, name: str) -> HttpResponse:
    """400 with a sentence for wrong answers, 404 with one where this recipe has no such file."""
    asked = read(request.GET)
    if asked.errors:
        return HttpResponse(f"{asked.sentences}\n", content_type=PLAIN, status=400)
    rec = advised(recommend(asked.answers, evidence=evidence_for(request)), asked.answers)
    return _answer(with_forms(rec), name)


@require_safe
@conditional_page
def shared_file(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """As it was when it was shared, for good."""
    del request
    kept = kept_under(slug)
    try:
        rec = kept.recommendation()
    except SnapshotError as error:
        return HttpResponse(f"{error}\n", content_type=PLAIN, status=410)
    response = _answer(rec, name)
    return immutable(response, kept) if response.status_code == 200 else response


def _answer(rec: Recommendation, name: str) -> HttpResponse:
    found = {form.file.name: form.file for form in rec.forms if form.file is not None}
    if name not in found:
        return HttpResponse(f"{_none(rec, name, found)}\n", content_type=PLAIN, status=404)
    file = found[name]
    response = HttpResponse(file.text, content_type=file.media_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


def _none(rec: Recommendation, name: str, found: dict[str, RecipeFile]) -> str:
    """Which there are instead, and why others are not."""
    if not found:
        return "This recipe has no files: it was shared before there were any, or nothing fits."
    why = (f"{form.title}: {form.why_not}" for form in rec.forms if form.why_not)
    return " ".join((f"There is no file {name!r} here; there is {', '.join(found)}.", *why))
