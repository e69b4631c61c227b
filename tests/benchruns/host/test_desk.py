"""Claims, leases and endings, with a test in the place of Celery."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchruns.host.board import Board, Stage, Why
from benchruns.host.desk import Desk
from benchruns.host.site_client import Claimed, SiteClient
from benchruns.host.site_errors import SiteUnreachable, Unauthorized
from tests.benchruns.host.stub_site import LIMIT_S, StubSite, until


@pytest.fixture
def site() -> Iterator[StubSite]:
    with StubSite() as stub:
        yield stub


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    page = Board(tmp_path / "board")
    yield page
    page.close()


Open = Callable[..., Desk]


@pytest.fixture
def opened(site: StubSite, board: Board) -> Iterator[Open]:
    """Opens the desk of this machine; closes it, thread and all, when the test is over."""
    desks: list[Desk] = []
    client = SiteClient.of(site.credential)

    def open_desk(**options: object) -> Desk:
        desk = Desk(client, board, ["mock"], **options)  # type: ignore[arg-type]
        desks.append(desk)
        desk.start()
        return desk

    yield open_desk
    for desk in desks:
        desk.close()
        desk.join()
    site.stop()
    client.close()


def taken(desk: Desk) -> Claimed:
    """The run, once the bell has rung."""
    assert select.select([desk], [], [], LIMIT_S)[0]
    desk.hush()
    run = desk.take()
    assert run is not None
    return run


def test_it_greets_before_it_claims_until_the_site_answers(site: StubSite, opened: Open) -> None:
    answers = [SiteUnreachable("not up yet"), SiteUnreachable("not up yet"), None]

    def greet() -> None:
        assert site.calls == []
        if (answer := answers.pop(0)) is not None:
            raise answer

    opened(greet=greet)

    site.until(lambda: site.count("claim"), "the first claim")
    assert answers == []


def test_a_run_is_taken_once(site: StubSite, opened: Open) -> None:
    desk = opened()
    site.queue()

    run = taken(desk)

    assert (run.id, run.attempt) == ("run-1", 1)
    assert not desk.waiting
    assert desk.take() is None


def test_it_keeps_the_lease_and_claims_nothing_meanwhile(site: StubSite, opened: Open) -> None:
    first, second = site.queue("run-1"), site.queue("run-2")
    desk = opened()
    taken(desk)

    site.until(lambda: first.beats >= 2, "two heartbeats")

    assert site.count("claim") == 1
    assert second.state == "queued"


def test_a_run_that_was_settled_is_not_settled_again(
    site: StubSite, opened: Open, board: Board
) -> None:
    desk = opened()
    site.queue()
    taken(desk)

    board.reach(Stage.SETTLED)
    desk.finished()

    site.until(lambda: site.count("claim") == 2, "the next claim")
    assert set(site.calls) <= {"claim", "heartbeat"}


def test_an_end_that_nobody_told_is_a_failure_with_its_cause(site: StubSite, opened: Open) -> None:
    desk = opened(log_tail=lambda run: f"last words of {run.id}")
    run = site.queue()
    taken(desk)

    desk.cause = "It fell over."
    desk.finished()

    site.until(lambda: run.state == "failed", "the failure")
    assert (run.reason, run.log) == ("It fell over.", "last words of run-1")


def test_an_end_without_a_cause_says_so(site: StubSite, opened: Open) -> None:
    desk = opened()
    run = site.queue()
    taken(desk)

    desk.finished()

    site.until(lambda: run.state == "failed", "the failure")
    assert run.reason == "The measuring process ended without saying why."


def test_a_wish_to_cancel_comes_with_a_heartbeat(
    site: StubSite, opened: Open, board: Board
) -> None:
    desk = opened()
    run = site.queue()
    taken(desk)

    run.cancel = True
    until(board.stopping, "the wish")

    assert board.why is Why.CANCELLED
    desk.finished()
    site.until(lambda: run.state == "cancelled", "the end")


def test_a_lost_lease_stops_the_run_and_tells_nothing(
    site: StubSite, opened: Open, board: Board
) -> None:
    desk = opened()
    run = site.queue()
    taken(desk)

    run.state = "expired"
    until(board.stopping, "the loss")
    desk.finished()

    assert board.why is Why.LOST
    site.until(lambda: site.count("claim") == 2, "the next claim")
    assert set(site.calls) == {"claim", "heartbeat"}


def test_a_refusal_while_the_child_tells_the_end_is_no_loss(
    site: StubSite, opened: Open, board: Board
) -> None:
    """The site has settled the run already, the child has not heard of it yet."""
    desk = opened()
    run = site.queue()
    taken(desk)

    board.reach(Stage.TELLING)
    run.state = "done"
    desk.finished()

    site.until(lambda: site.count("claim") == 2, "the next claim")
    assert not board.stopping()
    assert run.state == "done"


def test_it_keeps_the_lease_until_the_result_is_delivered(
    site: StubSite, opened: Open, board: Board
) -> None:
    desk = opened()
    run = site.queue()
    taken(desk)
    board.reach(Stage.TELLING)
    before = run.beats

    run.cancel = True  # too late: the work is done
    site.until(lambda: run.beats >= before + 2, "two more heartbeats")

    assert not board.stopping()


def test_a_site_that_settled_the_run_while_the_end_was_told_is_no_loss(
    site: StubSite, opened: Open, board: Board
) -> None:
    desk = opened()
    run = site.queue()
    taken(desk)
    board.reach(Stage.TELLING)
    before = site.count("heartbeat")

    run.state = "done"
    site.until(lambda: site.count("heartbeat") >= before + 2, "heartbeats that are refused")

    assert not board.stopping()
    board.reach(Stage.SETTLED)
    desk.finished()
    site.until(lambda: site.count("claim") == 2, "the next claim")


def test_a_run_given_back_is_queued_again(site: StubSite, opened: Open) -> None:
    desk = opened()
    run = site.queue()
    taken(desk)
    site.refusals["claim"] = (204, None)

    desk.give_back()

    site.until(lambda: run.state == "queued", "the run in the queue")
    assert site.count("release") == 1


def test_a_run_claimed_while_it_closes_goes_back(site: StubSite, opened: Open) -> None:
    desk = opened()
    site.until(lambda: site.count("claim"), "the poll")

    desk.close()
    run = site.queue()

    site.until(lambda: site.count("release"), "the run to come back")
    assert run.state == "queued"
    assert desk.take() is None


def test_closing_may_leave_the_run_to_finish(site: StubSite, opened: Open, board: Board) -> None:
    desk = opened()
    run = site.queue()
    taken(desk)

    desk.close(finish=True)
    site.until(lambda: run.beats >= 1, "the lease to be kept")

    assert not board.stopping()


def test_a_revoked_token_is_trouble_and_rings(site: StubSite, opened: Open) -> None:
    site.revoked = True

    desk = opened()

    assert select.select([desk], [], [], LIMIT_S)[0]
    assert isinstance(desk.trouble, Unauthorized)


def test_a_fault_of_its_own_is_trouble_too(opened: Open) -> None:
    def greet() -> None:
        raise ZeroDivisionError

    desk = opened(greet=greet)

    assert select.select([desk], [], [], LIMIT_S)[0]
    assert isinstance(desk.trouble, ZeroDivisionError)


def test_it_does_not_flood_a_site_that_does_not_let_it_wait(site: StubSite, opened: Open) -> None:
    site.refusals["claim"] = (204, None)
    desk = opened()

    site.until(lambda: site.count("claim") >= 2, "the second claim")
    desk.close()

    first, second, *_ = site.claimed_at
    assert second - first > 0.9


def test_it_tidies_when_a_run_is_settled(site: StubSite, opened: Open) -> None:
    tidied: list[int] = []
    desk = opened(tidy=lambda: tidied.append(site.count("failure")))
    site.queue()
    taken(desk)

    desk.finished()

    site.until(lambda: site.count("claim") == 2, "the next claim")
    assert tidied == [1]
