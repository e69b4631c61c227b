"""Database connections of threads that belong to no request of Django's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connections


@contextlib.contextmanager
def let_go() -> Iterator[None]:
    """Closes this thread's database connection at the end, as Django does after a request."""
    try:
        yield
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
