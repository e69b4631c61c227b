"""Claims, common questions and the rule book itself."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from guide.views.claims import claim_test, claims
from guide.views.landings import question, questions
from guide.views.rulebook import rulebook_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("claims/", claims, name="claims"),
    path("claims/<str:claim>/test/", claim_test, name="claim-test"),
    path("q/", questions, name="questions"),
    path("q/<slug:slug>/", question, name="question"),
    path("rulebook/", rulebook_page, name="rulebook"),
]
