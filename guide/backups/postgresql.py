"""PostgreSQL: `pg_dump` and `pg_restore`, checked by restoring into a database of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from django.db import connection
from psycopg import sql

from guide.backups.manifest import BackupError

# Not those that an extension brought.
_DROP_TABLES: Final = """
DO $$ DECLARE found regclass; BEGIN
  FOR found IN SELECT oid FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition
      AND relnamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
  LOOP EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', found); END LOOP;
END $$
"""


def dump(to: Path) -> None:
    """One snapshot, whoever writes meanwhile."""
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}", _name())


def check(data: Path, tables: list[str]) -> dict[str, int]:
    """Restores it beside the site's own database and counts. Raises BackupError."""
    with _scratch() as name:
        _run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={name}", str(data))
        with psycopg.connect(**_parameters() | {"dbname": name}) as copy:
            return {table: _rows(copy, table) for table in tables if _has(copy, table)}


def load(data: Path) -> None:
    """In place of what is there, in one transaction: all of it or nothing.

    All tables go first: `--clean` knows only those of the backup, and cannot drop one that a table
    of a later release refers to. The schema stays, with the rights that others have in it.
    """
    connection.close()
    # To a file and not to a pipe: of a broken backup psql would commit the part that it was given.
    script = data.with_name(f"{data.name}.sql")
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", f"--file={script}", str(data))
    once = ("--single-transaction", "--set=ON_ERROR_STOP=1", f"--command={_DROP_TABLES}")
    _run("psql", "--no-psqlrc", "--quiet", *once, f"--file={script}", f"--dbname={_name()}")


@contextmanager
def _scratch() -> Iterator[str]:
    name = f"rigguide_check_{secrets.token_hex(6)}"
    with psycopg.connect(**_parameters(), autocommit=True) as admin:
        try:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupError(
                "The backup cannot be checked: this database user may not create a database. "
                "Allow it (ALTER ROLE … CREATEDB), or say --no-check."
            ) from error
        try:
            yield name
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _has(copy: psycopg.Connection[Any], table: str) -> bool:
    found = copy.execute("SELECT to_regclass(%s)", [f'"{table}"']).fetchone()
    return found is not None and found[0] is not None


def _rows(copy: psycopg.Connection[Any], table: str) -> int:
    found = copy.execute(
        sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    ).fetchone()
    assert found is not None
    return int(found[0])


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _parameters() -> dict[str, Any]:
    """As libpq names them."""
    kept = connection.settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    named = names | {"port": "PORT"}
    return {name: kept[key] for name, key in named.items() if kept[key]}


def _run(program: str, *arguments: str) -> None:
    """The password goes by the environment: command lines can be read by others."""
    if shutil.which(program) is None:
        raise BackupError(
            f"{program} is not installed (Debian: apt-get install postgresql-client)."
        )
    said = _parameters()
    names = {"user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT"}
    env = os.environ | {names[key]: str(value) for key, value in said.items() if key in names}
    done = subprocess.run([program, *arguments], env=env, capture_output=True, text=True)
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-500:]}")
