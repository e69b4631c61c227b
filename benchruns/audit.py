"""The audit log: who attached, ran, revoked, shared, invited, changed a role.

Verbs are `what.happened`: `host.attached`, `host.revoked`, `run.requested`, `result.shared`,
`member.invited`, `token.made`. `said()` turns the known ones into words; an unknown one is shown
as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.models import User

from benchruns.models.audit import AuditEntry
from benchruns.models.teams import Person, Team

VISITOR: Final = "a visitor"
SITE: Final = "the site"

WORDS: Final[Mapping[str, str]] = {
    "host.attached": "attached the host",
    "host.renamed": "renamed the host",
    "host.paused": "paused the host",
    "host.resumed": "resumed the host",
    "host.rotated": "gave a new token to the host",
    "host.offline": "brought results of an unattached machine, known as",
    "host.leaving": "let the host leave when it is done:",
    "host.revoked": "revoked the host",
    "code.withdrawn": "withdrew a code that attaches a host",
    "code.made": "made a code that attaches a host",
    "run.requested": "asked for the run",
    "run.cancelled": "cancelled the run",
    "run.raised": "put before all else the run",
    "schedule.made": "made the schedule",
    "schedule.paused": "paused the schedule",
    "schedule.resumed": "resumed the schedule",
    "schedule.removed": "removed the schedule",
    "install.requested": "asked for the installation of",
    "result.uploaded": "uploaded the result",
    "result.shared": "let more people see the result",
    "result.withdrawn": "let fewer people see the result",
    "sharing.default": "changed who sees what comes of",
    "token.made": "made the API token",
    "token.revoked": "revoked the API token",
    "member.invited": "made an invitation",
    "member.joined": "joined",
    "member.left": "left",
    "member.removed": "removed",
    "member.role": "changed the role of",
    "invitation.withdrawn": "withdrew an invitation",
    "team.made": "made the team",
    "team.renamed": "renamed the team",
    "team.offered": "offered the team to",
    "team.transferred": "took over the team from",
    "team.deleted": "deleted the team",
}


def record(
    actor: Person | str | None, team: Team, verb: str, target: object = "", **detail: Any
) -> AuditEntry:
    """One line of the team's audit log.

    `actor`: None is the site itself (a schedule, the command line), text is whatever else it was
    (`host alice`); who is not signed in is kept as a visitor, without an address. `detail` must be
    JSON and free of secrets.
    """
    return AuditEntry.objects.create(
        team=team,
        actor=actor if isinstance(actor, User) else None,
        actor_name=_name(actor),
        verb=verb,
        target=str(target)[:200],
        detail=detail,
    )


def said(verb: str) -> str:
    return WORDS.get(verb, verb)


def _name(actor: Person | str | None) -> str:
    if actor is None:
        return SITE
    if isinstance(actor, str):
        return actor[:150]
    return actor.get_username() if actor.is_authenticated else VISITOR
