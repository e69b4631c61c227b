"""Before anything starts, whatever is wrong with the machine is said in one sentence."""

from __future__ import annotations

import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from guide.supervisor import checks
from guide.supervisor.say import Stop

Usage = namedtuple("Usage", "total used free")


def test_it_says_that_a_port_is_in_use_and_names_another() -> None:
    with socket.socket() as other:
        other.bind((checks.LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Stop, match=rf"port {port} is in use .* PORT={port + 1} make run"):
            checks.port_is_free(port)


@pytest.mark.parametrize("given", ["web", "0", "65536", "-1", "80.5"])
def test_it_refuses_a_port_that_is_no_port(given: str) -> None:
    with pytest.raises(Stop, match="must be a number from 1 to 65535"):
        checks.port_number(given)


def test_it_says_how_much_disk_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 3 * 2**20))
    with pytest.raises(Stop, match="has 3 MiB free; RigGuide needs 500 MiB"):
        checks.data_dir_is_usable(tmp_path)


def test_it_says_that_the_data_folder_cannot_be_made(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(Stop, match="cannot be made: Not a directory"):
        checks.data_dir_is_usable(in_the_way / "data")


def test_a_second_start_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with checks.claim(tmp_path), pytest.raises(Stop, match="already runs on"):
        checks.claim(tmp_path)


def test_the_data_is_free_again_afterwards(tmp_path: Path) -> None:
    checks.claim(tmp_path).close()
    checks.claim(tmp_path).close()
