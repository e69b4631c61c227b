"""What the decision rests on: claims, common questions, the rule book, the estimates' error."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from guide.views.accuracy import accuracy, accuracy_csv, accuracy_rows
from guide.views.claims import claim_test, claims
from guide.views.landings import question, questions
from guide.views.pictures import accuracy_chart, claims_chart
from guide.views.rulebook import rulebook_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("claims/", claims, name="claims"),
    path("claims/<str:claim>/test/", claim_test, name="claim-test"),
    path("claims/pictures/<str:picture>.<str:form>", claims_chart, name="claims-picture"),
    path("accuracy/pictures/<str:kind>.<str:form>", accuracy_chart, name="accuracy-picture"),
    path("accuracy/", accuracy, name="accuracy"),
    path("accuracy/rows/", accuracy_rows, name="accuracy-rows"),
    path("accuracy.csv", accuracy_csv, name="accuracy-csv"),
    path("q/", questions, name="questions"),
    path("q/<slug:slug>/", question, name="question"),
    path("rulebook/", rulebook_page, name="rulebook"),
]
