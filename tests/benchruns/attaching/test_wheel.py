"""The package that machines install: built from this source, the same bytes every time."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from benchruns.attaching import wheel
from benchruns.attaching.wheel import FOLDER, NotBuilt, Wheel, build, found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def built(data: Path) -> Wheel:
    return build(settings.BASE_DIR, data)


def test_it_holds_what_runs_on_a_host_and_nothing_of_the_site(built: Wheel) -> None:
    with zipfile.ZipFile(built.path) as opened:
        names = set(opened.namelist())
        [about] = [opened.read(n).decode() for n in names if n.endswith("METADATA")]
    assert {"benchruns/host/cli.py", "benchruns/__init__.py", "recommender/recommend.py"} <= names
    assert any(name.startswith("recommender/data/") for name in names)
    assert any(name.startswith("benchruns/host/install/data/") for name in names)
    assert not [n for n in names if n.startswith(("guide/", "benchruns/models", "templates"))]
    assert "Provides-Extra: host" in about


def test_nothing_that_runs_there_is_left_out(built: Wheel) -> None:
    with zipfile.ZipFile(built.path) as opened:
        names = set(opened.namelist())
    for tree in wheel.TREES:
        files = [path for path in (settings.BASE_DIR / tree).rglob("*") if path.is_file()]
        wanted = {str(p.relative_to(settings.BASE_DIR)) for p in files if p.suffix != ".pyc"}
        assert wanted <= names


def test_its_name_says_its_version_and_its_checksum_is_right(built: Wheel) -> None:
    assert built.name == f"rigguide-{built.version}-py3-none-any.whl"
    assert built.sha256 == hashlib.sha256(built.path.read_bytes()).hexdigest()


def test_it_is_built_once_per_source(
    built: Wheel, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel, "_built", pytest.fail)
    assert build(settings.BASE_DIR, data) == built == found(data)


def test_the_same_source_gives_the_same_bytes(built: Wheel, tmp_path: Path) -> None:
    assert build(settings.BASE_DIR, tmp_path).sha256 == built.sha256


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source so small that it builds in a moment."""
    root = tmp_path / "source"
    for tree in wheel.TREES:
        (root / tree).mkdir(parents=True)
        (root / tree / "__init__.py").write_text("")
    for name in wheel.FILES:
        shutil.copy(settings.BASE_DIR / name, root / name)
    return root


def test_a_changed_source_gives_another_package_in_the_old_one_s_place(
    source: Path, tmp_path: Path
) -> None:
    old = build(source, tmp_path)
    (source / "recommender" / "new.py").write_text("NEW = 1\n")
    new = build(source, tmp_path)
    assert new.sha256 != old.sha256
    assert [path.name for path in (tmp_path / FOLDER).glob("*.whl")] == [new.name]


def test_a_source_that_does_not_build_says_so_and_leaves_the_old_package(
    source: Path, tmp_path: Path
) -> None:
    old = build(source, tmp_path)
    (source / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(NotBuilt, match="setuptools did not build"):
        build(source, tmp_path)
    assert found(tmp_path) == old


def test_without_a_source_there_is_nothing_to_build(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match="holds no source"):
        build(tmp_path, tmp_path)
    assert found(tmp_path) is None
