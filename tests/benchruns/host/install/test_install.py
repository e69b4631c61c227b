"""Installing for real, from packages made on the spot: no network."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import psutil
import pytest

from benchruns.host.errors import Cancelled, CannotMeasure, EngineFailed
from benchruns.host.install import environments, install, mirrors, offers
from benchruns.host.install.environments import MANIFEST
from benchruns.host.progress import Progress
from tests.benchruns.host.install.made import offer, wheel
from tests.benchruns.host.instrument import Heard, never


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for engines; no index is asked for anything."""
    monkeypatch.setenv(environments.VARIABLE, str(tmp_path / "engines"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setattr(mirrors, "environment", dict)
    return tmp_path / "engines"


def test_an_engine_is_installed_into_an_environment_of_its_own(alone: Path, tmp_path: Path) -> None:
    heard = Heard()
    made = install.install(offer(wheel(tmp_path, "tiny", "1.0")), report=heard, cancelled=never)
    assert made.path == alone / "tiny-cpu-1.0"
    assert made.manifest.packages["tiny"] == "1.0"
    assert made.manifest.size_bytes > 0
    said = subprocess.run([made.python, "-m", "tiny"], capture_output=True, text=True, check=True)
    assert said.stdout == "it runs\n"
    assert heard.phases == ["preparing", "finishing"]
    assert environments.serving("tiny", "cpu") == made


def test_one_that_is_there_is_not_installed_again(tmp_path: Path) -> None:
    wanted = offer(wheel(tmp_path, "tiny", "1.0"))
    first = install.install(wanted, report=Heard(), cancelled=never)
    (tmp_path / "tiny-1.0-py3-none-any.whl").unlink()
    assert install.install(wanted, report=Heard(), cancelled=never) == first


def test_a_failure_says_why_and_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    wanted = offer("no-such-package-anywhere==1.0")
    with pytest.raises(EngineFailed, match="Installing Tiny failed") as caught:
        install.install(wanted, report=Heard(), cancelled=never)
    assert "no-such-package-anywhere" in caught.value.log
    assert environments.installed() == ()


def test_what_an_earlier_try_left_is_used(alone: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineFailed):
        install.install(offer("no-such-package==1"), report=Heard(), cancelled=never)
    left = alone / "tiny-cpu-1.0.partial" / "pyvenv.cfg"
    before = left.stat().st_mtime_ns
    made = install.install(offer(wheel(tmp_path, "tiny", "1.0")), report=Heard(), cancelled=never)
    assert (made.path / "pyvenv.cfg").stat().st_mtime_ns == before
    assert not (alone / "tiny-cpu-1.0.partial").exists()


def test_a_cancel_ends_the_installer_and_all_it_started(alone: Path, tmp_path: Path) -> None:
    asked = False

    def once_it_runs(progress: Progress) -> None:
        nonlocal asked
        asked = asked or "Making the environment" in progress.message or progress.fraction == 0.0

    with pytest.raises(Cancelled):
        install.install(
            offer(wheel(tmp_path, "tiny", "1.0")), report=once_it_runs, cancelled=lambda: asked
        )
    assert environments.installed() == ()
    started = [p for p in psutil.Process().children(recursive=True) if "uv" in p.name()]
    assert started == []


def test_a_disk_that_is_too_small_is_seen_before_anything_is_written(
    alone: Path, tmp_path: Path
) -> None:
    wanted = offer(wheel(tmp_path, "tiny", "1.0"), disk_gib=10**6)
    with pytest.raises(CannotMeasure, match="needs 1e\\+06 GiB of disk and 1 GiB beside it"):
        install.install(wanted, report=Heard(), cancelled=never)
    assert not list(alone.glob("tiny*"))


def test_two_do_not_install_the_same_at_once(alone: Path, tmp_path: Path) -> None:
    wanted = offer(wheel(tmp_path, "tiny", "1.0"))

    def again(progress: Progress) -> None:
        del progress
        if not refusals:
            with pytest.raises(CannotMeasure, match="is being installed or removed by another"):
                install.install(wanted, report=Heard(), cancelled=never)
            refusals.append(True)

    refusals: list[bool] = []
    install.install(wanted, report=again, cancelled=never)
    assert refusals


def test_dependencies_that_are_left_out_are_not_looked_for(tmp_path: Path) -> None:
    package = wheel(tmp_path, "tiny", "1.0", requires=("wants-a-gpu",))
    with pytest.raises(EngineFailed, match="wants-a-gpu"):
        install.install(offer(package), report=Heard(), cancelled=never)
    made = install.install(
        offer(package, without=("wants-a-gpu",)), report=Heard(), cancelled=never
    )
    assert "wants-a-gpu" not in made.manifest.packages


def test_a_stand_in_is_metadata_alone(tmp_path: Path) -> None:
    wanted = offer(
        wheel(tmp_path, "tiny", "1.0"), stand_in={"name": "grown-up", "version": "2.0+cpu"}
    )
    made = install.install(wanted, report=Heard(), cancelled=never)
    ask = "import importlib.metadata as m; print(m.version('grown-up'))"
    said = subprocess.run([made.python, "-c", ask], capture_output=True, text=True, check=True)
    assert said.stdout == "2.0+cpu\n"


def test_removing_takes_whole_and_half_made_ones(alone: Path, tmp_path: Path) -> None:
    install.install(offer(wheel(tmp_path, "tiny", "1.0")), report=Heard(), cancelled=never)
    (alone / "tiny-cuda-1.0.partial").mkdir()
    assert {path.name for path in environments.remove("tiny", None)} == {
        "tiny-cpu-1.0",
        "tiny-cuda-1.0.partial",
    }
    with pytest.raises(CannotMeasure, match="Nothing of tiny is installed here"):
        environments.remove("tiny", None)


def test_what_is_being_installed_is_not_removed(alone: Path, tmp_path: Path) -> None:
    def remove(progress: Progress) -> None:
        del progress
        if not refusals:
            with pytest.raises(CannotMeasure, match=r"tiny-cpu-1\.0 is being installed or removed"):
                environments.remove("tiny", None)
            refusals.append(True)

    refusals: list[bool] = []
    wanted = offer(wheel(tmp_path, "tiny", "1.0"))
    assert install.install(wanted, report=remove, cancelled=never).path.is_dir()
    assert refusals


def test_it_is_installed_over_what_an_interrupted_removal_left(alone: Path, tmp_path: Path) -> None:
    wanted = offer(wheel(tmp_path, "tiny", "1.0"))
    made = install.install(wanted, report=Heard(), cancelled=never)
    (made.path / MANIFEST).unlink()
    (made.path / "left").touch()
    again = install.install(wanted, report=Heard(), cancelled=never)
    assert again.path == made.path
    assert not (again.path / "left").exists()
    assert environments.installed() == (again,)


def test_an_environment_without_its_manifest_is_none(alone: Path, tmp_path: Path) -> None:
    made = install.install(offer(wheel(tmp_path, "tiny", "1.0")), report=Heard(), cancelled=never)
    (made.path / MANIFEST).unlink()
    assert environments.installed() == ()


def test_the_newest_version_goes_first(alone: Path, tmp_path: Path) -> None:
    for version in ("1.9", "1.10"):
        wanted = offer(wheel(tmp_path, "tiny", version), version=version)
        install.install(wanted, report=Heard(), cancelled=never)
    assert [env.manifest.version for env in environments.installed()] == ["1.10", "1.9"]


def test_engines_may_lie_in_several_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = install.install(offer(wheel(tmp_path, "tiny", "1.0")), report=Heard(), cancelled=never)
    monkeypatch.setenv(environments.VARIABLE, f"{tmp_path / 'mine'}:{made.path.parent}")
    assert [env.path for env in environments.installed()] == [made.path]
    assert environments.place_of(offer("x")).parent == tmp_path / "mine"
    shutil.rmtree(made.path)


def test_the_offers_that_ship_are_in_order() -> None:
    ids = [one.id for one in offers.load().install]
    assert len(ids) == len(set(ids))
    assert {one.engine for one in offers.load().elsewhere} == {"ollama", "tensorrt-llm", "tgi"}
