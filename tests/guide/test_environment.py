"""Settings come from the environment; a wrong one stops the start with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from guide import environment

REACHED_BY = {"SITE_URL", "ALLOWED_HOSTS", "OPEN_RUNS", "OPEN_INSTALLS", "PORT"}


def test_it_reads_a_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPEN_RUNS", "off")
    assert environment.flag("OPEN_RUNS", default=True) is False


def test_it_refuses_a_flag_that_is_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPEN_RUNS", "maybe")
    with pytest.raises(ImproperlyConfigured, match="OPEN_RUNS is 'maybe'; it must be 1 or 0"):
        environment.flag("OPEN_RUNS", default=True)


@pytest.mark.parametrize(
    ("site", "hosts", "only"),
    [
        ("http://127.0.0.1:8000", ["127.0.0.1", "localhost", "[::1]"], True),
        ("http://localhost", ["127.0.0.2"], True),
        ("https://rig.example", ["127.0.0.1"], False),
        ("http://127.0.0.1:8000", ["127.0.0.1", "rig.example"], False),
        ("http://127.0.0.1:8000", ["*"], False),
        ("http://127.0.0.1.rig.example", ["127.0.0.1"], False),
    ],
)
def test_it_tells_a_site_that_only_this_machine_reaches(
    site: str, hosts: list[str], *, only: bool
) -> None:
    assert environment.loopback_only(site, hosts) is only


@pytest.mark.parametrize(
    ("said", "open_"),
    [
        ({}, "True"),
        ({"OPEN_RUNS": "0"}, "False"),
        ({"ALLOWED_HOSTS": "rig.example"}, "False"),
        ({"SITE_URL": "https://rig.example"}, "False"),
        ({"SITE_URL": "https://rig.example", "OPEN_INSTALLS": "1"}, "True"),
    ],
)
def test_strangers_have_no_engines_installed_unless_somebody_said_so(
    tmp_path: Path, said: dict[str, str], open_: str
) -> None:
    clean = {name: value for name, value in os.environ.items() if name not in REACHED_BY}
    told = subprocess.run(
        [sys.executable, "-c", "from guide import settings; print(settings.OPEN_INSTALLS)"],
        env=clean | {"DATA_DIR": str(tmp_path)} | said,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == open_


def test_it_uses_sqlite_beside_the_data_by_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert environment.database(tmp_path)["NAME"] == tmp_path / "rigguide.sqlite3"


def test_it_reads_a_postgresql_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://rig:p%40ss@db.example:5433/guide")
    given = environment.database(tmp_path)
    assert (given["HOST"], given["PORT"], given["NAME"]) == ("db.example", "5433", "guide")
    assert given["PASSWORD"] == "p@ss"


def test_it_refuses_another_database_and_never_prints_its_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://rig:secret@db/guide")
    with pytest.raises(ImproperlyConfigured, match="must look like postgresql://") as refused:
        environment.database(tmp_path)
    assert "secret" not in str(refused.value)


def test_a_long_data_folder_gets_a_short_socket() -> None:
    deep = Path("/srv") / ("x" * 120)
    assert len(str(environment.broker_socket(deep))) <= environment.MAX_SOCKET_PATH
    assert environment.broker_socket(Path("/srv/rig")) == Path("/srv/rig/valkey.sock")


def test_without_a_price_list_there_are_no_prices(tmp_path: Path) -> None:
    assert environment.price_list(tmp_path / "prices.toml", named=False).machines == {}


def test_a_price_list_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="there is no such file"):
        environment.price_list(tmp_path / "prices.toml", named=True)


def test_a_wrong_price_list_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text('currency = "EUR"\n[machine.rtx-4090]\nprice = 1\n')
    with pytest.raises(ImproperlyConfigured, match="price needs years"):
        environment.price_list(path, named=True)


def test_it_reads_one_word_of_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("open", "invited", "closed")
    assert environment.one_of("SIGNUP", words, "invited") == "invited"
    monkeypatch.setenv("SIGNUP", "Open")
    assert environment.one_of("SIGNUP", words, "invited") == "open"
    monkeypatch.setenv("SIGNUP", "ajar")
    with pytest.raises(ImproperlyConfigured, match="must be one of open, invited, closed"):
        environment.one_of("SIGNUP", words, "invited")


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp+starttls://nina:p%40ss@mail.example", 587, True, False),
        ("smtps://nina:p%40ss@mail.example", 465, False, True),
        ("smtp://nina:p%40ss@mail.example:2525", 2525, False, False),
    ],
)
def test_it_reads_where_mail_goes(url: str, port: int, starttls: bool, tls: bool) -> None:
    mail = environment.mail(url)
    assert (mail.host, mail.port, mail.user, mail.password) == (
        "mail.example",
        port,
        "nina",
        "p@ss",
    )
    assert (mail.starttls, mail.tls, mail.is_sent) == (starttls, tls, True)


def test_without_a_server_mail_goes_into_the_log() -> None:
    assert environment.mail("").backend.endswith("console.EmailBackend")
    assert not environment.mail("").is_sent


def test_it_refuses_a_mail_server_it_cannot_reach_and_tells_no_password() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"must look like smtp\+starttls://") as refused:
        environment.mail("imap://nina:secret@mail.example")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5", "٣"])
def test_it_refuses_a_number_that_is_none(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SITE_PROCESSES", given)
    with pytest.raises(ImproperlyConfigured, match="it must be a number from 1 on"):
        environment.number("SITE_PROCESSES", 1)


def test_it_reads_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_PROCESSES", " 4 ")
    assert environment.number("SITE_PROCESSES", 1) == 4
    monkeypatch.delenv("SITE_PROCESSES")
    assert environment.number("SITE_PROCESSES", 1) == 1


def test_postgresql_connections_are_kept_for_all_requests_of_a_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://rig:x@db.example/guide")
    monkeypatch.setenv("DATABASE_POOL", "3")
    assert environment.database(tmp_path)["OPTIONS"]["pool"]["max_size"] == 3
