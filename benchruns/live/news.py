"""Says that something changed, to every process of the site that somebody watches it in.

News carry no content: whoever has watchers looks at the database. News that are lost cost a page a
few seconds, so nothing here raises when the broker is down.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Final
from uuid import UUID

import redis
from django.conf import settings
from django.db import transaction

from benchruns.models import Host, Run
from benchruns.wake import client

log = logging.getLogger(__name__)

CHANNEL: Final = "rigguide:live:"
_SILENT_S: Final = 5.0
"""For so long nothing is tried after the broker did not answer: news must not slow a host down."""


@dataclass(frozen=True, slots=True)
class News:
    """Of one team. `queue`: what waits for its machines may have moved."""

    team: int
    run: str = ""
    host: int | None = None
    queue: bool = False

    def as_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def read(cls, text: bytes) -> News:
        return cls(**json.loads(text))


class _Voice:
    silent_until = 0.0

    def say(self, news: News) -> None:
        if monotonic() < self.silent_until:
            return
        try:
            client(settings.REDIS_URL).publish(f"{CHANNEL}{news.team}", news.as_json())
        except redis.RedisError as error:
            self.silent_until = monotonic() + _SILENT_S
            log.warning("pages are not told of changes, they will look by themselves: %s", error)


_voice = _Voice()


def publish(news: News) -> None:
    _voice.say(news)


def _on_commit(news: News) -> None:
    transaction.on_commit(lambda: publish(news))


def run_moved(run: Run) -> None:
    """It was queued, taken, handed back or has ended: the queue moved and its host does another
    thing.
    """
    _run_told(run.pk, run.team_id, run.host_id or run.wanted_host_id, queue=True)
    _other_team(run)


def run_went_on(run: Run) -> None:
    """Its progress is another."""
    _run_told(run.pk, run.team_id, None, queue=False)


def _run_told(pk: UUID, team_id: int, host_id: int | None, *, queue: bool) -> None:
    _on_commit(News(team_id, str(pk), host_id, queue))


def _other_team(run: Run) -> None:
    """Asked of a machine that another team shares: that team's pages show it as well."""
    host = run.host or run.wanted_host
    if host is not None and host.team_id != run.team_id:
        _on_commit(News(host.team_id, "", host.pk, queue=True))


def host_changed(host: Host) -> None:
    """It came, went, or told how it is."""
    _on_commit(News(host.team_id, "", host.pk))
