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
from benchruns.queueing.forecast import forget
from benchruns.wake import client

log = logging.getLogger(__name__)

CHANNEL: Final = "rigguide:live:"
_SILENT_S: Final = 5.0
"""For so long nothing is tried after the broker did not answer: news must not slow a host down."""


@dataclass(frozen=True, slots=True)
class News:
    """`team`: whose machine it is about. `queue`: what waits for its machines may have moved."""

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
    forget_what_moved(news)
    _voice.say(news)


def forget_what_moved(news: News) -> None:
    """In this process: others do the same when they hear of it."""
    if news.queue and news.host is not None:
        forget(news.host)


def _on_commit(news: News) -> None:
    transaction.on_commit(lambda: publish(news))


def run_waits(run: Run) -> None:
    """It was queued, or left the queue without being taken."""
    team = run.wanted_host.team_id if run.wanted_host else run.team_id
    _on_commit(News(team, str(run.pk), run.wanted_host_id, queue=True))


def run_moved(run: UUID, host: Host) -> None:
    """That host took it, handed it back, lost it, or ended it."""
    _on_commit(News(host.team_id, str(run), host.pk, queue=True))


def run_went_on(run: UUID, host: Host) -> None:
    """Its progress is another."""
    _on_commit(News(host.team_id, str(run)))


def host_changed(host: Host) -> None:
    """It came, went, or told how it is."""
    _on_commit(News(host.team_id, host=host.pk))
