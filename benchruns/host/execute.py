"""Executes one claimed run and tells the site how it ended. Plain Python, nothing of Celery."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from traceback import format_exc
from typing import Protocol

from pydantic import ValidationError

from benchruns.host.board import Board, Stage, Why
from benchruns.host.document import ResultDocument
from benchruns.host.errors import Cancelled, EngineFailed
from benchruns.host.event_sender import EventSender
from benchruns.host.leftovers import PART, name_of
from benchruns.host.limits import Limits
from benchruns.host.order import INSTALL, InstallOrder
from benchruns.host.ordered import carry_out
from benchruns.host.patience import persist
from benchruns.host.plan import Plan
from benchruns.host.progress import IsCancelled, Report
from benchruns.host.site_client import Claimed, SiteClient
from benchruns.host.site_errors import Rejected, SiteError, TooLarge

log = logging.getLogger(__name__)

RESULT_LIMIT_S = 600.0  # a measurement is worth some patience
WORD_LIMIT_S = 30.0


class Measure(Protocol):
    def __call__(
        self,
        plan: Plan,
        *,
        report: Report,
        cancelled: IsCancelled,
        work_dir: Path,
        run_id: str | None = None,
    ) -> ResultDocument: ...


@dataclass(frozen=True, slots=True)
class Done:
    document: ResultDocument


@dataclass(frozen=True, slots=True)
class Installed:
    order: InstallOrder


@dataclass(frozen=True, slots=True)
class Failed:
    reason: str
    log: str = ""


@dataclass(frozen=True, slots=True)
class Stopped:
    why: Why


Ending = Done | Installed | Failed | Stopped


def execute(
    run: Claimed,
    client: SiteClient,
    board: Board,
    *,
    measure: Measure,
    work_dir: Path,
    results_dir: Path,
    limits: Limits | None = None,
) -> Ending:
    """Measures, reports, settles. Whoever claimed the run keeps its lease meanwhile.

    A result is in `results_dir` until the site has it. What this returns is what happened here;
    the site may have refused to hear it (see the log).
    """
    board.sign_in(os.getpid())
    work_dir.mkdir(parents=True, exist_ok=True)
    with EventSender(client, run, board.stop) as events:
        ending = _measured(run, board, events.report, measure, work_dir, limits or Limits())
    board.reach(Stage.TELLING)
    _tell(run, client, ending, results_dir)
    board.reach(Stage.SETTLED)
    return ending


def _measured(
    run: Claimed,
    board: Board,
    report: Report,
    measure: Measure,
    work_dir: Path,
    limits: Limits,
) -> Ending:
    try:
        asked = _asked(run)
    except ValidationError as error:
        return Failed(f"This machine does not understand what it is asked to do: {_first(error)}")
    try:
        if isinstance(asked, InstallOrder):
            why = carry_out(asked, limits, report=report, stopping=board.stopping)
            return Failed(why) if why else Installed(asked)
        plan = asked
        if refusal := limits.refusal(plan):
            return Failed(refusal)
        limits.make_room(plan)
        return Done(
            measure(plan, report=report, cancelled=board.stopping, work_dir=work_dir, run_id=run.id)
        )
    except Cancelled:
        return Stopped(board.why)
    except EngineFailed as error:
        return Failed(error.reason, error.log)
    except Exception as error:
        log.exception("run %s: a fault of this program", run.id)
        kind = type(error).__name__
        return Failed(f"A fault in the measuring program: {kind}: {error}", format_exc())


def _asked(run: Claimed) -> Plan | InstallOrder:
    """Raises ValidationError."""
    kind = InstallOrder if run.plan.get("kind") == INSTALL else Plan
    return kind.model_validate(run.plan)


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def _tell(run: Claimed, client: SiteClient, ending: Ending, results_dir: Path) -> None:
    try:
        match ending:
            case Done(document):
                _tell_result(run, client, document, results_dir)
            case Installed(order):
                log.info("run %s: %s is installed", run.id, order.engine)
                persist(lambda: client.installed(run), limit_s=WORD_LIMIT_S)
            case Failed(reason, engine_log):
                log.warning("run %s failed: %s", run.id, reason)
                persist(lambda: client.failure(run, reason, engine_log), limit_s=WORD_LIMIT_S)
            case Stopped(why):
                tell_stopped(run, client, why)
    except SiteError as error:
        log.warning("run %s: the site does not take how it ended: %s", run.id, error)


def tell_stopped(run: Claimed, client: SiteClient, why: Why) -> None:
    """Cancelled, handed back, or nothing at all where the run is another's by now."""
    log.info("run %s: stopped (%s)", run.id, why.name.lower())
    if why is Why.CANCELLED:
        persist(lambda: client.cancelled(run), limit_s=WORD_LIMIT_S)
    elif why is not Why.LOST:
        client.release(run)


def _tell_result(
    run: Claimed, client: SiteClient, document: ResultDocument, results_dir: Path
) -> None:
    """The document is on disk until the site has it."""
    kept = results_dir / name_of(run)
    _keep(kept, document)
    try:
        persist(lambda: client.result(run, document), limit_s=RESULT_LIMIT_S)
    except SiteError as error:
        log.warning("run %s: the site did not take its result, it is in %s", run.id, kept)
        if not isinstance(error, TooLarge | Rejected):
            raise
        reason = f"The site does not take the result: {error}"
        persist(lambda: client.failure(run, reason), limit_s=WORD_LIMIT_S)
    else:
        log.info("run %s: measured and delivered", run.id)
        kept.unlink(missing_ok=True)


def _keep(path: Path, document: ResultDocument) -> None:
    """Whole or not at all, whenever this is killed. A full disk is no reason not to deliver."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}{PART}")
        part.write_text(document.model_dump_json())
        part.replace(path)
    except OSError as error:
        log.warning("the result cannot be kept here: %s", error)
