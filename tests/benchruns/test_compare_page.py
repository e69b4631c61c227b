"""`/compare/`: measurements side by side, for whoever may see them."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from benchruns.comparing.arms import comparison
from benchruns.comparing.find import find
from benchruns.host.document import ResultDocument
from benchruns.host.order import InstallOrder
from benchruns.models import Host, Result, Role, Run
from benchruns.models.runs import Kind
from benchruns.states import State
from benchruns.summaries import denormalised
from benchruns.uploads import upload
from benchruns.visitors import address_key
from tests.benchruns.made import Machine, as_sent, document, plan, queued
from tests.benchruns.people import browser, member, team

pytestmark = pytest.mark.django_db


def measured(host: Host, made: ResultDocument | None = None, **result: Any) -> Run:
    made = made or document()
    run = queued(plan=made.plan, host=host, state=State.DONE, finished_at=timezone.now())
    Result.objects.create(
        **{"run": run, "document": as_sent(made)} | denormalised(made, host) | result
    )
    return run


def later(minutes: int, **changes: Any) -> ResultDocument:
    made = document(plan(**changes), itl_s=0.05 if changes else 0.06)
    by = timedelta(minutes=minutes)
    return made.model_copy(
        update={"started_at": made.started_at + by, "finished_at": made.finished_at + by}
    )


def page(*runs: Run, path: str = "/compare/", client: Client | None = None) -> str:
    response = (client or Client()).get(path, {"results": ",".join(str(r.pk) for r in runs)})
    assert response.status_code == 200, response.text
    return response.text


def test_machines_of_two_teams_with_one_name_are_no_rounds_of_one_measurement() -> None:
    mine, theirs = Machine("alice").row, Machine("alice", team=team("beta")).row
    runs = measured(mine), measured(theirs, later(2))
    found = find(tuple(run.pk for run in runs), "")
    assert [len(arm.shown) for arm in comparison(found.shown).arms] == [1, 1]


def test_it_shows_two_measurements_and_what_differs() -> None:
    alice = Machine().row
    runs = [measured(alice), measured(alice, later(2, variant="as-shipped"))]
    text = page(*runs)
    assert re.search(r"llama.cpp \(set for the load\) and llama.cpp \(as shipped\)\s*</h1>", text)
    assert text.count('class="compare-chart plot-picture"') == 4
    assert '<th scope="row">Set up</th>' in text
    assert len(re.findall(r'<tr(?: class="compare-first")?>\s*<td class="number">', text)) == 6
    for run in runs:
        assert run.get_absolute_url() in text
    assert "1 round of each cannot tell" in text


def test_five_rounds_in_turns_get_a_verdict() -> None:
    alice = Machine().row
    runs = []
    for turn in range(5):
        runs.append(measured(alice, later(4 * turn)))
        runs.append(measured(alice, later(4 * turn + 2, variant="as-shipped")))
    text = page(*runs)
    assert "llama.cpp (as shipped) has 1.18× (95 %: 1.18–1.18) the tokens/s in all of" in text
    assert "1.20–1.20" in text
    assert "comparisons are judged together" in text
    assert "round 5" in text


def test_two_machines_get_figures_and_no_verdict() -> None:
    text = page(measured(Machine("alice").row), measured(Machine("bob").row))
    assert "no verdict is computed" in text
    assert "llama.cpp (alice)" in text


def test_it_waits_for_what_is_not_over() -> None:
    alice = Machine()
    text = page(measured(alice.row), queued())
    assert "1 of 2 are measured" in text
    assert 'hx-trigger="every 5s"' in text
    assert 'hx-trigger="every 5s"' not in page(measured(alice.row))


def test_it_says_what_came_to_nothing() -> None:
    failed = queued(state=State.FAILED, reason="It broke.")
    text = page(measured(Machine().row), failed)
    assert "has no result: failed" in text
    assert failed.get_absolute_url() in text


def test_what_was_refused_counts_for_nothing() -> None:
    text = page(measured(Machine().row, refused="It cannot be true."))
    assert "has no result" in text
    assert "compare-chart" not in text


def test_it_does_not_show_strangers_what_is_private() -> None:
    alice = Machine().row
    private, public = measured(alice, visibility="private"), measured(alice)
    for path in ("/compare/", "/compare/table.csv", "/compare/output_tok_s.svg"):
        response = Client().get(path, {"results": f"{private.pk},{public.pk}"})
        assert response.status_code == 404
        assert f"there is no measurement {private.pk}" in response.text
    unknown = uuid4()
    absent = Client().get("/compare/", {"results": str(unknown)})
    assert absent.status_code == 404
    assert f"there is no measurement {unknown}" in absent.text
    assert str(private.pk) not in Client().get("/compare/").text


def test_who_asked_for_it_sees_what_is_private() -> None:
    run = measured(Machine().row, visibility="private")
    request = Client().get("/compare/").wsgi_request
    Run.objects.filter(pk=run.pk).update(requester=address_key(request))
    assert "compare-chart" in page(run)
    stranger = Client(REMOTE_ADDR="192.0.2.7").get("/compare/", {"results": str(run.pk)})
    assert stranger.status_code == 404


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        ("nonsense", "'nonsense' is not the id of a measurement"),
        (",".join(str(uuid4()) for _ in range(25)), "25 are too many to compare; 24 are the most"),
    ],
)
def test_it_says_what_is_wrong_with_an_address(results: str, sentence: str) -> None:
    response = Client().get("/compare/", {"results": results})
    assert response.status_code == 400
    assert sentence in response.text.replace("&#x27;", "'")


def test_it_takes_ids_from_check_boxes_as_well() -> None:
    alice = Machine().row
    runs = [measured(alice), measured(alice, later(2, variant="as-shipped"))]
    response = Client().get("/compare/", {"results": [str(run.pk) for run in runs]})
    assert response.text.count('class="compare-chart plot-picture"') == 4
    assert len(re.findall(r"<input[^>]* checked", response.text)) == 2


def test_without_any_it_offers_what_there_is() -> None:
    page = Client().get("/compare/").text
    assert "Nothing has been measured here yet." in page
    for way in ("/recipe/#measure", "/hosts/", "/results/upload/"):
        assert f'href="{way}"' in page
    alice, bob = Machine("alice").row, Machine("bob").row
    measured(alice)
    measured(bob)
    assert Client().get("/compare/").text.count('name="results"') == 2
    assert Client().get(f"/compare/?host={alice.pk}").text.count('name="results"') == 1
    for unknown in ("x", "9" * 18, "9" * 5000):
        assert Client().get(f"/compare/?host={unknown}").status_code == 200


def test_it_gives_the_figures_as_csv() -> None:
    alice = Machine().row
    response = Client().get("/compare/table.csv", {"results": str(measured(alice).pk)})
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    assert len(response.text.splitlines()) == 1 + 3


def test_it_gives_a_picture_that_stands_alone() -> None:
    run = measured(Machine().row)
    response = Client().get("/compare/ttft_ms.svg", {"results": str(run.pk)})
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert "attachment" in response.headers["Content-Disposition"]
    assert 'xmlns="http://www.w3.org/2000/svg"' in response.text
    assert "A: llama.cpp" in response.text
    absent = Client().get("/compare/beauty.svg", {"results": str(run.pk)})
    assert absent.status_code == 404


@pytest.mark.parametrize("path", ["/compare/table.csv", "/compare/ttft_ms.svg"])
def test_it_gives_nothing_of_what_is_not_measured(path: str) -> None:
    response = Client().get(path, {"results": str(queued().pk)})
    assert response.status_code == 404
    assert "nothing of this has been measured yet" in response.text


def test_it_runs_no_script_of_a_host() -> None:
    hostile = "<script>alert(1)</script>"
    engine = document().engine.model_copy(update={"version": hostile, "argv": (hostile,)})
    run = measured(Machine(hostile).row, document(engine=engine))
    for path in ("/compare/", "/compare/ttft_ms.svg"):
        assert "<script>alert" not in page(run, path=path)


def test_it_says_what_was_uploaded_and_of_nothing_else() -> None:
    alice = Machine().row
    watched = measured(alice)
    other = document(plan(variant="as-shipped"), itl_s=0.055)  # samples of its own
    brought = upload(alice, as_sent(other))
    text = page(watched, brought)
    assert text.count("(uploaded)") == 1
    assert "this site gave out no plan for what says so" in text
    assert len(re.findall(r"as-shipped, alice, [^<]*, uploaded</span>", text)) == 1
    alone = page(watched)
    assert "(uploaded)" not in alone
    assert "gave out no plan" not in alone
    rows = list(csv.DictReader(StringIO(page(watched, brought, path="/compare/table.csv"))))
    assert {(row["result"], row["uploaded"]) for row in rows} == {
        (str(watched.pk), "no"),
        (str(brought.pk), "yes"),
    }


def test_pages_lead_to_it() -> None:
    alice = Machine().row
    run = measured(alice)
    assert f"/compare/?results={run.pk}#choose" in Client().get(run.get_absolute_url()).text
    assert f"/compare/?host={alice.pk}#choose" in Client().get(alice.get_absolute_url()).text


# Starting a comparison


def test_a_visitor_starts_five_rounds_of_each_in_turns() -> None:
    run = measured(Machine().row)
    assert f"/runs/{run.pk}/compare" in Client().get(run.get_absolute_url()).text
    answer = Client().post(f"/runs/{run.pk}/compare")
    assert answer.status_code == 303
    waiting = list(Run.objects.filter(state=State.QUEUED).order_by("requested_at"))
    assert [one.what.variant for one in waiting] == [
        "tuned", "as-shipped", "as-shipped", "tuned", "tuned",
        "as-shipped", "as-shipped", "tuned", "tuned", "as-shipped",
    ]  # fmt: skip
    seeds = [one.what.seed for one in waiting]
    assert seeds[::2] == seeds[1::2]
    assert len(set(seeds)) == 5
    text = Client().get(answer.headers["Location"]).text
    assert "0 of 10 are measured" in text


def test_a_visitor_compares_with_another_engine_of_that_machine() -> None:
    both = Machine(measures=["llama.cpp", "vllm"])
    run = measured(both.row)
    assert "llama.cpp against vLLM" in Client().get(run.get_absolute_url()).text
    answer = Client().post(f"/runs/{run.pk}/compare", {"engine": "vllm"})
    assert answer.status_code == 303
    engines = [
        one.engine for one in Run.objects.filter(state=State.QUEUED).order_by("requested_at")
    ]
    assert engines[:4] == ["llama.cpp", "vllm", "vllm", "llama.cpp"]
    assert {one.quant for one in Run.objects.filter(state=State.QUEUED)} == {"BF16"}


@pytest.mark.parametrize(
    ("engine", "status", "sentence"),
    [
        ("llama.cpp", 400, "is what this run measured"),
        ("vllm", 409, "vllm cannot be started on alice"),
        ("magic", 409, "magic cannot be started on alice"),
    ],
)
def test_it_starts_all_rounds_or_none(engine: str, status: int, sentence: str) -> None:
    run = measured(Machine().row)
    answer = Client().post(f"/runs/{run.pk}/compare", {"engine": engine})
    assert answer.status_code == status
    assert sentence in answer.text
    assert not Run.objects.filter(state=State.QUEUED).exists()


def test_it_starts_nothing_on_machines_that_take_no_visitors() -> None:
    run = measured(Machine(accepts_visitors=False).row)
    assert f"/runs/{run.pk}/compare" not in Client().get(run.get_absolute_url()).text
    assert Client().post(f"/runs/{run.pk}/compare").status_code == 403
    assert not Run.objects.filter(state=State.QUEUED).exists()


@pytest.mark.parametrize("visibility", ["private", "team"])
def test_what_is_measured_beside_something_hidden_is_hidden_too(visibility: str) -> None:
    red = team("Red")
    ann, viewer = member(red, Role.MEMBER), member(red, Role.VIEWER)
    run = measured(Machine().row, visibility=visibility)
    Run.objects.update(team=red, asked_by=ann)
    assert browser(ann).post(f"/runs/{run.pk}/compare").status_code == 303
    rounds = Run.objects.filter(state=State.QUEUED)
    assert set(rounds.values_list("visibility", "team")) == {(visibility, red.pk)}
    one = rounds[0].get_absolute_url()
    assert Client().get(one).status_code == 404
    assert browser(viewer).get(one).status_code == (200 if visibility == "team" else 404)
    assert browser(ann).get(one).status_code == 200


def test_a_visitor_s_private_run_has_private_rounds() -> None:
    run = measured(Machine().row, visibility="private")
    key = address_key(Client().get("/compare/").wsgi_request)
    earlier = timezone.now() - timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(requester=key, requested_at=earlier)
    answer = Client().post(f"/runs/{run.pk}/compare")
    assert answer.status_code == 303
    assert "0 of 10 are measured" in Client().get(answer.headers["Location"]).text
    stranger = Client(REMOTE_ADDR="192.0.2.7")
    assert stranger.get(answer.headers["Location"]).status_code == 404


def test_a_stranger_s_rounds_are_neither_on_the_team_s_account_nor_wider_than_the_host_s() -> None:
    red, alice = team("Red"), Machine().row
    run = measured(alice)
    Run.objects.update(team=red)
    Host.objects.update(default_visibility="private")
    assert Client().post(f"/runs/{run.pk}/compare").status_code == 303
    rounds = Run.objects.filter(state=State.QUEUED)
    assert set(rounds.values_list("visibility", "team")) == {("private", alice.team_id)}


def test_no_rounds_wait_for_a_host_of_an_earlier_release() -> None:
    alice = Machine()
    run = measured(alice.row)
    alice.claim(protocol=1)
    answer = Client().post(f"/runs/{run.pk}/compare")
    assert answer.status_code == 409
    assert "alice runs an earlier release" in answer.text
    assert not Run.objects.filter(state=State.QUEUED).exists()


def nothing_beside(run: Run, sentence: str) -> None:
    assert f"/runs/{run.pk}/compare" not in Client().get(run.get_absolute_url()).text
    for form in ({}, {"engine": "vllm"}):
        answer = Client().post(f"/runs/{run.pk}/compare", form)
        assert answer.status_code == 409
        assert sentence in answer.text
    assert not Run.objects.filter(state=State.QUEUED).exists()


def test_nothing_is_measured_beside_an_installation() -> None:
    order = InstallOrder(engine="vllm", provider="cpu", version="0.32.0")
    run = queued(
        kind=Kind.INSTALL,
        plan=order,
        host=Machine(measures=["llama.cpp", "vllm"]).row,
        state=State.DONE,
    )
    nothing_beside(run, "This has no result")


def test_nothing_is_measured_beside_what_has_no_good_result() -> None:
    alice = Machine(measures=["llama.cpp", "vllm"]).row
    nothing_beside(measured(alice, refused="It cannot be true."), "This has no result")
    nothing_beside(queued(host=alice, state=State.FAILED), "This has no result")


def test_nothing_is_measured_beside_a_model_that_the_catalogue_does_not_know() -> None:
    own = document(plan(model="my-own.gguf"))
    alice = Machine(measures=["llama.cpp", "vllm"])
    nothing_beside(upload(alice.row, as_sent(own)), "my-own.gguf is in no catalogue")
