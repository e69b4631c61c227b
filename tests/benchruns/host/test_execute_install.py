"""An order to install, executed without Celery: real installing, from a package made here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchruns.host import ordered
from benchruns.host.board import Board, Why
from benchruns.host.execute import Ending, Failed, Installed, Stopped, execute
from benchruns.host.install import environments, mirrors, offers
from benchruns.host.limits import Limits
from benchruns.host.order import Installable, InstallOrder
from benchruns.host.site_client import Claimed, SiteClient
from tests.benchruns.host import fake_measures
from tests.benchruns.host.install.made import offer, wheel
from tests.benchruns.host.stub_site import StubRun, StubSite

ORDER = InstallOrder(engine="tiny", provider="cpu", version="1.0")


@dataclass
class Bench:
    client: SiteClient
    board: Board
    folder: Path
    run: StubRun
    claimed: Claimed

    def execute(self, **changes: object) -> Ending:
        self.claimed.plan.clear()
        self.claimed.plan.update(ORDER.model_dump(mode="json") | changes)
        return execute(
            self.claimed,
            self.client,
            self.board,
            measure=fake_measures.faulty,
            work_dir=self.folder / "work",
            results_dir=self.folder,
            limits=self.limits,
        )

    limits: Limits = field(default_factory=Limits)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv(environments.VARIABLE, str(tmp_path / "engines"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setattr(mirrors, "environment", dict)
    mine = offers.Offers(install=(offer(wheel(tmp_path, "tiny", "1.0")),), elsewhere=())
    monkeypatch.setattr(offers, "load", lambda: mine)
    with StubSite(lease_s=60) as site, SiteClient.of(site.credential) as client:
        run = site.queue()
        claimed = client.claim(["mock"], wait_s=1)
        assert claimed is not None
        board = Board(tmp_path / "board")
        yield Bench(client, board, tmp_path, run, claimed)
        board.close()


def test_the_engine_is_installed_and_the_site_is_told(bench: Bench) -> None:
    assert bench.execute() == Installed(ORDER)
    assert bench.run.state == "done"
    assert [env.id for env in environments.installed()] == ["tiny-cpu-1.0"]
    assert "Installing Tiny 1.0" in [event["message"] for event in bench.run.events]


def test_an_owner_may_forbid_it(bench: Bench) -> None:
    bench.limits = Limits(installs=False)
    ending = bench.execute()
    assert isinstance(ending, Failed)
    assert "owner lets nobody install engines" in bench.run.reason
    assert environments.installed() == ()


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(minutes=0.5), "lets it install for 0.5 minutes at most; Tiny takes about 1."),
        (Limits(engines_gib=0.005), "lets engines take 0.005 GiB of disk at most; those here"),
    ],
)
def test_an_owner_says_how_long_and_how_much(bench: Bench, limits: Limits, why: str) -> None:
    bench.limits = limits
    assert isinstance(bench.execute(), Failed)
    assert why in bench.run.reason
    assert environments.installed() == ()
    told = Installable.model_validate(offers.load().install[0].model_dump())
    assert limits.offered([told]) == ()
    assert Limits().offered([told]) == (told,)


def test_one_that_takes_longer_than_foreseen_ends_and_may_be_asked_for_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1_000_000, 10_000))  # the first look is too late already
    with monkeypatch.context() as patch:
        patch.setattr(ordered, "monotonic", lambda: float(next(clock)))
        assert isinstance(bench.execute(), Failed)
    assert "not installed within 30 minutes, which is the most here" in bench.run.reason
    assert environments.installed() == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"engine": "other"}, "There is no engine 'other' to install. There are: tiny"),
        ({"version": "2.0"}, "Tiny is offered here in version 1.0, not another"),
        ({"shell": "rm"}, "shell: Extra inputs are not permitted"),
    ],
)
def test_only_what_is_offered_here_is_installed(
    bench: Bench, changes: dict[str, object], why: str
) -> None:
    assert isinstance(bench.execute(**changes), Failed)
    assert why in bench.run.reason
    assert environments.installed() == ()


def test_a_cancelled_one_stops_and_says_so(bench: Bench) -> None:
    bench.board.stop(Why.CANCELLED)
    assert bench.execute() == Stopped(Why.CANCELLED)
    assert bench.run.state == "cancelled"
    assert environments.installed() == ()
