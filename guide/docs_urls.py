"""What a newcomer reads: how it decides and measures, the words, examples, the parts of a page."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from guide.views.docs import docs, page
from guide.views.glossary import glossary_page
from guide.views.patterns import patterns

urlpatterns: list[URLPattern | URLResolver] = [
    path("glossary/", glossary_page, name="glossary"),
    path("patterns/", patterns, name="patterns"),
    path("docs/", docs, name="docs"),
    path("docs/<slug:name>/", page, name="docs-page"),
]
