"""The host's Celery worker: one run at a time, each in a child process. See ADR 0007."""

from __future__ import annotations

import logging
import re
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps, signals
from celery.exceptions import SecurityWarning, TimeLimitExceeded, WorkerLostError

from benchruns.host import transport
from benchruns.host.board import Board
from benchruns.host.credentials import Credential, Home
from benchruns.host.desk import Desk
from benchruns.host.execute import Measure, execute
from benchruns.host.leftovers import resend
from benchruns.host.limits import Limits
from benchruns.host.order import Installable
from benchruns.host.rotation import rotate
from benchruns.host.site_client import Claimed, SiteClient
from benchruns.host.site_errors import ProtocolMismatch, Unauthorized
from benchruns.host.synthetic import shelf
from benchruns.host.vitals import Glances

log = logging.getLogger(__name__)

Restock = Callable[[SiteClient], tuple[Sequence[str], Sequence[Installable]] | None]

MEASURE = "benchruns.host.measure:measure"
LOOK_S = 0.25
DEFAULT_LIMITS = Limits()
_LOG_CHARACTERS = 8000

transport.register()
# No fixups: where the site's settings are named in the environment Celery would load Django.
app = Celery("rigguide-host", set_as_current=False, fixups=[])
app.conf.update(
    broker_url=f"{transport.SCHEME}://site//",
    broker_connection_retry_on_startup=True,
    task_default_queue=transport.QUEUE,
    task_acks_late=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_concurrency=1,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_detect_quorum_queues=False,
    worker_proc_alive_timeout=60.0,  # a busy machine is slow to start a child
    worker_cancel_long_running_tasks_on_connection_loss=False,
)
app.steps["worker"].add("benchruns.host.worker:LookAfterChild")


def board_of(home: Home) -> Board:
    home.make()
    return Board(home.board_path)


@app.task(name=transport.TASK)
def measure_run(
    run: dict[str, Any], home: str, slot: int, site: str, measure: str, limits: dict[str, Any]
) -> None:
    """In the child. Raises nothing that is about the run: how it ends is told to the site."""
    place, claimed = Home(home, slot), Claimed.model_validate(run)
    with SiteClient(site, place.load().token, renew=place.newest_token) as client:
        execute(
            claimed,
            client,
            board_of(place),
            measure=load(measure),
            work_dir=place.folder_of(claimed.id, claimed.attempt),
            results_dir=place.results_dir,
            limits=Limits(**limits),
        )


def load(name: str) -> Measure:
    module, _, attribute = name.partition(":")
    found: Measure = getattr(import_module(module), attribute)
    return found


class LookAfterChild(bootsteps.StartStopStep):
    """The pool looks once when a child closes its pipe, often before the kernel has reaped it.

    Its own next look is 5 s later; until then a run would seem to go on.
    """

    requires = ("celery.worker.components:Pool", "celery.worker.components:Timer")

    def start(self, worker: Any) -> None:
        self.entry = worker.timer.call_repeatedly(LOOK_S, worker.pool.maintain_pool)

    def stop(self, worker: Any) -> None:
        worker.timer.cancel(self.entry)


class HostWorker(app.Worker):  # type: ignore[misc,name-defined]
    def install_platform_tweaks(self, worker: Any) -> None:
        super().install_platform_tweaks(worker)
        # Celery would start itself anew when its terminal closes.
        signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))


