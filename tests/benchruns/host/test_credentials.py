"""What an attached machine keeps, and who may read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchruns.host.credentials import (
    AlreadyRunning,
    Credential,
    Home,
    NotAttached,
    default_home,
    site_address,
)

KEPT = Credential("https://guide.example.org", "7", "box", "rgh_secret")


def test_it_keeps_a_credential_for_its_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")

    home.save(KEPT)

    assert home.load() == KEPT
    assert home.credential_path.stat().st_mode & 0o777 == 0o600
    assert home.path.stat().st_mode & 0o077 == 0
    assert [path.name for path in home.path.iterdir() if path.is_file()] == ["credential.json"]


def test_it_closes_a_file_that_others_could_read(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.save(KEPT)
    home.credential_path.chmod(0o644)

    assert home.load() == KEPT

    assert home.credential_path.stat().st_mode & 0o777 == 0o600


def test_a_machine_that_is_not_attached_is_told_how_to(tmp_path: Path) -> None:
    with pytest.raises(NotAttached, match="rigguide attach SITE CODE"):
        Home(tmp_path).load()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"site": "x"}', "nonsense"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    home.save(KEPT)
    home.credential_path.write_text(text)

    with pytest.raises(NotAttached, match=r"credential\.json cannot be read"):
        home.load()


def test_one_worker_per_folder(tmp_path: Path) -> None:
    home = Home(tmp_path)

    with home.lock(), pytest.raises(AlreadyRunning, match=r"running already \(process \d+"):
        home.lock()
    home.lock().close()


def test_it_tidies_what_runs_left_and_keeps_results(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    left = home.folder_of("run", 1)
    left.mkdir()
    (left / "engine.log").touch()
    kept = home.results_dir / "run-1.json"
    kept.touch()

    home.tidy()

    assert not left.exists()
    assert kept.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://guide.example.org", "https://guide.example.org"),
        (" http://127.0.0.1:8000/ ", "http://127.0.0.1:8000"),
        ("https://example.org/guide/", "https://example.org/guide"),
    ],
)
def test_a_sites_address_is_kept_plain(given: str, kept: str) -> None:
    assert site_address(given) == kept


@pytest.mark.parametrize("given", ["guide.example.org", "ftp://x", "", "https://", "file:///etc"])
def test_what_is_no_address_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(ValueError, match=r"must begin with https:// or http://"):
        site_address(given)


@pytest.mark.parametrize("given", ["https://me@x.org", "https://x.org/?a=1", "https://x.org/#b"])
def test_an_address_with_more_in_it_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="must be a plain address"):
        site_address(given)


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RIGGUIDE_HOME", str(tmp_path / "there"))
    assert default_home() == tmp_path / "there"

    monkeypatch.delenv("RIGGUIDE_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_home() == tmp_path / "rigguide"
