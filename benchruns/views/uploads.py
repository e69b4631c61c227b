"""`/results/upload/`: a result document as a file, from whoever has the machine's token."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from benchruns.credentials import HOST_PREFIX, hashed
from benchruns.models import Host
from benchruns.uploads import UploadRefused, upload_file

UNKNOWN: Final = "This token is of no machine that is attached here."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def upload_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "benchruns/upload.html")
    host = _host(request.POST.get("token", "").strip())
    if host is None:
        return _refused(request, UNKNOWN, 403)
    file = request.FILES.get("document")
    if file is None or not isinstance(file.size, int):
        return _refused(request, "Choose the file that rigguide bench --json wrote.", 400)
    try:
        runs = upload_file(host, file.read())
    except UploadRefused as error:
        return _refused(request, str(error), 422)
    ids = ",".join(str(run.pk) for run in runs)
    address = (
        runs[0].get_absolute_url() if len(runs) == 1 else f"{reverse('compare')}?results={ids}"
    )
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def _host(token: str) -> Host | None:
    """Revoked and unknown tokens look alike."""
    if not token.startswith(HOST_PREFIX):
        return None
    return Host.objects.attached().select_related("team").filter(token_hash=hashed(token)).first()


def _refused(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    return render(request, "benchruns/upload.html", {"error": reason}, status=status)
