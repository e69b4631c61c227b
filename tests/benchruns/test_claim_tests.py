"""Tests of claims on attached machines."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from benchruns.claim_tests import measurements, on_hosts, start
from benchruns.host.choice import START_S
from benchruns.models import Run
from benchruns.services import RunRefused
from recommender.ledger.finding import Status, Tier
from recommender.ledger.load import load
from recommender.ledger.measured import findings
from recommender.ledger.verdict import judge
from tests.benchruns.made import LLAMA, Machine, as_sent, document, plan, point

pytestmark = pytest.mark.django_db
TESTS = load().tests
OLLAMA = {"id": "ollama", "provider": "ollama on PATH", "version": "0.30", "detail": ""}


def test_a_machine_with_llama_cpp_can_test_whether_it_batches() -> None:
    alice = Machine()
    (found,) = on_hosts(TESTS["a4.c5"])
    assert (found.host, found.whole) == (alice.row, True)
    (what,) = found.plans
    assert (what.engine, what.variant, what.clients) == ("llama.cpp", "tuned", (1, 4))
    assert what.model == "smollm2-135m"


def test_it_says_which_engine_is_not_installed_where() -> None:
    Machine("alice")
    (found,) = on_hosts(TESTS["a1.c2"])
    assert (found.plans, found.whole) == ((), False)
    said = {arm.arm.engine: arm.why_not for arm in found.arms}
    assert said["vllm"] == "vLLM is not installed on alice."
    assert said["ollama"] == "Ollama is not installed on alice."


def test_it_says_when_an_engine_is_there_but_cannot_be_started() -> None:
    Machine("alice", engines=[LLAMA, OLLAMA])
    (found,) = on_hosts(TESTS["a4.c2"])
    said = {arm.arm.engine: arm.why_not for arm in found.arms}
    assert said["ollama"] == "Ollama is on alice, but cannot be started from here yet."
    assert said["llama.cpp"] == ""


def test_a_machine_can_test_its_part_of_a_claim() -> None:
    alice = Machine("alice")
    (run,) = start(TESTS["a5.c1"], alice.row)
    assert (run.engine, run.what.clients, run.wanted_host) == ("llama.cpp", (1, 5), alice.row)
    assert run.note.startswith("Tests the claim a5.c1: ")


def test_it_starts_every_engine_the_machine_has() -> None:
    alice = Machine("alice", engines=[LLAMA, OLLAMA], measures=["llama.cpp", "ollama"])
    runs = start(TESTS["a4.c2"], alice.row)
    assert [(run.engine, run.what.variant) for run in runs] == [
        ("ollama", "as-shipped"),
        ("llama.cpp", "as-shipped"),
    ]
    assert {run.model for run in runs} == {"smollm2-135m"}


def test_it_queues_all_arms_or_none(settings: Settings) -> None:
    settings.RUN_QUEUE_LIMIT = 1
    alice = Machine("alice", engines=[LLAMA, OLLAMA], measures=["llama.cpp", "ollama"])
    with pytest.raises(RunRefused, match="1 measurements are waiting"):
        start(TESTS["a4.c2"], alice.row)
    assert not Run.objects.exists()


def test_it_refuses_where_nothing_can_be_started() -> None:
    alice = Machine("alice")
    with pytest.raises(RunRefused, match="vLLM is not installed on alice") as refused:
        start(TESTS["a1.c2"], alice.row)
    assert refused.value.status == 409
    assert not Run.objects.exists()


def test_it_starts_nothing_for_a_test_done_by_hand() -> None:
    alice = Machine("alice")
    with pytest.raises(RunRefused, match="done by hand"):
        start(TESTS["a1.c4"], alice.row)


def test_it_starts_nothing_where_visitors_may_not(settings: pytest.FixtureRequest) -> None:
    settings.OPEN_RUNS = False
    alice = Machine("alice")
    with pytest.raises(RunRefused, match="does not let visitors"):
        start(TESTS["a4.c5"], alice.row)


def test_hosts_that_are_closed_paused_or_revoked_are_not_offered() -> None:
    Machine("bob", accepts_visitors=False)
    Machine("charlie", paused=True)
    assert on_hosts(TESTS["a4.c5"]) == ()


def test_a_result_that_a_host_sends_changes_the_verdict() -> None:
    """From the button to the verdict: the run is claimed, answered, stored and weighed."""
    alice = Machine("alice")
    assert judge("a4.c5", measurements()).of(Tier.MEASURED) == ()
    (run,) = start(TESTS["a4.c5"], alice.row)
    assert alice.claim().status_code == 200
    what = run.what
    points = tuple(point(clients, requests=6) for clients in what.clients)
    sent = document(what, points=points)
    assert alice.about(run, "result", document=as_sent(sent)).status_code == 200
    verdict = judge("a4.c5", measurements())
    assert verdict.status is Status.REFUTED
    found, *_ = findings(TESTS["a4.c5"], measurements())
    assert found.url == f"/runs/{run.pk}/"
    assert found.scope.where == "alice"
    assert judge("a4.c5", measurements()).decided_by is Tier.MEASURED


def test_an_engine_that_compiles_first_gets_time_for_that_besides() -> None:
    alice = Machine("alice", measures=["llama.cpp", "vllm"])
    compiled, plain = start(TESTS["a2.c6"], alice.row)
    assert (compiled.engine, plain.engine) == ("vllm", "llama.cpp")
    assert compiled.what.time_limit_s == plain.what.time_limit_s + START_S["vllm"]


def test_plans_stay_within_what_a_plan_may_be() -> None:
    Machine("alice", engines=[LLAMA, OLLAMA], measures=["llama.cpp", "ollama", "vllm"])
    for test in TESTS.values():
        for found in on_hosts(test):
            assert all(what == plan(**what.model_dump()) for what in found.plans)
