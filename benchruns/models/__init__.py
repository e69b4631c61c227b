from __future__ import annotations

from benchruns.models.hosts import EnrolmentCode, Host
from benchruns.models.results import Result
from benchruns.models.runs import Run, RunEvent
from benchruns.models.teams import Team

__all__ = ["EnrolmentCode", "Host", "Result", "Run", "RunEvent", "Team"]
