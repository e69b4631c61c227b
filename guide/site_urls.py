"""The public site: questionnaire, recipe, share links, articles, API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from guide.views import links, pictures, revoking
from guide.views.evidence import evidence
from guide.views.files import recipe_file, shared_file
from guide.views.health import healthz
from guide.views.own import own_device, own_model, too_large
from guide.views.questionnaire import questionnaire
from guide.views.recipe import recipe
from guide.views.reference import article, articles, engine, engines
from guide.views.share import share, shared, shared_json, shared_markdown
from guide.views.shelf import shelf

urlpatterns: list[URLPattern | URLResolver] = [
    path("", questionnaire, name="questionnaire"),
    path("recipe/", recipe, name="recipe"),
    path("own/model/", own_model, name="own-model"),
    path("own/device/", own_device, name="own-device"),
    path("too-large/", too_large, name="too-large"),
    path("recipe/files/<str:name>", recipe_file, name="recipe-file"),
    path("recipe/qr.svg", links.recipe_qr, name="recipe-qr"),
    path(
        "recipe/pictures/<str:picture>.<str:form>", pictures.recipe_picture, name="recipe-picture"
    ),
    path("share/", share, name="share"),
    path("r/<str:slug>.json", shared_json, name="shared-json"),
    path("r/<str:slug>.md", shared_markdown, name="shared-markdown"),
    path("r/<str:slug>.png", links.shared_png, name="shared-png"),
    path("r/<str:slug>", shared, name="shared"),
    path("r/<str:slug>/badge.svg", links.shared_badge, name="shared-badge"),
    path("r/<str:slug>/qr.svg", links.shared_qr, name="shared-qr"),
    path("r/<str:slug>/since", links.shared_since, name="shared-since"),
    path("r/<str:slug>/manage", revoking.manage, name="shared-manage"),
    path(
        "r/<str:slug>/pictures/<str:picture>.<str:form>",
        pictures.shared_picture,
        name="shared-picture",
    ),
    path("r/<str:slug>/<str:name>", shared_file, name="shared-file"),
    path("links/", revoking.my_links, name="my-links"),
    path("oembed", links.oembed, name="oembed"),
    path("articles/", articles, name="articles"),
    path("articles/<str:article>/", article, name="article"),
    path("models/", shelf, {"what": "models"}, name="models"),
    path("devices/", shelf, {"what": "devices"}, name="devices"),
    path("engines/", engines, name="engines"),
    path("engines/<str:engine>/", engine, name="engine"),
    path("evidence/", evidence, name="evidence"),
    path("", include("guide.api.urls")),
    path("healthz", healthz, name="healthz"),
    path("", include("guide.claims_urls")),
]
