"""`enrol` and `facts`: who a machine is."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from benchruns import enrolment
from benchruns.host_api.bodies import Enrol, Facts
from benchruns.host_api.edge import SMALL, Answer, Refusal, host_call, only_post, parse, read
from benchruns.models import Host


@csrf_exempt
def enrol(request: HttpRequest) -> JsonResponse:
    try:
        only_post(request)
        return JsonResponse(_enrolled(parse(Enrol, read(request, SMALL))), status=201)
    except Refusal as refusal:
        return refusal.response()


def _enrolled(body: Enrol) -> dict[str, object]:
    facts, engines = _plain(body)
    try:
        host, token = enrolment.enrol(body.code, body.name, facts, engines)
    except enrolment.CodeRefused as error:
        raise Refusal(
            403, "This code is unknown, was used already or is too old; make a new one."
        ) from error
    return {"host": host.pk, "name": host.name, "token": token}


def _plain(body: Facts) -> tuple[object, object]:
    return body.facts.model_dump(mode="json"), [e.model_dump(mode="json") for e in body.engines]


@host_call(Facts)
def facts(host: Host, body: Facts) -> Answer:
    enrolment.update_facts(host, *_plain(body))
    return 200, {}
