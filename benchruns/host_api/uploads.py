"""A result document that the machine measured by itself, sent with its token."""

from __future__ import annotations

from django.conf import settings

from benchruns.host_api.bodies import Uploaded
from benchruns.host_api.edge import Answer, Refusal, host_call
from benchruns.models import Host
from benchruns.uploads import UploadRefused, upload


@host_call(Uploaded, cap=settings.RESULT_MAX_BYTES)
def results(host: Host, body: Uploaded) -> Answer:
    try:
        run = upload(host, body.document)
    except UploadRefused as error:
        raise Refusal(422, str(error)) from error
    return 201, {"run": str(run.pk), "url": run.get_absolute_url()}
