"""Vendored files are what their manifest says, and the manifest has them all."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"
ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \| `[^`]+` \| [^|]+ \| [^|]+ \| `(?P<sum>[0-9a-f]{64})` \|$"
)
LISTED = {
    found["file"]: found["sum"]
    for line in (VENDOR / "README.md").read_text().splitlines()
    if (found := ROW.match(line))
}


@pytest.mark.parametrize("name", LISTED)
def test_it_is_byte_for_byte_what_was_vendored(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == LISTED[name]


def test_every_vendored_file_is_in_the_manifest() -> None:
    there = {p.relative_to(VENDOR).as_posix() for p in VENDOR.glob("*/*")}
    assert {name for name in there if "LICENSE" not in name} == set(LISTED)


def test_every_vendored_folder_has_its_licence() -> None:
    folders = [folder for folder in VENDOR.iterdir() if folder.is_dir()]
    assert folders
    assert all((folder / "LICENSE").is_file() for folder in folders)
