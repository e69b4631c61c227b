"""The articles and engines as the rule book has them: paraphrased rules, facts, sources."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guide.presentation.claims import verdicts
from guide.presentation.reference import article_page, engine_page
from recommender import rulebook
from recommender.ledger.load import load


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    found = rulebook.load().articles.values()
    return render(request, "guide/articles.html", {"articles": [article_page(a.id) for a in found]})


@require_safe
def article(request: HttpRequest, article: str) -> HttpResponse:
    known = rulebook.load().articles
    if article not in known:
        raise Http404(f"There is no article {article!r} here. Known: {', '.join(known)}.")
    context = {"page": article_page(article), "claims": verdicts(_claims_of(article))}
    return render(request, "guide/article.html", context)


def _claims_of(article: str) -> list[str]:
    return [claim.id for claim in load().claims.values() if claim.article == article]


@require_safe
def engines(request: HttpRequest) -> HttpResponse:
    found = rulebook.load().engines.values()
    return render(request, "guide/engines.html", {"engines": [engine_page(e.id) for e in found]})


@require_safe
def engine(request: HttpRequest, engine: str) -> HttpResponse:
    known = rulebook.load().engines
    if engine not in known:
        raise Http404(f"There is no engine {engine!r} here. Known: {', '.join(known)}.")
    named = [claim.id for claim in load().of_engine(engine, known[engine].name)]
    context = {"page": engine_page(engine), "claims": verdicts(named)}
    return render(request, "guide/engine.html", context)
