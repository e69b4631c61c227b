from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchruns.host.errors import Cancelled, CannotMeasure
from benchruns.host.synthetic import cache
from tests.benchruns.host.instrument import BROAD, TINY


def test_it_writes_a_file_once_and_then_finds_it(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    first = cache.provide(tmp_path, "tiny", TINY, "Q8_0", wrote=lambda d, w: told.append((d, w)))
    assert told[-1][0] == told[-1][1]
    made = first.stat().st_mtime_ns
    told.clear()
    again = cache.provide(tmp_path, "tiny", TINY, "Q8_0", wrote=lambda d, w: told.append((d, w)))
    assert (again, again.stat().st_mtime_ns, told) == (first, made, [])


def test_it_keeps_different_specs_apart(tmp_path: Path) -> None:
    paths = {
        cache.provide(tmp_path, "tiny", TINY, "Q8_0"),
        cache.provide(tmp_path, "tiny", TINY, "F16"),
        cache.provide(tmp_path, "tiny", TINY, "Q8_0", seed=2),
        cache.provide(tmp_path, "tiny", replace(TINY, layers=3), "Q8_0"),
    }
    assert len(paths) == 4


def test_it_writes_the_same_bytes_for_the_same_spec(tmp_path: Path) -> None:
    one = cache.provide(tmp_path / "a", "tiny", TINY, "Q4_0")
    two = cache.provide(tmp_path / "b", "tiny", TINY, "Q4_0")
    assert one.read_bytes() == two.read_bytes()


def test_it_leaves_nothing_half_written_when_stopped(tmp_path: Path) -> None:
    def stop(_done: int, _whole: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        cache.provide(tmp_path, "broad", BROAD, "Q8_0", wrote=stop)
    assert list(tmp_path.iterdir()) == []


def test_it_sweeps_up_after_makers_who_are_gone(tmp_path: Path) -> None:
    gone, here = tmp_path / ".x.gguf.999999999.part", tmp_path / f".x.gguf.{os.getpid()}.part"
    gone.touch()
    here.touch()
    cache.provide(tmp_path, "tiny", TINY, "Q8_0")
    assert not gone.exists()
    assert here.exists()


def test_it_writes_anew_what_is_too_small_to_be_whole(tmp_path: Path) -> None:
    path = cache.path_of(tmp_path, "tiny", TINY, "Q8_0", 1)
    path.write_bytes(b"GGUF")
    assert cache.provide(tmp_path, "tiny", TINY, "Q8_0").stat().st_size > 1000


def test_it_says_so_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=10_000))
    with pytest.raises(
        CannotMeasure, match=r"need 0.0 GiB of disk and 0.5 GiB beside them; .* 0.0"
    ):
        cache.provide(tmp_path, "tiny", TINY, "Q8_0")


def test_it_lives_where_the_data_lives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert cache.directory() == tmp_path / "weights"
    monkeypatch.delenv("DATA_DIR")
    assert cache.directory() == Path.home() / ".cache" / "rigguide" / "weights"
