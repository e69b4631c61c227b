"""How much of made weights stays on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchruns.host.synthetic.shelf import in_use, trim


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Three files of 100 bytes, `a` unused for longest."""
    for age, name in enumerate("cba"):
        path = tmp_path / f"{name}.gguf"
        path.write_bytes(bytes(100))
        os.utime(path, (1000 - age, 1000 - age))
    return tmp_path


def names(shelf: Path) -> str:
    return "".join(sorted(path.stem for path in shelf.iterdir()))


@pytest.mark.parametrize(
    ("most", "left"), [(300, "abc"), (299, "bc"), (200, "bc"), (199, "c"), (0, "")]
)
def test_what_was_not_used_for_longest_goes_first(shelf: Path, most: int, left: str) -> None:
    trim(shelf, most)
    assert names(shelf) == left


def test_what_is_in_use_stays(shelf: Path) -> None:
    with in_use(shelf / "a.gguf"):
        trim(shelf, 0)
        assert names(shelf) == "a"
    trim(shelf, 0)
    assert names(shelf) == ""


def test_what_was_used_last_goes_last(shelf: Path) -> None:
    with in_use(shelf / "a.gguf"):
        pass
    trim(shelf, 100)
    assert names(shelf) == "a"


def test_it_leaves_what_is_no_weights(shelf: Path) -> None:
    (shelf / "notes.txt").write_text("mine")
    trim(shelf, 0)
    assert names(shelf) == "notes"


def test_nothing_to_trim_is_no_trouble(tmp_path: Path) -> None:
    trim(tmp_path / "not-there", 0)
    with in_use(tmp_path / "not-there.gguf"):
        pass


def test_what_cannot_be_removed_is_told_and_holds_nothing_up(
    shelf: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (shelf / "a.gguf").unlink()
    (shelf / "a.gguf").mkdir()
    trim(shelf, 0)
    assert names(shelf) == "a"
    assert "weights cannot be removed" in caplog.text


def folder(where: Path, name: str, size: int, used: float) -> Path:
    made = where / f"{name}.hf"
    made.mkdir()
    (made / "model.safetensors").write_bytes(bytes(size))
    (made / "config.json").touch()
    os.utime(made / "config.json", (used, used))
    return made


def test_folders_are_kept_and_removed_as_files_are(tmp_path: Path) -> None:
    old, new = folder(tmp_path, "old", 100, used=1), folder(tmp_path, "new", 100, used=2)
    trim(tmp_path, 150)
    assert not old.exists()
    assert new.exists()
    assert list(tmp_path.iterdir()) == [new]


def test_a_folder_in_use_stays(tmp_path: Path) -> None:
    used = folder(tmp_path, "used", 100, used=1)
    with in_use(used):
        trim(tmp_path, 0)
        assert used.exists()
    trim(tmp_path, 0)
    assert not used.exists()