def run_worker(
    home: Home,
    credential: Credential,
    engines: Sequence[str],
    *,
    greet: Callable[[SiteClient], None] = lambda _client: None,
    measure: str = MEASURE,
    finish: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    weights_dir: Path | None = None,
    installs: Sequence[Installable] = (),
    restock: Restock = lambda _client: None,
    slots: int = 1,
) -> int:
    """Until SIGTERM, SIGINT or a refusal by the site. Returns the exit status.

    Asked to end, it hands the run in hand back to the site, or with `finish` finishes it first.
    Weights below `weights_dir` are kept within the limits between runs. `restock` is asked after
    each run: what it answers, where not None, is offered from then on. `slots`: how many such
    workers this machine has side by side; `home` says which one this is.
    """

    def tidy() -> None:
        home.tidy()
        if weights_dir is not None:
            shelf.trim(weights_dir, limits.keep_bytes())

    def settled() -> None:
        tidy()
        if (found := restock(client)) is not None:
            desk.offer(*found)

    tidy()
    with SiteClient.of(credential, home.newest_token) as client:

        def hello() -> None:
            greet(client)
            resend(client, home.results_dir)

        client.glance = Glances()
        desk = Desk(
            client,
            board_of(home),
            engines,
            greet=hello,
            log_tail=lambda run: newest_log(home.folder_of(run.id, run.attempt)),
            tidy=settled,
            installs=installs,
            accepts=limits.told,
            rotate=lambda: rotate(home, client),
            slot=(home.slot, slots),
        )
        how: dict[str, Any] = {"home": str(home.path), "site": credential.site, "measure": measure}
        how |= {"slot": home.slot, "limits": asdict(limits)}
        app.conf.broker_transport_options = {"desk": desk, "how": how}
        status = _serve(desk, finish=finish)
        desk.join()
    return status


def _serve(desk: Desk, *, finish: bool) -> int:
    def closing(**_: Any) -> None:
        desk.close(finish=finish)

    def failed(exception: BaseException, einfo: Any, **_: Any) -> None:
        desk.cause = sudden_end(exception)
        if not isinstance(exception, WorkerLostError | TimeLimitExceeded):
            log.error("a fault of this program:\n%s", einfo)

    signals.setup_logging.connect(_leave_logging)
    signals.worker_shutting_down.connect(closing)
    signals.task_failure.connect(failed)
    worker = HostWorker(
        pool="prefork", quiet=True, without_mingle=True, without_gossip=True, without_heartbeat=True
    )
    worker.start()
    if desk.trouble is not None:
        log.error("%s", farewell(desk.trouble))
        return transport.exit_status(desk.trouble)
    return 0


def _leave_logging(**_: Any) -> None:
    """Connected, it keeps Celery from setting up logging of its own."""


def farewell(trouble: Exception) -> str:
    if isinstance(trouble, Unauthorized):
        return (
            f"The site refuses this machine: {trouble} With a new code from the site: "
            "rigguide attach SITE CODE"
        )
    if isinstance(trouble, ProtocolMismatch):
        return f"This machine and its site cannot talk to each other: {trouble}"
    return f"A fault in this worker ended it: {type(trouble).__name__}: {trouble}"


def sudden_end(exception: BaseException) -> str:
    if isinstance(exception, TimeLimitExceeded):
        return "The measurement took longer than its plan allows and was ended."
    if not isinstance(exception, WorkerLostError):
        return f"A fault in this machine's worker: {type(exception).__name__}: {exception}"
    how = re.search(r"signal \d+ \(\w+\)|exitcode -?\d+", str(exception))
    return (
        f"The measuring process on this machine ended suddenly ({how[0] if how else exception}). "
        "Somebody killed it, or memory ran out."
    )


def newest_log(folder: Path) -> str:
    """The end of what an engine wrote last: all there is to see when its run ended suddenly."""
    try:
        logs = sorted(folder.rglob("*.log"), key=lambda path: path.stat().st_mtime)
        return logs[-1].read_text(errors="replace")[-_LOG_CHARACTERS:] if logs else ""
    except OSError as error:
        return f"The log cannot be read: {error}"


def set_up_logging() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )
    # Celery minds root because of pickle; this worker takes JSON, and only from its own desk.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    for noisy in ("celery", "kombu", "httpx", "billiard"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # How a run ended is in our own lines, without a traceback of the pool.
    logging.getLogger("celery.worker.request").setLevel(logging.CRITICAL)
