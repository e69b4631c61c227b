"""The whole OpenAPI document, tried out: nothing breaks, and every answer is as it promises.

In-process and without a network; the same cases in every run.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import ignored_auth, missing_required_header

from guide.api import edge
from guide.api.openapi import document
from tests.benchruns.made import Machine, queued
from tests.benchruns.people import member, team
from tests.guide.api.made import Program, measured

SITE = "http://localhost"
CASES = 4
CONFIG = {
    "seed": 1,
    "phases": {"coverage": {"unexpected-methods": ["PUT"]}},
    "checks": {
        # What is wrong in one way is often right in another: an empty word filters nothing.
        "negative_data_rejection": {"enabled": False},
        "positive_data_acceptance": {"enabled": False},
    },
    # Its thirty answers and prices have stories of their own; each case of it decides a rig.
    "operations": [
        {
            "include-operation-id": "recommendation",
            "phases": {"coverage": {"enabled": False}},
        }
    ],
}
BOUNDED = settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SIGNED_IN = [ignored_auth, missing_required_header]
"""They take a token away, which a member's program puts back; visitors are held to them."""

schema = schemathesis.openapi.from_dict(document(SITE), config=SchemathesisConfig.from_dict(CONFIG))


class There:
    """Rows that ids can name, of the team whose owner asks."""

    def __init__(self) -> None:
        acme = team("acme")
        machine = Machine("alice", team=acme)
        self.host = machine.row.pk
        self.run = str(measured(machine).pk)
        queued(team=acme, wanted_host=machine.row)
        self.headers = Program(member(acme, "owner")).headers


@pytest.fixture
def there(db: None, monkeypatch: pytest.MonkeyPatch) -> There:
    for limit in ("READS_A_MINUTE", "WRITES_A_MINUTE"):
        monkeypatch.setattr(edge, limit, 10**9)
    return There()


def tried(case: Any, there: There, **headers: str) -> None:
    """Sends the case through Django's own client; every other one names a row that is there."""
    for name, value in (("host", there.host), ("run", there.run)):
        if name in (case.path_parameters or {}) and crc32(repr(case.query).encode()) % 2:
            case.path_parameters[name] = value
    wanted = case.as_transport_kwargs(base_url=SITE)
    known = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
    sent = requests.Request(**{k: wanted[k] for k in known if k in wanted}).prepare()
    case.validate_response(_answer(sent, headers), excluded_checks=SIGNED_IN if headers else ())


def _answer(sent: requests.PreparedRequest, headers: dict[str, str]) -> Response:
    told = {**{name: str(value) for name, value in sent.headers.items()}, **headers}
    kind = told.pop("Content-Type", "application/octet-stream")
    told.pop("Content-Length", None)
    url = urlsplit(str(sent.url))
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    client = Client(raise_request_exception=False)
    address = f"{url.path}?{url.query}" if url.query else url.path
    got = client.generic(str(sent.method), address, body, kind, headers=told)
    found = {name: [value] for name, value in got.headers.items()}
    return Response(got.status_code, found, got.content, sent, elapsed=0.0, verify=False)


@schema.parametrize()
@BOUNDED
def test_a_visitor_breaks_nothing(case: Any, there: There) -> None:
    tried(case, there)


@schema.exclude(tag="recipe").parametrize()
@BOUNDED
def test_a_member_breaks_nothing(case: Any, there: There) -> None:
    tried(case, there, **there.headers)
