"""For whoever watches over the site. `guide.probes` answers these before the rest looks at them."""

from __future__ import annotations

from django.urls import URLPattern, path

from guide.views.health import readyz
from guide.views.metrics import metrics

urlpatterns: list[URLPattern] = [
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
