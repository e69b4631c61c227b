"""Runs and hosts: pages, and the API that hosts speak."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from benchruns.views import compare, hosts, installs, runs, uploads

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/host/v1/", include("benchruns.host_api.urls")),
    path("runs/", runs.runs, name="runs"),
    path("runs/<uuid:run_id>/", runs.run, name="run"),
    path("runs/<uuid:run_id>/progress", runs.run_progress, name="run-progress"),
    path("runs/<uuid:run_id>/cancel", runs.run_cancel, name="run-cancel"),
    path("runs/<uuid:run_id>/compare", compare.run_compare, name="run-compare"),
    path("runs/<uuid:run_id>/log", runs.run_log, name="run-log"),
    path("runs/<uuid:run_id>/result.json", runs.run_result, name="run-result"),
    path("compare/", compare.compare, name="compare"),
    path("compare/table.csv", compare.compare_csv, name="compare-csv"),
    path("compare/<str:metric>.svg", compare.compare_picture, {"form": "svg"}, name="compare-svg"),
    path("compare/<str:metric>.png", compare.compare_picture, {"form": "png"}, name="compare-png"),
    path(
        "compare/<str:metric>.csv", compare.compare_picture, {"form": "csv"}, name="compare-figures"
    ),
    path("results/upload/", uploads.upload_page, name="upload"),
    path("", include("benchruns.team_pages.urls")),
    path("hosts/", hosts.hosts, name="hosts"),
    path("hosts/<int:host_id>/", hosts.host, name="host"),
    path("hosts/<int:host_id>/install", installs.install, name="host-install"),
    path("", include("benchruns.evidence_urls")),
    path("", include("benchruns.host_urls")),
    path("", include("benchruns.queue_urls")),
]
