"""A run that is watched: its state and progress, the same for everybody who may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import timezone, translation

from benchruns.live.news import News
from benchruns.live.picture import Gone, Picture
from benchruns.models import Run
from benchruns.models.runs import Kind
from benchruns.queueing.forecast import place, remaining_s
from benchruns.states import State

_PARTS: Final = {
    "run-state": "benchruns/_run_state.html",
    "run-progress": "benchruns/_run_now.html",
}


@dataclass(frozen=True, slots=True)
class RunScene:
    """`teams`: whose queues it waits in."""

    run: str
    teams: tuple[int, ...]
    language: str

    pause_s = 0.2
    refresh_s = 10.0

    def concerned_by(self, news: News) -> bool:
        return news.run == self.run or (news.queue and news.team in self.teams)

    def drawn(self) -> Picture:
        run = Run.objects.select_related("host", "wanted_host").filter(pk=self.run).first()
        if run is None:
            raise Gone
        with translation.override(self.language):
            return _picture(run)


def scene_of(run: Run) -> RunScene:
    hosts = [host for host in (run.host, run.wanted_host) if host is not None]
    teams = {run.team_id, *(host.team_id for host in hosts)}
    return RunScene(str(run.pk), tuple(sorted(teams)), translation.get_language() or "en")


def state_of(run: Run) -> str:
    """Where it changes, more changes than the progress: buttons come and go."""
    return f"{run.state}.{run.attempt}{'.stopping' if run.cancel_requested else ''}"


def shown(run: Run, now: datetime | None = None) -> dict[str, Any]:
    """What the parts of a run's page need that change while it waits and works."""
    now = now or timezone.now()
    return {
        "run": run,
        "plan": run.order if run.kind == Kind.INSTALL else run.what,
        "installing": run.kind == Kind.INSTALL,
        "where": run.host or run.wanted_host,
        "place": place(run) if run.state == State.QUEUED else None,
        "left_s": remaining_s(run, now) if run.is_held else None,
        "backs_off_s": _until(run.ready_at, now) if run.state == State.QUEUED else None,
    }


def _picture(run: Run) -> Picture:
    if run.is_over:
        return Picture(state_of(run), {}, over=True)
    context = shown(run)
    parts = {name: render_to_string(template, context) for name, template in _PARTS.items()}
    return Picture(state_of(run), parts)


def _until(when: datetime | None, now: datetime) -> float | None:
    return None if when is None or when <= now else (when - now).total_seconds()
