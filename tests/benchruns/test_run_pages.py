"""What a visitor sees of a run, from asking for it to its numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from benchruns.host.choice import default_plan
from benchruns.host.document import Finding, Goodput, OpenPoint
from benchruns.host.plan import Targets
from benchruns.host.presets import named
from benchruns.host.statistics import summarise_open
from benchruns.models import Result, Run, Team
from benchruns.services import RUNS_A_MINUTE
from benchruns.states import State
from benchruns.visitors import address_key
from tests.benchruns.made import FACTS, Machine, as_sent, document, event, plan, queued, samples

pytestmark = pytest.mark.django_db
ANSWERS = "users=4&hardware=cpu"
RUN = {"answers": ANSWERS, "engine": "llama.cpp", "model": "llama-3.2-1b", "quant": "Q8_0"}
HTMX = {"HX-Request": "true"}


def ask(client: Client | None = None, /, **changes: Any) -> Any:
    return (client or Client()).post("/runs/", RUN | changes)


def page(run: Run, part: str = "") -> str:
    response = Client().get(f"/runs/{run.pk}/{part}")
    assert response.status_code == 200
    return response.text


# Asking


def test_it_starts_a_run_and_leads_to_its_page() -> None:
    alice = Machine()
    response = ask()
    run = Run.objects.get()
    assert (response.status_code, response.url) == (303, f"/runs/{run.pk}/")
    assert (run.state, run.wanted_host, run.answers) == (
        State.QUEUED,
        alice.row,
        "users=4&hardware=cpu",
    )
    assert run.what == default_plan("llama-3.2-1b", "Q8_0", "llama.cpp", FACTS)


@pytest.mark.parametrize("name", ["quick", "standard", "thorough"])
def test_a_visitor_says_how_closely_to_look(name: str) -> None:
    Machine()
    assert ask(plan=name).status_code == 303
    assert Run.objects.get().what == named(
        name, engine="llama.cpp", model="llama-3.2-1b", quant="Q8_0"
    )


def test_it_knows_no_other_plans() -> None:
    Machine()
    refused = ask(plan="eternal")
    assert refused.status_code == 400
    assert "is none of quick, standard, thorough" in refused.text
    assert not Run.objects.exists()


def test_it_asks_the_machine_that_was_chosen() -> None:
    Machine("alice")
    bob = Machine("bob")
    ask(host=bob.row.pk)
    assert Run.objects.get().wanted_host == bob.row


def test_it_needs_the_form_of_this_site() -> None:
    Machine()
    assert ask(Client(enforce_csrf_checks=True)).status_code == 403
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"answers": "colour=blue"}, 400, "colour"),
        ({"answers": "users=none"}, 400, "users"),
        ({"engine": "--rm"}, 400, "engine: &#x27;--rm&#x27; is none of"),
        ({"engine": "vllm"}, 409, "No machine that takes visitors&#x27; runs can start vllm."),
        ({"model": "llama-9"}, 400, "model: there is no &#x27;llama-9&#x27; in the catalogue."),
        ({"model": "llama-3.1-405b"}, 409, "alice cannot measure this."),
        ({"quant": "Q1_X"}, 400, "Q1_X"),
        ({"host": "99"}, 400, "host: there is no such machine"),
        ({"host": "x"}, 400, "host: there is no such machine"),
        ({"host": "9" * 40}, 400, "host: there is no such machine"),
        ({"host": "9" * 5000}, 400, "host: there is no such machine"),
    ],
)
def test_it_says_what_cannot_be_measured(
    changes: dict[str, str], status: int, sentence: str
) -> None:
    Machine()
    response = ask(None, **changes)
    assert response.status_code == status
    assert sentence in response.text
    assert not Run.objects.exists()


def test_it_says_what_the_chosen_machine_can_start() -> None:
    alice = Machine()
    response = ask(engine="vllm", host=alice.row.pk)
    assert (response.status_code, "llama.cpp can." in response.text) == (409, True)


def test_it_starts_nothing_on_a_machine_that_takes_no_visitors() -> None:
    alice = Machine(accepts_visitors=False)
    assert ask().status_code == 409
    there, nowhere = ask(host=alice.row.pk), ask(host=999_999)
    assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text)
    assert there.status_code == 400


def test_it_starts_nothing_where_visitors_may_not(settings: Settings) -> None:
    settings.OPEN_RUNS = False
    Machine()
    assert ask().status_code == 403
    assert not Run.objects.exists()


def test_a_host_of_an_earlier_release_is_not_left_waiting_for_a_plan_it_cannot_read() -> None:
    alice = Machine()
    assert alice.claim(protocol=1).status_code == 204
    refused = ask(plan="quick")
    assert refused.status_code == 409
    assert "alice runs an earlier release (protocol 1) that cannot read this plan" in refused.text
    assert not Run.objects.exists()
    assert ask().status_code == 303
    assert alice.claim(protocol=1).status_code == 200


def test_a_named_plan_goes_to_a_host_that_can_read_it() -> None:
    alice, bob = Machine("alice"), Machine("bob")
    alice.claim(protocol=1)
    bob.claim()
    ask(plan="quick")
    assert Run.objects.get().wanted_host == bob.row
    assert bob.claim().status_code == 200


def test_it_limits_the_queue(settings: Settings) -> None:
    settings.RUN_QUEUE_LIMIT = 2
    Machine()
    queued()
    queued(state=State.RUNNING)
    queued(state=State.DONE)
    response = ask()
    assert (response.status_code, Run.objects.count()) == (429, 3)
    assert "2 measurements are waiting" in response.text


def test_it_limits_what_one_address_may_start_in_a_minute() -> None:
    Machine()
    for users in range(RUNS_A_MINUTE):
        assert ask(answers=f"users={users + 1}").status_code == 303
    assert ask(answers="users=77").status_code == 429
    assert ask(Client(REMOTE_ADDR="192.0.2.7"), answers="users=77").status_code == 303
    Run.objects.update(requested_at=timezone.now() - timedelta(minutes=2))
    assert ask(answers="users=78").status_code == 303


def test_it_keeps_no_address() -> None:
    Machine()
    ask(Client(REMOTE_ADDR="192.0.2.7"))
    assert "192.0.2.7" not in str(Run.objects.values().get())


def test_it_starts_one_run_when_the_button_is_pressed_twice() -> None:
    Machine()
    assert ask().url == ask().url
    assert Run.objects.count() == 1


def test_it_starts_another_once_the_first_has_begun() -> None:
    alice = Machine()
    ask()
    alice.claim()
    ask()
    assert Run.objects.count() == 2


# Watching


def test_it_waits_in_the_queue() -> None:
    alice = Machine()
    queued(wanted_host=alice.row)
    run = queued(wanted_host=alice.row)
    assert "Number 2 in the queue." in page(run)
    assert 'hx-trigger="every 1s, moved from:body"' in page(run)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page(run)


def test_it_says_that_the_machine_is_away() -> None:
    alice = Machine(last_seen_at=timezone.now() - timedelta(minutes=5))
    text = page(queued(wanted_host=alice.row))
    assert "alice does not answer at the moment; it was last seen 5\xa0minutes ago." in text


def test_it_shows_progress() -> None:
    alice = Machine()
    run = alice.claimed()
    alice.about(run, "events", events=[event()])
    text = page(run, "progress")
    assert "<strong>measuring</strong>: 2 clients" in text
    assert "2 of 3" in text
    assert '31.5<span class="unit">tokens/s in all</span>' in text
    assert '<progress max="1" value="0.500"' in text
    assert "<html" not in text


def test_it_shows_nothing_as_measured_before_it_is() -> None:
    alice = Machine()
    run = alice.claimed()
    text = page(run)
    assert "nothing measured yet" in text
    assert "tokens/s in all" not in text


def test_it_stops_asking_when_it_is_over() -> None:
    run = queued(state=State.CANCELLED)
    assert "hx-" not in page(run, "progress")
    assert "<noscript>" not in page(run)


# Cancelling


def test_it_cancels_a_waiting_run_at_once() -> None:
    run = queued()
    response = Client().post(f"/runs/{run.pk}/cancel")
    assert (response.status_code, response.headers["Location"]) == (303, f"/runs/{run.pk}/")
    assert "It was cancelled" in page(run)
    assert Machine().claim().status_code == 204


def test_it_asks_the_machine_to_stop() -> None:
    run = Machine().claimed()
    response = Client().post(f"/runs/{run.pk}/cancel", headers=HTMX)
    assert response.status_code == 200
    assert "cancelling" in response.text
    assert "<html" not in response.text
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == (State.CLAIMED, True)


def test_it_leaves_what_has_ended_alone() -> None:
    run = queued(state=State.DONE, finished_at=timezone.now())
    Client().post(f"/runs/{run.pk}/cancel")
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == (State.DONE, False)


def test_a_result_that_comes_after_the_wish_to_cancel_is_shown() -> None:
    alice = Machine()
    run = alice.claimed()
    Client().post(f"/runs/{run.pk}/cancel")
    assert "cancelling" in page(run)
    assert alice.about(run, "result", document=as_sent(document())).status_code == 200
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == (State.DONE, True)
    assert "cancelling" not in page(run)
    assert "hx-get" not in page(run, "progress")


def test_it_does_not_cancel_for_strangers_where_visitors_start_nothing(settings: Settings) -> None:
    settings.OPEN_RUNS = False
    run = queued()
    refused = Client().post(f"/runs/{run.pk}/cancel")
    assert refused.status_code == 403
    assert "not yours to cancel" in refused.text
    assert "/cancel" not in page(run)
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == (State.QUEUED, False)


def test_who_asked_for_a_run_may_cancel_it_wherever(settings: Settings) -> None:
    Machine()
    ask()
    settings.OPEN_RUNS = False
    run = Run.objects.get()
    assert f"/runs/{run.pk}/cancel" in page(run)
    assert Client().post(f"/runs/{run.pk}/cancel").status_code == 303
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").get(f"/runs/{run.pk}/")
    assert "/cancel" not in elsewhere.text


def test_it_does_not_cancel_by_a_link() -> None:
    run = queued()
    assert Client().get(f"/runs/{run.pk}/cancel").status_code == 405
    assert Client(enforce_csrf_checks=True).post(f"/runs/{run.pk}/cancel").status_code == 403
    run.refresh_from_db()
    assert run.state == State.QUEUED


# Ended


def test_it_shows_what_was_measured() -> None:
    alice = Machine()
    run = alice.claimed(answers=ANSWERS)
    alice.about(run, "result", document=as_sent(document()))
    text = page(run)
    for said in (
        "measured here",
        "AMD EPYC 7B13, 1 core, 16 GiB",
        '200<span class="unit">ms</span>',
        "20.0",
        "too few",
        "With synthetic weights",
        "rigguide bench --engine llama.cpp --model llama-3.2-1b",
        f"/recipe/?{ANSWERS.replace('&', '&amp;')}",
        f"/runs/{run.pk}/result.json",
    ):
        assert said in text
    assert text.count('<th class="number" scope="row">') == 3


def test_it_gives_the_document_as_json() -> None:
    alice = Machine()
    run = alice.claimed()
    assert Client().get(f"/runs/{run.pk}/result.json").status_code == 404
    alice.about(run, "result", document=as_sent(document()))
    assert Client().get(f"/runs/{run.pk}/result.json").json() == as_sent(document())


def test_it_shows_why_it_failed_with_the_log() -> None:
    alice = Machine()
    run = alice.claimed()
    alice.about(run, "failure", reason="The engine did not start.", log="error: no such file")
    assert "The engine did not start." in page(run)
    assert "error: no such file" in page(run)


def test_it_shows_strangers_no_home_of_a_host_of_an_earlier_release() -> None:
    alice = Machine()
    run = alice.claimed()
    where = "/home/bob/m.gguf is broken"
    alice.about(run, "failure", reason=where, log=where)
    for text in (page(run), page(run, "log")):
        assert "~/m.gguf is broken" in text
        assert "bob" not in text


def test_it_shows_what_happened_on_the_way() -> None:
    alice = Machine()
    run = alice.claimed()
    alice.about(run, "events", events=[event(phase="starting", message="Starting llama.cpp")])
    assert "What happened" not in page(run)
    alice.about(run, "failure", reason="It broke.")
    assert "starting: Starting llama.cpp" in page(run)


def test_it_shows_open_loop_goodput_and_what_a_guard_refused() -> None:
    asked = plan(rates_per_s=(2.0,), goodput=Targets(ttft_ms=500))
    served = Goodput(ttft_ms=500, tokens_per_user=None, clients=4, output_tok_s=71.5)
    cached = Finding(guard="prefix-cache", severity="refuse", sentence="most of it was cached")
    taken = tuple(s.model_copy(update={"scheduled_s": s.start_s}) for s in samples(2))
    offered = OpenPoint(
        rate_per_s=2.0,
        sent_per_s=2.0,
        in_flight_max=7,
        duration_s=10.0,
        samples=taken,
        summary=summarise_open(taken, ()),
        guards=(cached,),
    )
    alice = Machine()
    run = alice.claimed(plan=asked)
    told = document(asked, open_points=(offered,), goodput=served)
    assert alice.about(run, "result", document=as_sent(told)).status_code == 200
    text = page(run)
    assert "<strong>4 clients</strong>, 71.5" in text
    assert "Counts for nothing: most of it was cached" in text
    assert "Requests/s asked" in text


def test_it_shows_why_a_result_was_refused_and_none_of_its_figures() -> None:
    alice = Machine()
    run = alice.claimed()
    alice.about(run, "result", document=as_sent(document(itl_s=0.0001)))
    text = page(run)
    assert "The result was refused:" in text
    assert "<table" not in text


HOSTILE = "<script>alert(1)</script>"


def hostile_failure() -> Run:
    alice = Machine(HOSTILE)
    run = alice.claimed(note=HOSTILE)
    alice.about(run, "events", events=[event(message=HOSTILE)])
    alice.about(run, "failure", reason=HOSTILE, log=HOSTILE)
    return run


def hostile_progress() -> Run:
    alice = Machine(HOSTILE)
    run = alice.claimed()
    alice.about(run, "events", events=[event(message=HOSTILE)])
    return run


def hostile_result() -> Run:
    alice = Machine(HOSTILE)
    run = alice.claimed()
    engine = document().engine.model_copy(
        update={"version": HOSTILE, "provider": HOSTILE, "build": HOSTILE, "argv": (HOSTILE,)}
    )
    said = Finding(guard="other", sentence=HOSTILE)
    told = document(engine=engine, command=HOSTILE, guards=(said,))
    assert alice.about(run, "result", document=as_sent(told)).status_code == 200
    return run


@pytest.mark.parametrize("make", [hostile_failure, hostile_progress, hostile_result])
def test_it_runs_no_script_of_a_host(make: Callable[[], Run]) -> None:
    run = make()
    for address in ("", "progress"):
        text = page(run, address)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
    assert "<script>alert" not in Client().get("/runs/").text


def test_it_gives_the_log_as_plain_text() -> None:
    response = Client().get(f"/runs/{hostile_failure().pk}/log")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.text == HOSTILE


def test_it_says_as_plain_text_that_no_log_was_kept() -> None:
    response = Client().get(f"/runs/{queued().pk}/log")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text == "No log was kept of this measurement.\n"


def test_it_lists_runs_newest_first() -> None:
    queued(plan=plan(model="older"))
    queued(plan=plan(model="newer"))
    text = Client().get("/runs/").text
    assert text.index("newer") < text.index("older")


def private(requester: str = "") -> Run:
    alice = Machine()
    run = alice.claimed(requester=requester)
    assert alice.about(run, "result", document=as_sent(document())).status_code == 200
    Run.objects.update(log="its log")
    Result.objects.update(visibility="private")
    return run


PARTS = ("", "progress", "log", "result.json")


def test_what_is_private_is_not_there_for_strangers() -> None:
    run = private()
    for part in PARTS:
        assert Client().get(f"/runs/{run.pk}/{part}").status_code == 404
    for part in ("cancel", "compare"):
        assert Client().post(f"/runs/{run.pk}/{part}").status_code == 404
    for path in ("/runs/", run.host.get_absolute_url() if run.host else ""):
        assert str(run.pk) not in Client().get(path).text


def test_who_asked_for_what_is_private_sees_it_everywhere() -> None:
    run = private(address_key(Client().get("/runs/").wsgi_request))
    for part in PARTS:
        assert Client().get(f"/runs/{run.pk}/{part}").status_code == 200
    for path in ("/runs/", run.host.get_absolute_url() if run.host else ""):
        assert str(run.pk) in Client().get(path).text


def test_it_lists_no_runs_of_other_teams() -> None:
    queued(plan=plan(model="theirs"), team=Team.objects.create(slug="others", name="Others"))
    assert "theirs" not in Client().get("/runs/").text


def test_it_asks_the_database_little_while_somebody_watches(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = Machine()
    running, waiting = alice.claimed(wanted_host=alice.row), queued(wanted_host=alice.row)
    with django_assert_max_num_queries(1):
        page(running, "progress")
    # Its place takes the fair order of all that waits there, at most once in two seconds.
    with django_assert_max_num_queries(5):
        page(waiting, "progress")
    with django_assert_max_num_queries(1):
        page(waiting, "progress")


def test_it_lists_runs_with_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    alice = Machine()
    for _ in range(3):
        queued(wanted_host=alice.row)
    with django_assert_num_queries(2):  # the other one is for the choice of machines
        Client().get("/runs/")


def test_it_says_that_nothing_was_measured_yet() -> None:
    assert "Nobody measured anything here yet." in Client().get("/runs/").text


@pytest.mark.parametrize("part", ["", "progress", "log", "result.json"])
def test_it_does_not_know_a_run_that_is_not_there(part: str) -> None:
    assert Client().get(f"/runs/{uuid4()}/{part}").status_code == 404


def test_it_cannot_cancel_a_run_that_is_not_there() -> None:
    assert Client().post(f"/runs/{uuid4()}/cancel").status_code == 404


@pytest.mark.parametrize("state", State)
def test_it_has_a_page_for_every_state(state: State) -> None:
    over = timezone.now() if state in {State.DONE, State.FAILED} else None
    run = queued(state=state, claimed_at=timezone.now(), finished_at=over)
    assert state.label in page(run)
