from __future__ import annotations

from benchruns.models.audit import AuditEntry
from benchruns.models.hosts import EnrolmentCode, Host
from benchruns.models.invitations import Invitation
from benchruns.models.queue import MachineTime, Schedule
from benchruns.models.results import Result
from benchruns.models.runs import Run, RunEvent
from benchruns.models.teams import Membership, Role, Team, Visibility
from benchruns.models.tokens import ApiToken, Scope

__all__ = [
    "ApiToken",
    "AuditEntry",
    "EnrolmentCode",
    "Host",
    "Invitation",
    "MachineTime",
    "Membership",
    "Result",
    "Role",
    "Run",
    "RunEvent",
    "Schedule",
    "Scope",
    "Team",
    "Visibility",
]
