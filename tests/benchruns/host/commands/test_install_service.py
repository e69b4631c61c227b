"""`rigguide host install-service`: the worker of this machine, for good."""

from __future__ import annotations

import plistlib
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchruns.host.cli import main
from benchruns.host.credentials import Credential, Home
from benchruns.host.service import install
from benchruns.host.service.install import NoService, Service

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="systemd is Linux's")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    Home(tmp_path).save(Credential("http://127.0.0.1:9", "7", "box", "rgh_x"))
    return tmp_path


def rigguide(place: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["host", "--home", str(place), "install-service", *words])


@LINUX
def test_it_prints_a_unit_that_starts_this_very_installation(place: Path) -> None:
    done = rigguide(place, "--print", "--", "--hours", "22-06")
    assert done.exit_code == 0, done.output
    start = f"ExecStart={sys.executable} -m benchruns.host host --home {place} --hours 22-06"
    assert start in done.output
    assert "WantedBy=default.target" in done.output
    assert "User=" in rigguide(place, "--print", "--system").output


def test_an_option_that_the_worker_does_not_know_is_refused_first(place: Path) -> None:
    done = rigguide(place, "--print", "--", "--hours", "night")
    assert done.exit_code == 2
    assert "is no window of hours" in done.output


def test_a_machine_that_is_not_attached_gets_no_service(tmp_path: Path) -> None:
    done = rigguide(tmp_path)
    assert done.exit_code == 1
    assert "This machine is not attached" in done.output


@pytest.mark.parametrize("fails", [False, True])
def test_it_writes_the_file_and_starts_it(tmp_path: Path, *, fails: bool) -> None:
    path, ran = tmp_path / "units" / "a.service", tmp_path / "ran"
    start = ("/bin/sh", "-c", "echo no bus >&2; exit 3" if fails else f"touch {ran}")
    service = Service(path, "[Unit]\n", start=(start,), stop=(("/bin/sh", "-c", ":"),), watch="")
    if fails:
        with pytest.raises(NoService, match="failed: no bus"):
            install.install(service)
    else:
        install.install(service)
        assert ran.exists()
        assert path.read_text() == "[Unit]\n"
        assert install.remove(service)
        assert not path.exists()
        assert not install.remove(service)


def test_where_there_is_no_service_manager_it_says_so(tmp_path: Path) -> None:
    service = Service(tmp_path / "a", "", start=(("no-such-program",),), stop=(), watch="")
    with pytest.raises(NoService, match="There is no no-such-program here"):
        install.install(service)


def test_other_systems_are_told_which_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(NoService, match=r"Linux \(systemd\) and macOS \(launchd\) only"):
        install.service(("rigguide",), Path("/home"), system=False)


def test_a_mac_gets_a_launchd_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    found = install.service(("rigguide", "host"), tmp_path, system=False)
    job = plistlib.loads(found.text.encode())
    assert job["ProgramArguments"] == ["rigguide", "host"]
    assert job["StandardOutPath"] == str(tmp_path / "host.log")
    assert found.path.name == "org.rigguide.host.plist"


def test_python_m_starts_the_same_program() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "benchruns.host", "host", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--max-disk-gib" in said.stdout
