"""`POST /own/model/` and `/own/device/`: something that is in no list becomes an answer.

Nothing is kept: the answer describes it whole, so the visitor is led back to the questions with it
in the address.
"""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from guide.asked import Asked, read
from guide.presentation.own import Own, typed_device, typed_model
from guide.rate_limit import too_many
from guide.views.questionnaire import address, context
from recommender import catalogue
from recommender.own import device
from recommender.own.errors import OwnError
from recommender.own.header import MAGIC, MOST_BYTES
from recommender.own.reading import GGUF, Reading, from_config, from_gguf

A_MINUTE = 30
NOTHING = "Paste a config.json, or choose a config.json or GGUF file."
TOO_LARGE = (
    "What you sent is larger than 32 MB. Of a GGUF file only the head is needed, and with "
    "JavaScript the page sends no more. Without it, cut the head off yourself: "
    "head -c 24M model.gguf > head.gguf"
)


@require_POST
def own_model(request: HttpRequest) -> HttpResponse:
    """Fields: `answers` (query string), `name`, and `config` (text) or `file`."""
    refused = too_many(request, what="own", per_minute=A_MINUTE)
    if refused is not None:
        return refused
    asked, own = _asked(request), typed_model(request.POST)
    try:
        found = _read(request, own)
    except OwnError as error:
        return _again(request, asked, own.wrong_model(str(error)))
    for note in found.notes:
        messages.info(request, f"{found.model.name}: {note}")
    return _back(asked, "model", *_answers(found))


@require_POST
def own_device(request: HttpRequest) -> HttpResponse:
    """Fields: `answers` (query string), `name`, `bandwidth`, `memory` and perhaps `tflops`."""
    refused = too_many(request, what="own", per_minute=A_MINUTE)
    if refused is not None:
        return refused
    asked, own = _asked(request), typed_device(request.POST)
    try:
        found = device.decode(own.device.answer)
    except OwnError as error:
        return _again(request, asked, own.wrong_device(str(error)))
    return _back(asked, "device", ("device", found.id), ("memory_gb", ""))


def too_large(request: HttpRequest) -> HttpResponse:
    """Where `guide.body_limit` leads whoever sends too much."""
    return render(request, "400.html", {"reason": TOO_LARGE, "code": 413}, status=413)


def _asked(request: HttpRequest) -> Asked:
    return read(QueryDict(request.POST.get("answers", "").lstrip("?")))


def _read(request: HttpRequest, own: Own) -> Reading:
    """A file goes before what was pasted."""
    file, name = request.FILES.get("file"), own.model.name
    if file is None:
        if not own.model.config.strip():
            raise OwnError(NOTHING)
        return from_config(own.model.config, name=name)
    head = file.read(MOST_BYTES)
    is_gguf = head[:4] == MAGIC or (file.name or "").lower().endswith(GGUF)
    return from_gguf(head, name=name) if is_gguf else from_config(head, name=name)


def _answers(found: Reading) -> tuple[tuple[str, str], ...]:
    """A GGUF file says its quantisation as well, where the catalogue has it."""
    known = catalogue.load().quant(found.quant) if found.quant else None
    return (("model", found.answer), *((("quant", known.id),) if known else ()))


def _back(asked: Asked, question: str, *pairs: tuple[str, str]) -> HttpResponse:
    changed = replace(asked, answers=asked.answers.replaced(*pairs))
    response = HttpResponseRedirect(f"{address(changed)}#q-{question}")
    response.status_code = 303
    return response


def _again(request: HttpRequest, asked: Asked, own: Own) -> HttpResponse:
    """The page with what was typed, what was wrong with it, and all other answers."""
    told = {**context(asked), "own": own}
    return render(request, "guide/questionnaire.html", told, status=400)
