"""Attaching machines and looking after them, and what machines fetch from this site."""

from __future__ import annotations

from django.urls import URLPattern, path

from benchruns.views import attach, host_actions, package

urlpatterns: list[URLPattern] = [
    path("hosts/attach/", attach.attach, name="attach"),
    path("hosts/attach/<int:code_id>/", attach.attach_wait, name="attach-wait"),
    path("hosts/attach/<int:code_id>/progress", attach.attach_progress, name="attach-progress"),
    path("hosts/attach/<int:code_id>/withdraw", attach.attach_withdraw, name="attach-withdraw"),
    path("hosts/<int:host_id>/rename", host_actions.rename, name="host-rename"),
    path("hosts/<int:host_id>/pause", host_actions.pause, name="host-pause"),
    path("hosts/<int:host_id>/resume", host_actions.resume, name="host-resume"),
    path("hosts/<int:host_id>/rotate", host_actions.rotate, name="host-rotate"),
    path("hosts/<int:host_id>/detach", host_actions.detach, name="host-detach"),
    path("hosts/<int:host_id>/revoke", host_actions.revoke, name="host-revoke"),
    path("host/install.sh", package.install_sh, name="host-script"),
    path(
        "host/requirements.txt",
        package.requirements,
        {"engines": True},
        name="host-requirements",
    ),
    path(
        "host/requirements-without-engine.txt",
        package.requirements,
        {"engines": False},
        name="host-requirements-without-engine",
    ),
    path("host/files/<str:name>", package.file, name="host-file"),
    path("host/simple/", package.index, name="host-index"),
    path("host/simple/<str:project>/", package.index_project, name="host-index-project"),
    path("host/wheels/<str:name>", package.index_wheel, name="host-index-wheel"),
    path("host/<str:name>.whl", package.wheel, name="host-wheel"),
]
