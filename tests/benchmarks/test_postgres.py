"""A PostgreSQL of one's own: answers, keeps a password, and is gone afterwards."""

from __future__ import annotations

import psycopg
import pytest

from benchmarks import postgres

pytestmark = pytest.mark.skipif(
    postgres.binaries() is None, reason="PostgreSQL is not installed (Debian: postgresql)"
)


def test_it_answers_whoever_knows_its_password_and_ends_with_its_block() -> None:
    with postgres.running() as cluster:
        with psycopg.connect(cluster.url) as to:
            assert to.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://rigguide:wrong@127.0.0.1:{cluster.port}/rigguide")
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(cluster.url)
