"""Whose token that is, and the hand-over from an old token to a new one.

Both are good between the moment the new one is given out and its first use, so that a machine that
dies in between, or whose answer is lost, is not locked out.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from benchruns import audit, wake
from benchruns.credentials import HOST_PREFIX, hashed, new_token
from benchruns.models import Host
from benchruns.models.teams import Person


class NotAsked(Exception):
    """Nobody asked for a new token for this machine."""


def host_of(token: str) -> Host | None:
    """The attached host whose token this is; unknown and revoked ones look alike."""
    if not token.startswith(HOST_PREFIX):
        return None
    digest = hashed(token)
    mine = Q(token_hash=digest) | Q(next_token_hash=digest)
    return Host.objects.attached().select_related("team").filter(mine).first()


def authenticated(token: str) -> Host | None:
    """The same, for a call of the machine itself: the first use of a new token ends the old one."""
    host = host_of(token)
    if host is not None and host.next_token_hash == hashed(token):
        _end_old(host)
    return host


def _end_old(host: Host) -> None:
    Host.objects.filter(pk=host.pk, next_token_hash=host.next_token_hash).update(
        token_hash=host.next_token_hash, next_token_hash="", rotate_asked_at=None
    )


@transaction.atomic
def ask_to_rotate(host: Host, by: Person | None) -> None:
    """The machine hears of it with its next claim, which this wakes."""
    Host.objects.filter(pk=host.pk).update(rotate_asked_at=timezone.now())
    audit.record(by, host.team, "host.rotated", host.name)
    wake.on_commit(host.team_id)


def hand_over(host: Host) -> str:
    """The new token in clear text. Asked again it is another one: an answer may be lost.

    Raises NotAsked.
    """
    token = new_token()
    asked = Host.objects.filter(pk=host.pk, rotate_asked_at__isnull=False)
    if not asked.update(next_token_hash=hashed(token)):
        raise NotAsked
    return token
