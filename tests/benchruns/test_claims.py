"""Who gets a run, keeps it, loses it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from benchruns import claims, metered
from benchruns.enrolment import revoke
from benchruns.models import Host, Run, Team
from benchruns.outcomes import request_cancel
from benchruns.states import State
from tests.benchruns.made import Machine, as_sent, document, event, plan, queued

pytestmark = pytest.mark.django_db
LLAMA = ("llama.cpp",)


def late(seconds: float = 16) -> int:
    return claims.expire_leases(timezone.now() + timedelta(seconds=seconds))


def test_it_gives_the_oldest_run_first() -> None:
    alice = Machine()
    older, newer = queued(), queued()
    assert claims.claim(alice.row, LLAMA) == older
    assert claims.claim(alice.row, LLAMA) == newer
    assert claims.claim(alice.row, LLAMA) is None


def test_it_gives_only_what_the_host_can_start() -> None:
    queued(plan=plan(engine="vllm"))
    assert claims.claim(Machine().row, LLAMA) is None


def test_it_keeps_a_run_for_the_host_it_was_asked_of() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    run = queued(wanted_host=bob.row)
    assert claims.claim(alice.row, LLAMA) is None
    assert claims.claim(bob.row, LLAMA) == run


def test_it_gives_nothing_of_another_team() -> None:
    queued(team=Team.objects.create(slug="others", name="Others"))
    assert claims.claim(Machine().row, LLAMA) is None


def test_it_spares_hosts_that_take_no_visitors() -> None:
    alice = Machine(accepts_visitors=False)
    queued()
    own = queued(by_visitor=False)
    assert claims.claim(alice.row, LLAMA) == own
    assert claims.claim(alice.row, LLAMA) is None


def test_it_gives_nothing_to_a_paused_host() -> None:
    queued()
    assert claims.claim(Machine(paused=True).row, LLAMA) is None


def test_it_counts_attempts() -> None:
    run = Machine().claimed()
    assert (run.attempt, run.attempts_left, run.state) == (1, 2, State.CLAIMED)


@pytest.mark.django_db(transaction=True)
def test_it_gives_a_run_to_exactly_one_of_two_hosts_that_ask_at_once() -> None:
    machines = [Machine("alice"), Machine("bob")]
    runs = [queued() for _ in range(10)]
    start = Barrier(2)

    def take_all(host: Host) -> list[Run]:
        start.wait()
        taken = []
        while (run := claims.claim(host, LLAMA)) is not None:
            taken.append(run)
        connection.close()
        return taken

    with ThreadPoolExecutor(2) as pool:
        taken = [*pool.map(take_all, [machine.row for machine in machines])]
    assert sorted(str(run.pk) for part in taken for run in part) == sorted(
        str(run.pk) for run in runs
    )
    assert {run.attempt for part in taken for run in part} == {1}


def test_it_puts_a_run_back_when_the_lease_ends() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    run = alice.claimed()
    assert late() == 1
    run.refresh_from_db()
    assert (run.state, run.lease_until) == (State.QUEUED, None)
    again = claims.claim(bob.row, LLAMA)
    assert again is not None
    assert again.attempt == 2


@pytest.mark.parametrize(
    ("what", "body", "state"),
    [
        ("heartbeat", {}, State.CLAIMED),
        ("events", {"events": [event()]}, State.RUNNING),
        ("result", {"document": as_sent(document())}, State.DONE),
        ("failure", {"reason": "It broke."}, State.FAILED),
        ("cancelled", {}, State.CANCELLED),
    ],
)
def test_it_gives_a_run_back_to_the_host_that_lost_it_when_nobody_else_took_it(
    what: str, body: dict[str, Any], state: State
) -> None:
    alice = Machine()
    run = alice.claimed()
    late()
    assert alice.about(run, what, **body).status_code == 200
    run.refresh_from_db()
    assert (run.state, run.attempt, run.attempts_left) == (state, 1, 1)


def test_it_gives_nothing_back_once_somebody_else_took_it() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    run = alice.claimed()
    late()
    assert bob.claim().status_code == 200
    assert alice.post(f"runs/{run.pk}/heartbeat", {"attempt": 1}).status_code == 409
    assert alice.post(f"runs/{run.pk}/heartbeat", {"attempt": 2}).status_code == 409


def test_it_gives_nothing_back_that_was_handed_back_or_cancelled() -> None:
    alice = Machine()
    run = alice.claimed()
    claims.release(run.pk, alice.row, run.attempt)
    assert alice.about(run, "heartbeat").status_code == 409
    assert alice.claim().status_code == 200
    late()
    request_cancel(run)
    assert alice.about(run, "heartbeat").status_code == 409
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_it_does_not_let_a_host_come_and_go_for_ever() -> None:
    alice = Machine()
    run = alice.claimed()
    for _ in range(2):
        late()
        assert alice.about(run, "heartbeat").status_code == 200
    late()
    assert alice.about(run, "heartbeat").status_code == 409
    run.refresh_from_db()
    assert run.state == State.EXPIRED


def test_it_leaves_a_lease_that_is_kept() -> None:
    run = Machine().claimed()
    assert late(seconds=14) == 0
    run.refresh_from_db()
    assert run.state == State.CLAIMED


def test_it_gives_up_after_the_last_attempt() -> None:
    alice = Machine()
    run = queued()
    for _ in range(3):
        assert claims.claim(alice.row, LLAMA) == run
        assert late() == 1
        Run.objects.update(ready_at=None)  # as if it had waited as long as it must
    run.refresh_from_db()
    assert run.state == State.EXPIRED
    assert run.reason == (
        "alice stopped answering while it worked on this, and 3 attempts were made."
    )
    assert claims.claim(alice.row, LLAMA) is None
    assert late() == 0


def test_it_does_not_expire_a_lease_that_was_renewed_meanwhile() -> None:
    alice = Machine()
    run = alice.claimed()
    stale = Run.objects.get(pk=run.pk)
    now = timezone.now() + timedelta(seconds=16)
    Run.objects.filter(pk=run.pk).update(lease_until=now + timedelta(seconds=15))
    assert claims._lease_ended(stale, now) == 0
    run.refresh_from_db()
    assert run.state == State.CLAIMED


def test_it_ends_what_takes_far_longer_than_it_was_given() -> None:
    alice = Machine()
    run = alice.claimed(plan=plan(time_limit_s=60))
    Run.objects.update(claimed_at=timezone.now() - timedelta(seconds=359))
    assert alice.about(run, "heartbeat").status_code == 200
    Run.objects.update(claimed_at=timezone.now() - timedelta(seconds=361))
    assert alice.about(run, "heartbeat").status_code == 409
    run.refresh_from_db()
    assert (run.state, run.reason) == (
        State.FAILED,
        "alice worked on this for more than 0:06:00, which is longer than it was given.",
    )


def test_it_cancels_instead_of_trying_again() -> None:
    run = Machine().claimed()
    Run.objects.update(cancel_requested=True)
    late()
    run.refresh_from_db()
    assert run.state == State.CANCELLED


@pytest.mark.parametrize("going", ["handed back", "lost"])
def test_a_wish_to_cancel_that_comes_while_a_run_goes_back_ends_it(
    monkeypatch: pytest.MonkeyPatch, going: str
) -> None:
    alice = Machine()
    run = alice.claimed()
    look = claims._end_if_cancelled

    def just_too_early(runs: QuerySet[Run]) -> int:
        monkeypatch.setattr(claims, "_end_if_cancelled", look)
        found = look(runs)
        request_cancel(run)
        return found

    monkeypatch.setattr(claims, "_end_if_cancelled", just_too_early)
    if going == "lost":
        late()
    else:
        claims.release(run.pk, alice.row, run.attempt)
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == (State.CANCELLED, True)
    assert run.finished_at is not None
    assert claims.claim(alice.row, LLAMA) is None


def test_it_does_not_count_an_attempt_that_was_handed_back() -> None:
    alice = Machine()
    run = alice.claimed()
    claims.release(run.pk, alice.row, run.attempt)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.attempts_left) == (State.QUEUED, 1, 3)


def test_it_ends_a_run_that_is_handed_back_for_ever() -> None:
    alice = Machine()
    run = queued()
    for _ in range(claims.MOST_RELEASES):
        taken = claims.claim(alice.row, LLAMA)
        assert taken is not None
        claims.release(taken.pk, alice.row, taken.attempt)
    run.refresh_from_db()
    assert (run.state, run.reason) == (
        State.EXPIRED,
        "It was taken up and handed back 20 times.",
    )


def test_it_forgets_the_progress_of_a_lost_attempt() -> None:
    alice = Machine()
    run = alice.claimed()
    Run.objects.update(state=State.RUNNING, phase="measuring", tok_s=12.0, fraction=0.7)
    late()
    run.refresh_from_db()
    assert (run.phase, run.tok_s, run.fraction) == ("", None, None)


def test_it_takes_back_what_a_revoked_host_held() -> None:
    alice = Machine()
    run = alice.claimed()
    revoke(alice.row)
    assert late(seconds=0.1) == 1
    run.refresh_from_db()
    assert run.state == State.QUEUED


def test_it_looks_for_ended_leases_with_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    Machine().claimed()
    with django_assert_num_queries(1):
        claims.expire_leases()


@pytest.mark.parametrize("back", [True, False])
def test_a_host_that_was_back_just_in_time_is_not_counted_as_lost(
    back: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It told of itself after its run had been found late and before that was taken away."""
    counted: list[str] = []
    run = Machine().claimed()
    soon, shortened = timezone.now() + timedelta(seconds=16), claims._shortened

    def meanwhile(found: Run, now: datetime) -> bool:
        if back:
            Run.objects.update(lease_until=claims.lease_end(now))
        return shortened(found, now)

    monkeypatch.setattr(claims, "_shortened", meanwhile)
    monkeypatch.setattr(metered, "count", counted.append)
    assert claims.expire_leases(soon) == (0 if back else 1)
    assert counted == ([] if back else ["lease_expiries"])
    assert ("stopped answering" in caplog.text) is not back
    run.refresh_from_db()
    assert run.state == (State.CLAIMED if back else State.QUEUED)


def test_a_lease_ends_in_time_though_the_clock_was_set_back() -> None:
    """Else the run of a host that died would wait for as long as the clock had been ahead."""
    run = Machine().claimed()
    before_it_was_set_back = timezone.now() + timedelta(hours=1)
    Run.objects.update(lease_until=before_it_was_set_back)
    assert late(0) == 0  # a whole lease from now on, and no longer
    assert late() == 1
    run.refresh_from_db()
    assert run.state == State.QUEUED


def test_clocks_of_site_processes_may_differ_a_little() -> None:
    Machine().claimed()
    told = timezone.now() + timedelta(seconds=15 + 3)
    Run.objects.update(lease_until=told)
    late(0)
    assert Run.objects.get().lease_until == told
