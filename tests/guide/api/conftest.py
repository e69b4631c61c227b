"""Fixtures for stories about the API."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> None:
    """Limits count by token and address, which stories share: ids begin anew with each."""
    cache.clear()
