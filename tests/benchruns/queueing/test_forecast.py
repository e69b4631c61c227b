"""What a waiting run's page says: its place, and when it likely begins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from benchruns.models import Run
from benchruns.queueing.forecast import foretell, place, queue_position, remaining_s
from benchruns.states import State
from tests.benchruns.made import Machine, plan, queued

pytestmark = pytest.mark.django_db


def took(alice: Machine, seconds: float, **columns: object) -> Run:
    now = timezone.now()
    return queued(
        host=alice.row,
        wanted_host=alice.row,
        attempt=1,
        state=State.DONE,
        claimed_at=now - timedelta(seconds=seconds),
        finished_at=now,
        **columns,
    )


def page(run: Run) -> str:
    return Client().get(f"/runs/{run.pk}/").text


def test_the_next_run_on_a_free_machine_does_not_wait() -> None:
    alice = Machine()
    run = queued(wanted_host=alice.row)
    found = place(run)
    assert found is not None
    assert (found.position, found.wait_s, found.takes_s) == (1, 0, None)
    assert "as soon as alice asks for work" in page(run)


def test_it_waits_for_all_before_it_as_long_as_like_runs_took() -> None:
    alice = Machine()
    took(alice, 300)
    [_, _, last] = [queued(wanted_host=alice.row) for _ in range(3)]
    found = place(last)
    assert found is not None
    assert (found.position, found.wait_s) == (3, pytest.approx(600, abs=1))
    assert "Number 3 in the queue." in page(last)
    assert "in about 10 min" in page(last)
    assert "about 5 min, as like measurements took there" in page(last)


def test_it_says_that_it_does_not_know_where_nothing_alike_was_measured() -> None:
    alice = Machine()
    took(alice, 300, plan=plan(time_limit_s=999))
    queued(wanted_host=alice.row)
    last = queued(wanted_host=alice.row)
    found = place(last)
    assert found is not None
    assert (found.position, found.wait_s) == (2, None)
    assert page(last).count("not known yet") == 2


def test_the_run_in_hand_counts_with_what_is_left_of_it() -> None:
    alice = Machine()
    took(alice, 100)
    held = alice.claimed(wanted_host=alice.row)
    assert held.expected_s == pytest.approx(100, abs=1)
    Run.objects.filter(pk=held.pk).update(claimed_at=timezone.now() - timedelta(seconds=40))
    waiting = queued(wanted_host=alice.row)
    found = place(waiting)
    assert found is not None
    assert found.wait_s == pytest.approx(60, abs=2)


def test_a_run_that_takes_longer_than_its_like_is_not_said_to_end_any_moment() -> None:
    alice = Machine()
    took(alice, 10)
    held = alice.claimed(wanted_host=alice.row)
    Run.objects.filter(pk=held.pk).update(claimed_at=timezone.now() - timedelta(seconds=40))
    held.refresh_from_db()
    assert remaining_s(held, timezone.now()) is None
    waiting = place(queued(wanted_host=alice.row))
    assert waiting is not None
    assert waiting.wait_s is None


def test_a_run_s_own_pace_counts_more_than_what_others_took() -> None:
    alice = Machine()
    held = alice.claimed(wanted_host=alice.row)
    now = timezone.now()
    started = now - timedelta(seconds=50)
    Run.objects.filter(pk=held.pk).update(started_at=started, fraction=0.75, expected_s=1000)
    held.refresh_from_db()
    assert remaining_s(held, now) == pytest.approx(25)
    assert "about 25 s" in page(held)


def test_a_run_that_any_machine_may_take_stands_where_it_would_begin_first() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    for machine, count in ((alice, 3), (bob, 1)):
        for _ in range(count):
            queued(wanted_host=machine.row)
    assert queue_position(queued()) == 2


def test_nothing_is_foretold_while_the_machine_is_away() -> None:
    alice = Machine(last_seen_at=timezone.now() - timedelta(hours=1))
    took(alice, 60)
    assert 'Begins</dt>\n      <dd><span class="soft">not known yet' in page(
        queued(wanted_host=alice.row)
    )


def test_only_what_waits_has_a_position() -> None:
    assert queue_position(queued(state=State.DONE)) is None


def test_all_who_watch_a_machine_share_one_look_at_its_queue(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = Machine()
    runs = [queued(wanted_host=alice.row) for _ in range(5)]
    assert place(runs[0])
    with django_assert_num_queries(0):
        assert [place(run).position for run in runs] == [1, 2, 3, 4, 5]  # type: ignore[union-attr]


def test_a_long_queue_is_foretold_with_few_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = Machine()
    for _ in range(30):
        queued(wanted_host=alice.row)
    with django_assert_num_queries(3):
        assert len(foretell(alice.row, timezone.now())) == 30
