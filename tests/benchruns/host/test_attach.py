"""`rigguide attach` and what `rigguide host` says before it works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchruns.host.cli import main
from benchruns.host.commands import attach
from benchruns.host.credentials import Credential, Home
from benchruns.host.inventory import Inventory, take_stock
from benchruns.host.site_client import InstalledEngine
from tests.benchruns.host.fake_measures import FACTS
from tests.benchruns.host.stub_site import TOKEN, StubSite

STOCK = Inventory(FACTS, (InstalledEngine(id="mock", provider="test"),), ("mock",))


@pytest.fixture
def site() -> Iterator[StubSite]:
    with StubSite() as stub:
        yield stub


@pytest.fixture(autouse=True)
def _known_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attach, "take_stock", lambda: STOCK)


def rigguide(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_it_attaches_and_says_how_to_go_on(site: StubSite, tmp_path: Path) -> None:
    done = rigguide("attach", site.address + "/", "rgc_x", "--name", "box", "--home", tmp_path)

    assert done.exit_code == 0
    assert f"attached to {site.address} as box" in done.output
    assert f"rigguide host --home {tmp_path}" in done.output
    assert TOKEN not in done.output
    assert Home(tmp_path).load() == site.credential


def test_attaching_again_replaces_the_token_and_says_so(site: StubSite, tmp_path: Path) -> None:
    rigguide("attach", site.address, "rgc_x", "--name", "old", "--home", tmp_path)

    done = rigguide("attach", site.address, "rgc_y", "--name", "new", "--home", tmp_path)

    assert f"It was attached to {site.address} as old" in done.output
    assert Home(tmp_path).load().name == "new"


def test_a_code_that_is_refused_changes_nothing(site: StubSite, tmp_path: Path) -> None:
    site.refusals["enrol"] = (403, {"error": "This code was used already."})

    done = rigguide("attach", site.address, "rgc_x", "--home", tmp_path / "home")

    assert done.exit_code == 1
    assert "Error: This code was used already." in done.output
    assert not (tmp_path / "home").exists()


def test_a_site_that_does_not_answer_is_said_in_a_sentence(site: StubSite, tmp_path: Path) -> None:
    site.stop()

    done = rigguide("attach", site.address, "rgc_x", "--home", tmp_path)

    assert done.exit_code == 1
    assert "cannot be reached" in done.output
    assert "Traceback" not in done.output


def test_what_is_no_address_is_refused(tmp_path: Path) -> None:
    done = rigguide("attach", "guide.example.org", "rgc_x", "--home", tmp_path)

    assert done.exit_code == 2
    assert "must begin with https:// or http://" in " ".join(done.output.split())


def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    done = rigguide("attach", "https://x.org", "rgc_x", "--name", "a\nb", "--home", tmp_path)

    assert done.exit_code == 2
    assert "printable" in done.output


def test_a_worker_needs_an_attached_machine(tmp_path: Path) -> None:
    done = rigguide("host", "--home", tmp_path)

    assert done.exit_code == 1
    assert "rigguide attach SITE CODE" in done.output


def test_a_worker_is_told_what_an_address_is(site: StubSite, tmp_path: Path) -> None:
    Home(tmp_path).save(site.credential)

    done = rigguide("host", "--home", tmp_path, "--site", "guide.example.org")

    assert done.exit_code == 1
    assert "must begin with https:// or http://" in done.output


def test_a_second_worker_on_the_same_folder_is_refused(site: StubSite, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.save(site.credential)

    with home.lock():
        done = rigguide("host", "--home", tmp_path)

    assert done.exit_code == 1
    assert "running already" in done.output


def test_it_takes_stock_of_this_machine() -> None:
    stock = take_stock()

    assert stock.facts.cores_logical >= 1
    assert {"llama.cpp", "vllm", "ollama"} <= {engine.id for engine in stock.engines}
    assert set(stock.can_start) <= {e.id for e in stock.engines if e.provider is not None}


def test_the_code_may_come_in_the_environment(site: StubSite, tmp_path: Path) -> None:
    environment = {
        "RIGGUIDE_CODE": " rgc_x ",
        "RIGGUIDE_SITE": site.address,
        "RIGGUIDE_NAME": "box",
    }
    done = CliRunner(env=environment).invoke(main, ["attach", "--home", str(tmp_path)])

    assert done.exit_code == 0, done.output
    assert Home(tmp_path).load() == site.credential


def test_an_attached_machine_may_be_left_as_it_is(site: StubSite, tmp_path: Path) -> None:
    words = ("attach", site.address, "--unless-attached", "--home", tmp_path)
    missing = rigguide(*words)
    assert missing.exit_code == 2
    assert "Say the one-time CODE" in missing.output

    rigguide("attach", site.address, "rgc_x", "--name", "box", "--home", tmp_path)
    done = rigguide(*words)
    assert done.exit_code == 0
    assert f"attached to {site.address} already, as box" in done.output
    assert site.count("enrol") == 1


def test_attached_elsewhere_is_not_attached_here(site: StubSite, tmp_path: Path) -> None:
    Home(tmp_path).save(Credential("https://elsewhere.example.org", "1", "box", "rgh_x"))
    done = rigguide("attach", site.address, "rgc_x", "--unless-attached", "--home", tmp_path)
    assert done.exit_code == 0
    assert Home(tmp_path).load().site == site.address


def test_a_machine_leaves_its_site_from_its_own_side(site: StubSite, tmp_path: Path) -> None:
    Home(tmp_path).save(site.credential)
    done = rigguide("detach", "--home", tmp_path)
    assert done.exit_code == 0, done.output
    assert f"not attached to {site.address} any more" in done.output
    assert site.revoked
    again = rigguide("detach", "--home", tmp_path)
    assert again.exit_code == 1
    assert "This machine is not attached" in again.output


def test_a_site_that_knows_it_no_more_is_as_good_as_told(site: StubSite, tmp_path: Path) -> None:
    Home(tmp_path).save(site.credential)
    site.revoked = True
    assert rigguide("detach", "--home", tmp_path).exit_code == 0


def test_a_site_that_is_away_is_left_only_if_one_insists(site: StubSite, tmp_path: Path) -> None:
    Home(tmp_path).save(site.credential)
    site.stop()
    done = rigguide("detach", "--home", tmp_path)
    assert done.exit_code == 1
    assert "cannot be reached" in done.output
    assert Home(tmp_path).load() == site.credential
    assert rigguide("detach", "--home", tmp_path, "--forget").exit_code == 0
    assert not Home(tmp_path).credential_path.exists()
