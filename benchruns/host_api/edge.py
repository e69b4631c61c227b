"""The edge of the host API: who calls, how much, what. Every refusal is one sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from django.http import HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError

from benchruns import host_tokens
from benchruns.credentials import HOST_PREFIX
from benchruns.host.plan import PROTOCOL, SPOKEN
from benchruns.host_api.bodies import Body, Spoken
from benchruns.models import Host
from benchruns.sentences import sentence

SMALL: Final = 256 * 1024

B = TypeVar("B", bound=Body)
Answer = tuple[int, dict[str, Any]]


class Refusal(Exception):
    """Becomes `{error: sentence}` with that status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence

    def response(self) -> JsonResponse:
        response = JsonResponse({"error": self.sentence}, status=self.status)
        if self.status == 401:
            response["WWW-Authenticate"] = "Bearer"
        if self.status == 405:
            response["Allow"] = "POST"
        return response


def authenticate(request: HttpRequest) -> Host:
    """The host whose token this is. Revoked and unknown tokens look alike."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.startswith(HOST_PREFIX):
        raise Refusal(401, "No host token: send Authorization: Bearer rgh_….")
    host = host_tokens.authenticated(token)
    if host is None:
        raise Refusal(401, "This token is unknown or was revoked; attach the machine again.")
    return host


def read(request: HttpRequest, cap: int) -> bytes:
    """At most `cap` bytes, refused before anything is parsed."""
    try:
        raw = request.read(cap + 1)
    except UnreadablePostError as error:
        raise Refusal(400, "The body could not be read to its end.") from error
    if len(raw) > cap:
        raise Refusal(413, f"The body is larger than {cap} bytes, which is the most this takes.")
    return raw


def parse(body: type[B], raw: bytes) -> B:
    if "protocol" in body.model_fields:
        _check_protocol(spoken(raw))
    return _validated(body, raw)


def spoken(raw: bytes) -> int:
    """Which version of the protocol a body is of."""
    return _validated(Spoken, raw).protocol


def _check_protocol(protocol: int) -> None:
    if protocol not in SPOKEN:
        versions = " and ".join(map(str, SPOKEN))
        newer = "the site" if protocol > PROTOCOL else "the host"
        raise Refusal(
            426,
            f"This site speaks versions {versions} of the host protocol, the host speaks "
            f"version {protocol}: update {newer}.",
        )


def _validated(body: type[B], raw: bytes) -> B:
    try:
        return body.model_validate_json(raw)
    except ValidationError as error:
        raise Refusal(400, f"The body is not valid: {sentence(error)}") from error


def only_post(request: HttpRequest) -> None:
    if request.method != "POST":
        raise Refusal(405, f"This address takes POST, not {request.method}.")


def host_call(
    body: type[B], *, cap: int = SMALL
) -> Callable[[Callable[..., Answer]], Callable[..., JsonResponse]]:
    """A view that is given the calling host and the parsed body, and answers (status, JSON)."""

    def decorate(handle: Callable[..., Answer]) -> Callable[..., JsonResponse]:
        @csrf_exempt
        @wraps(handle)
        def view(request: HttpRequest, **path: Any) -> JsonResponse:
            try:
                only_post(request)
                host = authenticate(request)
                status, answer = handle(host, parse(body, read(request, cap)), **path)
            except Refusal as refusal:
                return refusal.response()
            return JsonResponse(answer, status=status)

        return view

    return decorate
