from __future__ import annotations

from django.urls import URLPattern, path

from benchruns.host_api.claiming import claim
from benchruns.host_api.enrolment import enrol, facts
from benchruns.host_api.life import detach, token
from benchruns.host_api.reports import (
    cancelled,
    events,
    failure,
    heartbeat,
    installed,
    release,
    result,
)
from benchruns.host_api.uploads import results

urlpatterns: list[URLPattern] = [
    path("enrol", enrol, name="host-api-enrol"),
    path("facts", facts, name="host-api-facts"),
    path("claim", claim, name="host-api-claim"),
    path("token", token, name="host-api-token"),
    path("detach", detach, name="host-api-detach"),
    path("results", results, name="host-api-results"),
    path("runs/<uuid:run>/heartbeat", heartbeat, name="host-api-heartbeat"),
    path("runs/<uuid:run>/events", events, name="host-api-events"),
    path("runs/<uuid:run>/release", release, name="host-api-release"),
    path("runs/<uuid:run>/failure", failure, name="host-api-failure"),
    path("runs/<uuid:run>/cancelled", cancelled, name="host-api-cancelled"),
    path("runs/<uuid:run>/installed", installed, name="host-api-installed"),
    path("runs/<uuid:run>/result", result, name="host-api-result"),
]
