"""The shell between the desk and Celery. What it does with real processes: test_worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from kombu import Connection, Exchange, Producer, Queue

from benchruns.host import transport
from benchruns.host.desk import Desk
from benchruns.host.site_client import Claimed
from benchruns.host.site_errors import ProtocolMismatch, Unauthorized

RUN = Claimed(id="run-1", attempt=2, lease_s=3, plan={"engine": "mock", "time_limit_s": 60})
HOW = {"home": "/somewhere", "site": "https://guide.example.org", "measure": "a:b"}


class StubDesk:
    """Has one run in hand and notes what becomes of it."""

    def __init__(self) -> None:
        self.hand: Claimed | None = RUN
        self.heard: list[str] = []

    @property
    def waiting(self) -> bool:
        return self.hand is not None

    def take(self) -> Claimed | None:
        run, self.hand = self.hand, None
        return run

    def finished(self) -> None:
        self.heard.append("finished")

    def give_back(self) -> None:
        self.heard.append("given back")


@pytest.fixture
def desk() -> StubDesk:
    return StubDesk()


@pytest.fixture
def connection(desk: StubDesk) -> Iterator[Connection]:
    transport.register()
    options = {"desk": cast("Desk", desk), "how": HOW}
    with Connection(f"{transport.SCHEME}://site//", transport_options=options) as one:
        yield one


def queue() -> Queue:
    return Queue(transport.QUEUE, Exchange(transport.QUEUE), transport.QUEUE)


def received(connection: Connection) -> Any:
    """What a consumer is given."""
    messages: list[Any] = []
    with connection.Consumer(
        [queue()], callbacks=[lambda _body, message: messages.append(message)]
    ):
        connection.drain_events(timeout=1)
        return messages[0]


def test_a_run_becomes_a_message_of_celery(connection: Connection) -> None:
    message = received(connection)

    args, kwargs, _embed = message.payload
    assert args == []
    assert kwargs == {"run": RUN.model_dump(), **HOW}
    assert message.headers["task"] == transport.TASK
    assert message.headers["id"] == "run-1-2"


def test_acknowledging_finishes_the_run(connection: Connection, desk: StubDesk) -> None:
    received(connection).ack()

    assert desk.heard == ["finished"]


def test_requeueing_gives_the_run_back(connection: Connection, desk: StubDesk) -> None:
    received(connection).requeue()

    assert desk.heard[0] == "given back"


def test_closing_with_a_message_in_hand_gives_the_run_back(
    connection: Connection, desk: StubDesk
) -> None:
    received(connection)

    connection.close()

    assert desk.heard == ["given back"]


def test_nothing_can_be_published(connection: Connection) -> None:
    with connection.channel() as channel:
        producer = Producer(channel)
        with pytest.raises(transport.PublishingRefused):
            producer.publish({}, exchange="", routing_key=transport.QUEUE)


def test_the_url_tells_no_secret(connection: Connection) -> None:
    assert connection.as_uri(include_password=True) == "rigguide://site//"


def test_the_message_is_plain_json() -> None:
    message = transport.message_of(RUN, HOW)

    assert json.loads(message["body"])[1]["run"]["id"] == "run-1"
    assert message["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("plan", "limit_s"),
    [({"time_limit_s": 60}, 960), ({}, 24 * 3600 + 900), ({"time_limit_s": "x"}, 24 * 3600 + 900)],
)
def test_the_hard_limit_leaves_time_to_deliver(plan: dict[str, Any], limit_s: float) -> None:
    assert transport.hard_limit_s(RUN.model_copy(update={"plan": plan})) == limit_s


def test_each_trouble_has_its_exit_status() -> None:
    troubles = (Unauthorized(""), ProtocolMismatch(""), ValueError())

    assert [transport.exit_status(trouble) for trouble in troubles] == [77, 76, 70]
