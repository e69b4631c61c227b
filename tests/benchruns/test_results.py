"""What becomes of a result document: stored once, or refused with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from benchruns import claims, outcomes
from benchruns.host.document import Distribution, Goodput, OpenPoint, Point, ResultDocument
from benchruns.host.plan import Targets
from benchruns.host.statistics import summarise_open
from benchruns.models import Host, Result, Run
from benchruns.plausible import objections
from benchruns.states import State
from tests.benchruns.made import Machine, as_sent, document, plan, point, samples


def sent(machine: Machine, run: Run, result: ResultDocument | dict[str, Any]) -> Any:
    body = result if isinstance(result, dict) else as_sent(result)
    return machine.about(run, "result", document=body)


@pytest.mark.django_db
def test_it_stores_a_result_and_ends_the_run() -> None:
    alice = Machine()
    run = alice.claimed()
    assert sent(alice, run, document()).status_code == 200
    run.refresh_from_db()
    assert (run.state, run.fraction) == (State.DONE, 1.0)
    assert run.result.document == as_sent(document())
    assert (run.result.hardware, run.result.engine) == ("cpu", "llama.cpp")
    assert run.result.visibility == "public"


@pytest.mark.django_db
def test_it_accepts_the_same_result_again_and_changes_nothing() -> None:
    alice = Machine()
    run = alice.claimed()
    sent(alice, run, document())
    before = (Run.objects.values().get(), Result.objects.values().get())
    assert sent(alice, run, document(itl_s=0.1)).status_code == 200
    assert (Run.objects.values().get(), Result.objects.values().get()) == before


@pytest.mark.django_db(transaction=True)
def test_it_stores_one_of_two_results_that_come_at_once() -> None:
    alice = Machine()
    run = alice.claimed()
    start = Barrier(2)

    def finish(_: int) -> None:
        start.wait()
        try:
            outcomes.finish(run.pk, Host.objects.get(), run.attempt, as_sent(document()))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        errors = [future.exception() for future in [pool.submit(finish, n) for n in range(2)]]
    assert [error for error in errors if not isinstance(error, claims.NotHeld)] != []
    assert Result.objects.count() == 1


@pytest.mark.django_db
def test_it_takes_a_result_although_progress_was_lost_and_cancel_came_late() -> None:
    alice = Machine()
    run = alice.claimed()
    outcomes.request_cancel(run)
    assert sent(alice, run, document()).status_code == 200
    run.refresh_from_db()
    assert run.state == State.DONE


@pytest.mark.django_db
def test_it_answers_a_document_that_does_not_validate_with_422() -> None:
    alice = Machine()
    run = alice.claimed()
    answer = sent(alice, run, as_sent(document()) | {"points": "many"})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("The result document does not validate: points: ")
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, answer.json()["error"])
    assert Result.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_it_takes_no_number_that_no_database_can_keep(number: str) -> None:
    alice = Machine()
    run = alice.claimed()
    sample = as_sent(document())
    sample["points"][0]["duration_s"] = 7.125
    body = json.dumps({"attempt": 1, "document": sample}).replace("7.125", number)
    assert alice.post(f"runs/{run.pk}/result", body).status_code in {400, 422}
    assert Result.objects.count() == 0


@pytest.mark.django_db
def test_it_takes_strings_that_no_database_can_keep_without_their_nul() -> None:
    alice = Machine()
    run = alice.claimed()
    assert sent(alice, run, document(command="rigguide\x00 bench")).status_code == 200
    run.refresh_from_db()
    assert run.result.document["command"] == "rigguide bench"


@pytest.mark.django_db
def test_it_keeps_a_refused_result_with_the_reason_and_counts_it_for_nothing() -> None:
    alice = Machine()
    run = alice.claimed()
    answer = sent(alice, run, document(itl_s=0.0001))
    assert answer.status_code == 422
    assert "more than this memory can carry" in answer.json()["error"]
    run.refresh_from_db()
    assert (run.state, run.result.refused) == (State.FAILED, answer.json()["error"])
    assert sent(alice, run, document()).json() == answer.json()
    assert Result.objects.get().refused


@pytest.mark.django_db
def test_it_never_takes_a_result_for_newer_than_it_came() -> None:
    alice = Machine()
    run = alice.claimed()
    ahead = timezone.now() + timedelta(days=300)
    sent(alice, run, document(started_at=ahead - timedelta(minutes=1), finished_at=ahead))
    run.refresh_from_db()
    assert run.result.measured_at <= timezone.now()


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["started_at", "finished_at"])
def test_it_takes_no_time_that_no_clock_should_show(field: str) -> None:
    alice = Machine()
    run = alice.claimed()
    answer = sent(alice, run, as_sent(document()) | {field: "0001-01-01T00:00:00+14:00"})
    assert (answer.status_code, "set the clock" in answer.json()["error"]) == (422, True)


def with_point(change: Callable[[Point], Point]) -> ResultDocument:
    good = document()
    return good.model_copy(update={"points": (change(good.points[0]), *good.points[1:])})


def with_summary(**changes: Any) -> ResultDocument:
    return with_point(
        lambda first: first.model_copy(update={"summary": first.summary.model_copy(update=changes)})
    )


def with_sample(**changes: Any) -> ResultDocument:
    return with_point(
        lambda first: first.model_copy(
            update={"samples": (first.samples[0].model_copy(update=changes), *first.samples[1:])}
        )
    )


def test_it_objects_to_nothing_in_an_honest_document() -> None:
    assert objections(plan(), document()) == []


def test_it_accepts_a_summary_that_states_less_than_it_could() -> None:
    assert objections(plan(), with_summary(output_tok_s=None)) == []


def test_it_accepts_a_curve_that_ran_out_of_time() -> None:
    good = document()
    assert objections(plan(), good.model_copy(update={"points": good.points[:2]})) == []


def offered(rate: float = 2.0, itl_s: float = 0.05) -> OpenPoint:
    """Requests that went out when they were due."""
    taken = tuple(s.model_copy(update={"scheduled_s": s.start_s}) for s in samples(2, itl_s))
    return OpenPoint(
        rate_per_s=rate,
        sent_per_s=rate,
        duration_s=10.0,
        samples=taken,
        summary=summarise_open(taken, ()),
    )


OPEN = plan(rates_per_s=(2.0,), goodput=Targets(ttft_ms=500))
FOUND = Goodput(ttft_ms=500, tokens_per_user=None, clients=4, tries=(point(8),))


def test_it_objects_to_no_honest_open_loop_nor_search() -> None:
    told = document(OPEN, open_points=(offered(),), goodput=FOUND)
    assert objections(OPEN, told) == []
    assert objections(OPEN, document(OPEN, points=(), open_points=(offered(),))) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"open_points": (offered(3.0),)}, "It offered [3.0] requests/s, [2.0] were asked for."),
        ({"open_points": (offered(itl_s=1e-4),)}, "At 2 requests/s, 10000 tokens/s per user"),
        (
            {"open_points": (offered().model_copy(update={"summary": point(1).summary}),)},
            "At 2 requests/s, its summary says requests that went well 2",
        ),
        (
            {"goodput": FOUND.model_copy(update={"ttft_ms": 900.0})},
            "It searched for other targets",
        ),
        (
            {"goodput": FOUND.model_copy(update={"tries": (point(8, itl_s=1e-4),)})},
            "At 8 clients, 10000 tokens/s per user is more than this memory can carry",
        ),
    ],
)
def test_it_refuses_lies_beside_the_curve(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in " ".join(objections(OPEN, document(OPEN, **changes)))


LIES = {
    "another plan": (document(plan(seed=2)), "another plan"),
    "another engine": (
        document(engine=document().engine.model_copy(update={"id": "vllm"})),
        "It measured vllm, llama.cpp was asked for.",
    ),
    "another model": (
        document(model=document().model.model_copy(update={"id": "tiny"})),
        "It measured tiny Q8_0",
    ),
    "another quantisation": (
        document(model=document().model.model_copy(update={"quant": "Q2_K"})),
        "It measured llama-3.2-1b Q2_K",
    ),
    "no point": (document(points=()), "no measured point"),
    "other clients": (document(points=(point(3),)), "It measured [3] clients"),
    "the end before the beginning": (
        document(finished_at=document().started_at - timedelta(seconds=1)),
        "ended before it began",
    ),
    "longer than it took": (
        document(started_at=document().finished_at - timedelta(seconds=1)),
        "the whole measurement only 1.0 s",
    ),
    "a first token before its request": (with_sample(first_token_s=-9.0), "run backwards"),
    "a request past the end": (with_sample(end_s=900.0), "past the end"),
    "more tokens than asked for": (with_sample(output_tokens=33), "more than the 32 tokens"),
    "numbers beyond belief": (with_summary(not_ok=10**400), "too large to be true"),
    "requests nobody made": (
        with_summary(ok=3),
        "At 1 clients, its summary says requests that went well 3, its own samples say 2.",
    ),
    "a median nobody saw": (
        with_summary(ttft_ms=Distribution(n=2, p50=20.0)),
        "its summary says TTFT p50 in ms 20, its own samples say 200.",
    ),
    "a rate without any token": (
        with_point(
            lambda first: first.model_copy(
                update={
                    "samples": tuple(
                        sample.model_copy(update={"output_tokens": None})
                        for sample in first.samples
                    )
                }
            )
        ),
        "tokens/s per user p50 20, its own samples say nothing.",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_it_refuses(lie: str) -> None:
    told, sentence = LIES[lie]
    assert sentence in " ".join(objections(plan(), told))
