"""`/host/…`: what a machine fetches from this site to become a host. Nothing here is a secret."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import wraps
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from benchruns.attaching import files, locked, script, wheelhouse
from benchruns.attaching.wheel import Wheel, found

PLAIN: Final = "text/plain; charset=utf-8"
ZIP: Final = "application/zip"
NO_PACKAGE: Final = "This site has not built its host package yet; try again in a minute."
_CHUNK_BYTES: Final = 1024 * 1024


def site_address(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _wheel() -> Wheel:
    there = found(settings.DATA_DIR)
    if there is None:
        raise Http404(NO_PACKAGE)
    return there


def _plainly(view: Any) -> Any:
    """What is not there is said in plain text: a program asks."""

    @wraps(view)
    def said(request: HttpRequest, **path: Any) -> HttpResponseBase:
        try:
            answer: HttpResponseBase = view(request, **path)
        except Http404 as error:
            reason = str(error) or "There is no such file."
            return HttpResponse(f"{reason}\n", content_type=PLAIN, status=404)
        return answer

    return said


@require_safe
@_plainly
@cache_control(no_cache=True)
def install_sh(request: HttpRequest) -> HttpResponse:
    has_lock = locked.text(settings.BASE_DIR) is not None
    has_wheels = bool(wheelhouse.projects(settings.DATA_DIR))
    text = script.install_sh(site_address(request), _wheel(), locked=has_lock, index=has_wheels)
    return HttpResponse(text, content_type=PLAIN)


@require_safe
@_plainly
@cache_control(max_age=300)
def requirements(request: HttpRequest, *, engines: bool) -> HttpResponse:
    del request
    text = locked.text(settings.BASE_DIR, engines=engines)
    if text is None:
        raise Http404("This site has no locked requirements.")
    return HttpResponse(text, content_type=PLAIN)


@require_safe
@_plainly
def wheel(request: HttpRequest, name: str) -> HttpResponseBase:
    del request
    there = _wheel()
    if there.name != f"{name}.whl":
        raise Http404(f"The package of this site is {there.name}.")
    return _file(there.path)


@require_safe
@_plainly
@cache_control(no_cache=True)
def file(request: HttpRequest, name: str) -> HttpResponse:
    offered = files.named(name)
    if offered is None:
        known = ", ".join(one.name for one in files.OFFERED)
        raise Http404(f"There is no such file; there are: {known}.")
    response = HttpResponse(offered.make(site_address(request), _wheel()), content_type=PLAIN)
    response["Content-Disposition"] = f'attachment; filename="{offered.name}"'
    return response


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    projects = wheelhouse.projects(settings.DATA_DIR)
    return render(request, "benchruns/simple.html", {"projects": projects})


@require_safe
@_plainly
def index_project(request: HttpRequest, project: str) -> HttpResponse:
    kept = wheelhouse.of_project(settings.DATA_DIR, wheelhouse.normalised(project))
    if not kept:
        raise Http404("There is no such project.")
    return render(request, "benchruns/simple.html", {"project": project, "kept": kept})


@require_safe
@_plainly
def index_wheel(request: HttpRequest, name: str) -> HttpResponseBase:
    del request
    kept = wheelhouse.named(settings.DATA_DIR, name)
    if kept is None:
        raise Http404
    return _file(kept.path)


def _file(path: Path) -> StreamingHttpResponse:
    """Piece by piece: an engine's wheel may have hundreds of megabytes."""
    response = StreamingHttpResponse(_pieces(path), content_type=ZIP)
    response["Content-Length"] = str(path.stat().st_size)
    response["Cache-Control"] = "max-age=3600"
    return response


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            yield piece
    finally:
        file.close()
