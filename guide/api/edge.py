"""The edge of the API: who asks, how often, with what. Every refusal is one sentence.

Nobody is recognised by a cookie here: a page elsewhere cannot make a visitor's browser do anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date, quote_etag
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ValidationError

from benchruns.api_tokens import find
from benchruns.models import Scope
from benchruns.models.teams import NOBODY
from benchruns.sentences import sentence
from benchruns.visitors import address_key
from guide.api.operations import Answer, Call, Caller, Operation
from guide.rate_limit import WINDOW_S, over

READS_A_MINUTE: Final = 600
WRITES_A_MINUTE: Final = 60
GREATEST_ID: Final = 2**63 - 1

M = TypeVar("M", bound=BaseModel)


class Refusal(Exception):
    """Becomes `{error: sentence}` with that status."""

    def __init__(self, status: int, said: str, **headers: str) -> None:
        super().__init__(said)
        self.status = status
        self.said = said
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


NOT_FOUND: Final = "There is nothing of yours or public at this address."


def not_found() -> Refusal:
    """What is not there and what is somebody else's look alike."""
    return Refusal(404, NOT_FOUND)


def serve(operations: Iterable[Operation]) -> Callable[..., HttpResponse]:
    """The view of one path."""
    by_method = {operation.method.upper(): operation for operation in operations}

    @csrf_exempt
    def view(request: HttpRequest, **path: Any) -> HttpResponse:
        try:
            operation = _operation(request, by_method)
            return _answer(request, operation.handle(_call(request, operation, path)))
        except Refusal as refusal:
            return refused(refusal)

    return view


def refused(refusal: Refusal) -> JsonResponse:
    return JsonResponse({"error": refusal.said}, status=refusal.status, headers=refusal.headers)


def _operation(request: HttpRequest, known: Mapping[str, Operation]) -> Operation:
    method = "GET" if request.method == "HEAD" else str(request.method)
    if method not in known:
        allowed = ", ".join([*known, "HEAD"] if "GET" in known else known)
        raise Refusal(405, f"{method} is not allowed here; {allowed} is.", Allow=allowed)
    return known[method]


def _call(request: HttpRequest, operation: Operation, path: Mapping[str, Any]) -> Call:
    who = caller(request)
    limit(request, who, writes=operation.writes)
    allow(who, operation.scope, needs=operation.needs)
    if any(isinstance(value, int) and value > GREATEST_ID for value in path.values()):
        raise not_found()
    query = parse_query(operation.query, request.GET)
    body = _body(request, operation) if operation.body else None
    return Call(request, who, path, query, body)


def caller(request: HttpRequest) -> Caller:
    """Whose token it is; nobody's where none was sent. Raises Refusal."""
    given = request.headers.get("Authorization")
    if given is None:
        return Caller(NOBODY, None, address_key(request))
    scheme, _, secret = given.partition(" ")
    token = find(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        said = "This token is unknown, was revoked or has expired: make one at /account/tokens/."
        raise Refusal(401, said, WWW_Authenticate="Bearer")
    return Caller(token.user, token, address_key(request))


def limit(request: HttpRequest, who: Caller, *, writes: bool) -> None:
    """Per token, or per address of whoever has none. Raises Refusal."""
    what, most = ("write", WRITES_A_MINUTE) if writes else ("read", READS_A_MINUTE)
    key = f"token:{who.token.pk}" if who.token else str(request.META.get("REMOTE_ADDR", ""))
    if over(f"api-{what}", key, most):
        said = f"More than {most} of these in a minute. Wait, then go on more slowly."
        raise Refusal(429, said, Retry_After=str(WINDOW_S))


def allow(who: Caller, scope: Scope, *, needs: bool) -> None:
    """Raises Refusal where a token is missing, or lacks the scope."""
    if who.token is None and needs:
        said = f"This needs a token with the scope {scope}: Authorization: Bearer rgp_…"
        raise Refusal(401, said, WWW_Authenticate="Bearer")
    if who.token is not None and scope not in who.token.scopes:
        has = ", ".join(who.token.scopes) or "none"
        raise Refusal(403, f"This needs the scope {scope}; the scopes of this token are: {has}.")


def parse_query(shape: type[M], given: QueryDict) -> M:
    """Raises Refusal for what is not known, twice there, or not as it should be."""
    twice = next((name for name, values in given.lists() if len(values) > 1), None)
    if twice is not None:
        raise Refusal(400, f"{twice[:80]} is there more than once.")
    try:
        return shape.model_validate(given.dict())
    except ValidationError as error:
        raise Refusal(400, f"The query is not valid: {sentence(error)}") from error


def _body(request: HttpRequest, operation: Operation) -> BaseModel:
    assert operation.body is not None
    if request.content_type != "application/json":
        raise Refusal(415, "Send the body as JSON: Content-Type: application/json.")
    try:
        return operation.body.model_validate_json(_read(request, operation.most_bytes()))
    except ValidationError as error:
        raise Refusal(400, f"The body is not valid: {sentence(error)}") from error


def _read(request: HttpRequest, most: int) -> bytes:
    """Refused before anything is parsed."""
    try:
        raw = request.read(most + 1)
    except (UnreadablePostError, RawPostDataException) as error:
        raise Refusal(400, "The body could not be read to its end.") from error
    if len(raw) > most:
        raise Refusal(413, f"The body is larger than {most} bytes, which is the most this takes.")
    return raw


def _answer(request: HttpRequest, answer: Answer) -> HttpResponse:
    body = answer.body
    told = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
    response = JsonResponse(told, status=answer.status, json_dumps_params={"indent": 2})
    for name, value in answer.headers.items():
        response[name] = value
    if answer.modified is not None:
        response["Last-Modified"] = http_date(answer.modified.timestamp())
    return conditional(request, response)


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """With an ETag of its content, and 304 for whoever has that already."""
    patch_vary_headers(response, ["Authorization"])
    patch_cache_control(response, private=True, no_cache=True)
    if response.status_code != 200 or request.method not in ("GET", "HEAD"):
        return response
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    # By its content alone: a clock that knows whole seconds would hide what changed within one.
    found = get_conditional_response(request, etag=etag, response=response)
    return response if found is None else found
