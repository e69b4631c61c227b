"""The OpenAPI document, readable by people."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from guide.api.openapi import document

pytestmark = pytest.mark.django_db


def test_it_has_every_operation_with_what_it_takes_and_answers() -> None:
    text = Client().get("/api/").text
    for path, methods in document("http://testserver")["paths"].items():
        assert escape(path) in text
        for method, operation in methods.items():
            assert f'id="{operation["operationId"]}"' in text
            assert f">{method.upper()}</span>" in text
            assert escape(operation["summary"]) in text


def test_it_has_every_shape_that_it_names() -> None:
    text = Client().get("/api/").text
    named = {part.partition('"')[0] for part in text.split('href="#shape-')[1:]}
    assert named
    assert all(f'id="shape-{name}"' in text for name in named)


def test_it_says_what_scopes_there_are_and_where_tokens_come_from() -> None:
    text = Client().get("/api/").text
    for part in ("admin:hosts", "/account/tokens/", "Retry-After", "If-None-Match"):
        assert part in text
