"""A real worker process against a stub site: what a host survives."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import trustme

from benchruns.host.credentials import Home
from benchruns.host.plan import Plan
from benchruns.host.transport import EXIT_PROTOCOL, EXIT_REFUSED
from tests.benchruns.host import fake_measures
from tests.benchruns.host.stub_site import LIMIT_S, TOKEN, StubRun, StubSite, until

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[3]
START = """
import sys
from benchruns.host import desk, worker
from benchruns.host.credentials import Home
worker.set_up_logging()
home, measure, *options = sys.argv[1:]
if "hurry" in options:
    worker.transport.SPARE_S = -4.0  # the hard limit is a second from now
if "patient" in options:
    desk.MOST_WAIT_S = 600.0  # a poll that nobody here waits for
place = Home(home)
finish = "finish" in options
sys.exit(worker.run_worker(place, place.load(), ["mock"], measure=measure, finish=finish))
"""


class Host:
    """The worker of one machine, as `rigguide host` runs it, with a stand-in for measuring."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.log = home.path / "log"
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self, measure: str = "quick", *options: str) -> None:
        name = f"tests.benchruns.host.fake_measures:{measure}"
        argv = [sys.executable, "-W", "error", "-c", START, str(self.home.path), name, *options]
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(argv, cwd=ROOT, stdout=log, stderr=log)

    @property
    def process(self) -> psutil.Process:
        assert self._popen is not None
        return psutil.Process(self._popen.pid)

    def ends(self) -> int:
        assert self._popen is not None
        return self._popen.wait(LIMIT_S)

    def send(self, sign: signal.Signals) -> None:
        assert self._popen is not None
        self._popen.send_signal(sign)

    def end(self) -> None:
        if self._popen is not None and self._popen.poll() is None:
            self._popen.kill()
            self._popen.wait()

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def engines(self) -> list[psutil.Process]:
        """The engine's processes of the run in hand: the first one and its daemon."""
        return [
            psutil.Process(int(pid))
            for book in self.home.work_dir.glob("*/engines")
            for pid in book.read_text().splitlines()
        ]


@pytest.fixture
def site() -> Iterator[StubSite]:
    with StubSite() as stub:
        yield stub


@pytest.fixture
def host(site: StubSite, tmp_path: Path) -> Iterator[Host]:
    home = Home(tmp_path / "home")
    home.save(site.credential)
    machine = Host(home)
    yield machine
    machine.end()
    print(machine.said())


def measuring(site: StubSite, host: Host, measure: str = "until_cancelled") -> StubRun:
    """A run that is being measured, its engine up."""
    host.start(measure)
    run = site.queue()
    site.until(lambda: run.events, "the run to begin")
    until(lambda: len(host.engines()) == 2, "the engine")
    return run


