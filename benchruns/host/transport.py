"""A kombu transport whose broker is the site: a claimed run becomes a Celery message.

It is a thin shell around `Desk`, which a thread of its own keeps busy; a socket of the desk wakes
the event loop. An outage of the site never shows here: the desk waits it out. Nothing can be
published. Leans on kombu's virtual transport and Celery's event loop, see ADR 0007.
"""

from __future__ import annotations

import contextlib
import json
import logging
import uuid
from queue import Empty
from typing import Any

from celery.exceptions import WorkerShutdown
from kombu.transport import TRANSPORT_ALIASES, virtual

from benchruns.host.desk import Desk
from benchruns.host.exits import EXIT_FAULT, EXIT_PROTOCOL, EXIT_REFUSED
from benchruns.host.site_client import Claimed
from benchruns.host.site_errors import ProtocolMismatch, Unauthorized

log = logging.getLogger(__name__)

SCHEME = "rigguide"
QUEUE = "runs"
TASK = "rigguide.measure"

SPARE_S = 900.0  # past the plan's own limit: delivering the result during an outage


class PublishingRefused(RuntimeError):
    """A host does what its site asks for and asks nobody else: a rule, not a gap."""


def register() -> None:
    TRANSPORT_ALIASES[SCHEME] = "benchruns.host.transport:Transport"


def message_of(run: Claimed, how: dict[str, Any]) -> dict[str, Any]:
    """The run in the form of Celery's message protocol 2. `how` is this host's own business."""
    arguments = [[], {"run": run.model_dump(mode="json"), **how}, {}]
    return {
        "body": json.dumps(arguments),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {
            "id": f"{run.id}-{run.attempt}",
            "task": TASK,
            "lang": "py",
            "timelimit": [hard_limit_s(run), None],
            "argsrepr": "()",
            "kwargsrepr": run.id,
        },
        "properties": {
            "delivery_tag": str(uuid.uuid4()),
            "delivery_info": {"exchange": QUEUE, "routing_key": QUEUE},
        },
    }


def hard_limit_s(run: Claimed) -> float:
    """A last resort: a measurement keeps its plan's time limit by itself."""
    asked = run.plan.get("time_limit_s")
    return (asked if isinstance(asked, int | float) else 24 * 3600) + SPARE_S


class Channel(virtual.Channel):
    do_restore = True

    @property
    def _desk(self) -> Desk:
        return desk_of(self.connection)

    def _get(self, *_: Any, **__: Any) -> dict[str, Any]:
        run = self._desk.take()
        if run is None:
            raise Empty
        return message_of(run, options_of(self.connection)["how"])

    def _put(self, *_: Any, **__: Any) -> None:
        raise PublishingRefused("a host publishes no messages")

    def _size(self, *_: Any) -> int:
        return int(self._desk.waiting)

    def _purge(self, *_: Any) -> int:
        return 0

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        super().basic_ack(delivery_tag, multiple)
        self._desk.finished()

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().basic_reject(delivery_tag, requeue)
        self._desk.finished()

    def _restore(self, *_: Any) -> None:
        self._desk.give_back()


class Transport(virtual.Transport):
    Channel = Channel
    driver_type = SCHEME
    driver_name = SCHEME
    connection_errors = ()
    channel_errors = ()
    implements = virtual.Transport.implements.extend(
        asynchronous=True, exchange_type=frozenset({"direct"}), heartbeats=False
    )

    def driver_version(self) -> str:
        return "1"

    def register_with_event_loop(self, _connection: Any, loop: Any) -> None:
        desk = desk_of(self)
        loop.add_reader(desk.fileno(), self._look, desk)
        # Again at each tick, for the channel may not have been ready to consume.
        loop.on_tick.add(self._deliver_waiting)
        desk.start()

    def _look(self, desk: Desk) -> None:
        desk.hush()
        self._deliver_waiting()

    def _deliver_waiting(self) -> None:
        desk = desk_of(self)
        if desk.trouble is not None:
            raise WorkerShutdown(exit_status(desk.trouble))
        if desk.waiting:
            with contextlib.suppress(Empty):  # not ready yet: the next tick
                assert self.cycle is not None
                self.cycle.get(self._deliver)


def options_of(transport: Any) -> dict[str, Any]:
    """What `worker.py` gave along: `desk` and `how`."""
    options: dict[str, Any] = transport.client.transport_options
    return options


def desk_of(transport: Any) -> Desk:
    desk: Desk = options_of(transport)["desk"]
    return desk


def exit_status(trouble: Exception) -> int:
    if isinstance(trouble, Unauthorized):
        return EXIT_REFUSED
    return EXIT_PROTOCOL if isinstance(trouble, ProtocolMismatch) else EXIT_FAULT
