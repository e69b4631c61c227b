"""Every address of this room as somebody who has no business there, and with any body at all."""

from __future__ import annotations

import contextlib
import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchruns.host_api.urls import urlpatterns as host_api
from benchruns.models import Result
from benchruns.states import State
from benchruns.urls import urlpatterns
from tests.benchruns.made import API, FACTS, Machine, as_sent, document, event

pytestmark = pytest.mark.django_db
ANY = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from([10**400, -(10**30), 1e308, "0001-01-01T00:00:00+14:00", "\x00", "--rm"])
)
JSON = st.recursive(
    SCALARS,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=8), part),
    max_leaves=8,
)


def names(patterns: list[URLPattern | URLResolver] | list[URLPattern]) -> list[str]:
    return [str(pattern.name) for pattern in patterns if isinstance(pattern, URLPattern)]


def path_of(name: str) -> str:
    """With the id of a run or host that is not there, where it takes one."""
    for arguments in ([], [uuid4()]):
        with contextlib.suppress(NoReverseMatch):
            return reverse(name, args=arguments)
    return reverse(name, args=[999_999])


@pytest.mark.parametrize("name", [n for n in names(host_api) if n != "host-api-enrol"])
def test_it_tells_nobody_anything_without_a_token(name: str) -> None:
    assert Client().post(path_of(name), {}, "application/json").status_code == 401


LISTS = {"runs", "hosts", "compare", "upload"}


@pytest.mark.parametrize("name", [n for n in names(urlpatterns) if n not in LISTS])
def test_it_knows_nothing_of_what_is_not_there(name: str) -> None:
    method = "post" if name in {"run-cancel", "run-compare", "host-install"} else "get"
    assert getattr(Client(), method)(path_of(name)).status_code == 404


def sensible(name: str) -> dict[str, Any]:
    machine = {"protocol": 1, "facts": FACTS.model_dump(mode="json"), "engines": []}
    return {
        "host-api-enrol": machine | {"code": "rgc_x", "name": "alice"},
        "host-api-facts": machine,
        "host-api-claim": {"protocol": 1, "wait_s": 0, "engines": ["llama.cpp"]},
        "host-api-events": {"attempt": 1, "events": [event()]},
        "host-api-failure": {"attempt": 1, "reason": "It broke.", "log": ""},
        "host-api-result": {"attempt": 1, "document": {}},
        "host-api-results": {"document": {}},
    }.get(name, {"attempt": 1})


@ANY
@pytest.mark.parametrize("name", names(host_api))
@given(body=JSON, field=st.integers(0, 9))
def test_it_never_breaks_whatever_a_host_says(name: str, body: Any, field: int) -> None:
    """Anything at all, then something sensible with one field exchanged for anything."""
    alice = Machine(str(uuid4()))
    run = alice.claimed()
    path = path_of(name).removeprefix(API)
    if path.startswith("runs/"):
        path = f"runs/{run.pk}/{path.rsplit('/', 1)[1]}"
    good = sensible(name)
    key = sorted(good)[field % len(good)]
    if (name, key) == ("host-api-claim", "wait_s"):
        body = str(body)
    for told in (body, good | {key: body}):
        answer = alice.post(path, json.dumps(told))
        assert answer.status_code < 500
        if answer.status_code >= 400:
            assert answer.json()["error"]


def places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = list(part.items()) if isinstance(part, dict) else []
    inner = list(enumerate(part)) if isinstance(part, list) else inner
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


DOCUMENT = as_sent(document())
PLACES = [place for place in places(DOCUMENT) if place]


@ANY
@given(place=st.sampled_from(PLACES), value=JSON)
def test_it_never_breaks_whatever_a_document_holds(place: tuple[Any, ...], value: Any) -> None:
    alice = Machine(str(uuid4()))
    run = alice.claimed()
    told = json.loads(json.dumps(DOCUMENT))
    part = told
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    answer = alice.about(run, "result", document=told)
    run.refresh_from_db()
    assert (answer.status_code, run.state) in {
        (200, State.DONE),
        (400, State.CLAIMED),
        (422, State.FAILED),
    }
    kept = Result.objects.filter(run=run, refused="").exists()
    assert kept == (answer.status_code == 200)
    assert Client().get(run.get_absolute_url()).status_code == 200


CARD = {"name": "RTX 4090", "vendor": "nvidia", "memory_gib": 24.0, "bandwidth_gb_s": 1008.0}
TOLD = json.loads(
    json.dumps(FACTS.model_dump(mode="json") | {"accelerators": [CARD], "cpu_flags": ["avx2"]})
)
FACT_PLACES = [place for place in places(TOLD) if place]
NUMBERS = st.sampled_from([0, -1, 1, 1e-300, 1e308, 10**9, 0.5])


@ANY
@given(place=st.sampled_from(FACT_PLACES), value=JSON | NUMBERS)
def test_no_machine_breaks_the_pages_of_others_whatever_it_says_it_is(
    place: tuple[Any, ...], value: Any
) -> None:
    alice = Machine(str(uuid4()))
    told = json.loads(json.dumps(TOLD))
    part = told
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    answer = alice.post("facts", json.dumps({"protocol": 1, "facts": told, "engines": []}))
    assert answer.status_code in {200, 400}
    for page in ("/recipe/?users=4&hardware=cpu", "/hosts/", alice.row.get_absolute_url()):
        assert Client().get(page).status_code == 200
