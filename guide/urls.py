"""Every address of the site. Names that stay put are in the README's table of addresses."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

handler400 = "guide.views.errors.not_understood"
handler404 = "guide.views.errors.not_found"
handler500 = "guide.views.errors.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("benchruns.urls")),
    path("", include("guide.accounts.urls")),
    path("", include("guide.docs_urls")),
    path("", include("guide.watch_urls")),
    path("", include("guide.site_urls")),
]
