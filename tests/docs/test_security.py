"""The table of threats is held by tests that exist, and lock files by their hashes."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from benchruns import credentials

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<threat>[^|]+) \| (?P<defence>[^|]+) \| (?P<test>[^|]+) \|$")
NAMED = re.compile(r"`(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)`")


def rows() -> list[re.Match[str]]:
    """All of the table, whatever its cells hold."""
    text = (ROOT / "docs" / "security.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    found = [ROW.match(line) for line in lines]
    assert len(found) > 20
    assert all(found), [line for line, row in zip(lines, found, strict=True) if not row]
    return [row for row in found if row]


@cache
def stories_in(file: str) -> frozenset[str]:
    path = ROOT / file
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module([], [])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["threat"][:40])
def test_every_threat_names_a_test_that_exists(row: re.Match[str]) -> None:
    named = NAMED.findall(row["test"])
    assert named, "it names no test"
    for file, name in named:
        assert name in stories_in(file), f"{file} has no {name}"


def test_a_scanner_knows_every_kind_of_secret() -> None:
    """A prefix of its own and random characters enough, as scanners' rules want them."""
    for make, prefix in (
        (credentials.new_token, credentials.HOST_PREFIX),
        (credentials.new_code, credentials.CODE_PREFIX),
        (credentials.new_invitation, credentials.INVITATION_PREFIX),
    ):
        assert re.fullmatch(rf"{prefix}[A-Za-z0-9_-]{{40,}}", make())


@pytest.mark.parametrize(
    "lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.name
)
def test_every_locked_package_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text().replace("\\\n", " ")
    pinned = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    assert pinned
    for line in pinned:
        assert "==" in line, line
        assert "--hash=sha256:" in line, line
    assert "://" not in text


def test_continuous_integration_asks_for_advisories() -> None:
    assert "make audit" in (ROOT / ".ci" / "run").read_text()
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^audit:.*\n\t@?tools/audit\.sh$", makefile, re.MULTILINE)
    assert "pip-audit --requirement requirements/run.txt" in (ROOT / "tools/audit.sh").read_text()
