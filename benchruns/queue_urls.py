"""The queue's pages, schedules, and what pages watch."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from benchruns.views import boards, queue, schedules

_CHANGES: Final = ("pause", "resume", "remove")

urlpatterns: list[URLPattern] = [
    path("runs/<uuid:run_id>/events", queue.run_events, name="run-events"),
    path("runs/<uuid:run_id>/raise", queue.run_raise, name="run-raise"),
    path("hosts/board", boards.board, name="hosts-board"),
    path("hosts/events", boards.events, name="hosts-events"),
    path("schedules/", schedules.page, name="schedules"),
    *(
        path(
            f"schedules/<int:schedule_id>/{what}",
            schedules.change,
            {"what": what},
            f"schedule-{what}",
        )
        for what in _CHANGES
    ),
]