def no_engine_is_left(host: Host, engines: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(engines, timeout=LIMIT_S)
    return bool(engines) and not alive


def test_it_measures_run_after_run(site: StubSite, host: Host) -> None:
    host.start()
    runs = [site.queue(f"run-{number}") for number in range(3)]

    site.until(lambda: all(run.state == "done" for run in runs), "three results")

    assert [run.results for run in runs] == [1, 1, 1]
    assert all(run.document and run.document["run_id"] == run.id for run in runs)
    assert [event["message"] for event in runs[0].events] == ["half-way"]


def test_it_claims_nothing_ahead(site: StubSite, host: Host) -> None:
    measuring(site, host)
    second = site.queue("run-2")
    claims = site.count("claim")

    beats = site.count("heartbeat")
    site.until(lambda: site.count("heartbeat") >= beats + 2, "two heartbeats")

    assert site.count("claim") == claims
    assert second.state == "queued"


def test_a_cancelled_run_stops_with_its_engine(site: StubSite, host: Host) -> None:
    run = measuring(site, host)
    engines = host.engines()

    run.cancel = True
    site.until(lambda: run.state == "cancelled", "the run to be cancelled")

    assert no_engine_is_left(host, engines)


def test_a_cancelled_run_that_does_not_stop_is_ended(site: StubSite, host: Host) -> None:
    run = measuring(site, host, "deaf")
    engines = host.engines()

    run.cancel = True
    site.until(lambda: run.state == "cancelled", "the run to be cancelled")

    assert no_engine_is_left(host, engines)
    assert host.process.is_running()


def test_a_run_that_is_not_its_own_any_more_is_stopped_in_silence(
    site: StubSite, host: Host
) -> None:
    run = measuring(site, host)
    engines = host.engines()
    claims = site.count("claim")

    run.state = "expired"
    site.until(lambda: site.count("claim") > claims, "the host to be free again")

    assert no_engine_is_left(host, engines)
    assert run.state == "expired"
    assert not {"failure", "cancelled", "release", "result"} & set(site.calls)


def test_a_killed_child_fails_the_run_at_once(site: StubSite, host: Host) -> None:
    run = measuring(site, host)
    engines = host.engines()
    (child,) = (c for c in host.process.children() if c.children())

    child.kill()
    site.until(lambda: run.state == "failed", "the failure")

    assert "ended suddenly" in run.reason
    assert "SIGKILL" in run.reason
    assert no_engine_is_left(host, engines)


def test_the_hard_limit_ends_a_run_and_its_engine(site: StubSite, host: Host) -> None:
    host.start("deaf", "hurry")
    run, engines = started_within_its_limit(site, host)

    site.until(lambda: run.state == "failed", "the failure")

    assert run.reason == "The measurement took longer than its plan allows and was ended."
    assert no_engine_is_left(host, engines)
    assert site.count("failure") == len(site.runs)


def started_within_its_limit(site: StubSite, host: Host) -> tuple[StubRun, list[psutil.Process]]:
    """A run whose engine came up before its time was over: a busy machine needs a longer one."""
    for seconds in (1, 4, 16, 64):
        run = site.queue(f"run-{seconds}", time_limit_s=4 + seconds)
        until(lambda run=run: run.state == "failed" or len(living(host)) == 2, "the engine")
        if len(engines := living(host)) == 2:
            return run, engines
    raise AssertionError("the engine did not start within a minute")


def living(host: Host) -> list[psutil.Process]:
    """Engines of earlier runs have ended, and are in the books all the same."""
    books = host.home.work_dir.glob("*/engines")
    pids = [int(pid) for book in books for pid in book.read_text().splitlines()]
    return [process for process in psutil.process_iter() if process.pid in pids]


def test_asked_twice_it_ends_at_once_and_its_run_goes_back(site: StubSite, host: Host) -> None:
    run = measuring(site, host, "deaf")
    engines = host.engines()

    host.send(signal.SIGINT)
    until(lambda: "Warm shutdown" in host.said(), "the worker to have heard")
    host.send(signal.SIGINT)
    host.ends()

    assert run.state == "queued"
    assert no_engine_is_left(host, engines)


def test_the_command_tells_what_the_machine_is_and_works_where_the_site_is_now(
    site: StubSite, host: Host
) -> None:
    host.home.save(replace(site.credential, site="http://127.0.0.1:9"))  # it has moved since
    command = [Path(sys.executable).with_name("rigguide"), "host", "--site", site.address]
    with subprocess.Popen(
        [*command, "--home", host.home.path], stderr=subprocess.PIPE, text=True
    ) as process:
        site.until(lambda: site.count("claim"), "the first claim")
        process.terminate()
        _, said = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 0
    assert site.calls[:2] == ["facts", "claim"]
    assert site.facts[0]["facts"]["cores_logical"] >= 1
    assert f"box works for {site.address}" in said
    assert TOKEN not in said


def test_the_sites_settings_are_not_loaded() -> None:
    """Also where the environment names them: Celery would set up Django there."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "guide.settings"}
    look = (
        "import sys; from benchruns.host import worker; worker.app.loader.import_default_modules()"
    )
    look += "; print('guide.settings' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("False\n", "")


def test_after_a_killed_child_the_next_run_is_measured(site: StubSite, host: Host) -> None:
    host.start("kills_itself")
    runs = [site.queue("run-1"), site.queue("run-2")]

    site.until(lambda: all(run.state == "failed" for run in runs), "both failures")

    assert runs[0].log == "last words of the engine\n"


def test_a_killed_worker_leaves_nothing_and_the_lease_brings_the_run_back(
    site: StubSite, host: Host
) -> None:
    run = measuring(site, host)
    engines = host.engines()
    children = host.process.children()

    host.send(signal.SIGKILL)
    host.ends()

    assert no_engine_is_left(host, engines + children)
    host.start("quick")
    site.until(lambda: run.state == "done", "the second attempt")
    assert run.attempt == 2


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_idle_worker_ends_without_waiting_for_its_poll(
    site: StubSite, host: Host, sign: signal.Signals
) -> None:
    host.start("quick", "patient")
    site.until(lambda: site.count("claim"), "the first claim")
    until(lambda: len(host.process.children()) == 1, "the pool")

    host.send(sign)

    assert host.ends() == 0  # the poll would have been ten minutes


def test_a_busy_worker_hands_its_run_back_when_it_ends(site: StubSite, host: Host) -> None:
    run = measuring(site, host)
    engines = host.engines()

    host.send(signal.SIGINT)

    assert host.ends() == 0
    assert run.state == "queued"
    assert site.count("release") == 1
    assert no_engine_is_left(host, engines)


def test_a_busy_worker_that_cannot_stop_its_run_hands_it_back_all_the_same(
    site: StubSite, host: Host
) -> None:
    run = measuring(site, host, "deaf")
    engines = host.engines()

    host.send(signal.SIGTERM)

    assert host.ends() == 0
    assert run.state == "queued"
    assert no_engine_is_left(host, engines)


def test_a_worker_told_to_finish_finishes_its_run(site: StubSite, host: Host) -> None:
    host.start("until_a_file_says_so", "finish")
    run = site.queue()
    site.until(lambda: run.events, "the run to begin")

    host.send(signal.SIGTERM)
    until(lambda: "Warm shutdown" in host.said(), "the worker to have heard")
    (host.home.path / "enough").touch()

    assert host.ends() == 0
    assert run.state == "done"


def test_it_waits_for_a_site_that_is_not_up_yet(site: StubSite, host: Host) -> None:
    site.stop()
    host.start()
    until(lambda: "trying again" in host.said(), "the first try")

    site.start()
    run = site.queue()

    site.until(lambda: run.state == "done", "the result")
    assert TOKEN not in host.said()


def test_a_run_survives_an_outage_shorter_than_its_lease(tmp_path: Path) -> None:
    with StubSite(lease_s=60) as site:
        home = Home(tmp_path)
        home.save(site.credential)
        host = Host(home)
        try:
            run = measuring(site, host)
            site.stop()
            until(lambda: "heartbeat not told" in host.said(), "a heartbeat that is lost")
            site.start()
            beats = run.beats
            site.until(lambda: run.beats > beats, "the next heartbeat")
            assert run.state == "claimed"
        finally:
            host.end()


def test_a_revoked_host_stops_its_run_says_so_and_ends(site: StubSite, host: Host) -> None:
    measuring(site, host)
    engines = host.engines()

    with site.changed:
        site.revoked = True
        site.changed.notify_all()

    assert host.ends() == EXIT_REFUSED
    assert "rigguide attach SITE CODE" in host.said()
    assert "Traceback" not in host.said()
    assert no_engine_is_left(host, engines)


def test_a_site_of_another_age_ends_the_worker_with_its_sentence(
    site: StubSite, host: Host
) -> None:
    site.refusals["claim"] = (426, {"error": "This site speaks version 9: update the host."})

    host.start()

    assert host.ends() == EXIT_PROTOCOL
    assert "update the host" in host.said()


def test_over_tls_it_trusts_whom_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, certificate = trustme.CA(), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(certificate))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(tls)
    with StubSite(tls=tls) as site:
        home = Home(tmp_path)
        home.save(site.credential)
        stranger, friend = Host(home), Host(home)
        try:
            stranger.start()
            until(lambda: "CERTIFICATE_VERIFY_FAILED" in stranger.said(), "the refusal")
            stranger.end()
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            friend.start()
            run = site.queue()
            site.until(lambda: run.state == "done", "the result")
        finally:
            stranger.end()
            friend.end()


@pytest.fixture
def lasting() -> Iterator[StubSite]:
    """Leases that no machine is too slow for."""
    with StubSite(lease_s=600) as stub:
        yield stub


def test_two_workers_never_have_the_same_run(lasting: StubSite, tmp_path: Path) -> None:
    site, homes = lasting, [Home(tmp_path / "a"), Home(tmp_path / "b")]
    for home in homes:
        home.save(site.credential)
    hosts = [Host(home) for home in homes]
    try:
        for host in hosts:
            host.start()
        site.until(lambda: site.count("claim") >= 2, "both to ask")
        runs = [site.queue(f"run-{number}") for number in range(10)]
        site.until(lambda: all(run.state == "done" for run in runs), "ten results")
        assert {(run.attempt, run.results) for run in runs} == {(1, 1)}
    finally:
        for host in hosts:
            host.end()


def test_a_claim_whose_answer_is_lost_comes_back_with_its_lease(site: StubSite, host: Host) -> None:
    site.lose_replies.add("claim")
    run = site.queue()
    host.start()
    site.until(lambda: run.state == "claimed", "the claim that nobody hears of")

    site.lose_replies.clear()

    site.until(lambda: run.state == "done", "the second attempt")
    assert (run.attempt, run.results) == (2, 1)


def test_a_result_whose_receipt_is_lost_is_told_again(site: StubSite, host: Host) -> None:
    site.lose_replies.add("result")
    run = site.queue()
    host.start()
    site.until(lambda: run.state == "done", "the result")

    site.lose_replies.clear()

    site.until(lambda: site.count("result") >= 2, "the result told again")
    assert run.results == 1


def test_a_result_kept_from_before_is_delivered_at_the_next_start(
    site: StubSite, host: Host
) -> None:
    host.home.make()
    kept = host.home.results_dir / "run-1-1.json"
    run = site.queue()
    plan = Plan.model_validate(run.plan)
    kept.write_text(fake_measures.document(plan, run.id).model_dump_json())
    run.state, run.attempt = "claimed", 1
    run.lease_until = time.monotonic() + 60

    host.start()

    site.until(lambda: run.state == "done", "the result")
    until(lambda: not kept.exists(), "the file to go")
