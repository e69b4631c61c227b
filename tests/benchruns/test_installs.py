"""Having an engine installed on a host: asked for on its page, done by the host."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from benchruns.models import Run
from benchruns.models.runs import Kind
from benchruns.outcomes import request_cancel
from tests.benchruns.made import Machine, document, event

pytestmark = pytest.mark.django_db

VLLM = {
    "engine": "vllm",
    "provider": "cpu",
    "version": "0.32.0",
    "name": "vLLM for processors",
    "disk_gib": 6.0,
    "minutes": 3.0,
}


class Installer(Machine):
    """A host that says what it would install."""

    def claim(self, wait_s: float = 0, engines: Any = ("llama.cpp",), protocol: int = 2) -> Any:
        asked = {"protocol": protocol, "wait_s": wait_s, "engines": list(engines)}
        return self.post("claim", asked | {"installs": [VLLM]})


@pytest.fixture
def alice() -> Installer:
    machine = Installer()
    machine.claim()
    machine.row.refresh_from_db()
    return machine


def ask(host: Machine, engine: str = "vllm", provider: str = "cpu") -> Any:
    return Client().post(f"{host.row.get_absolute_url()}install", form(engine, provider))


def form(engine: str, provider: str) -> dict[str, str]:
    return {"engine": engine, "provider": provider}


def page(host: Machine) -> str:
    return Client().get(host.row.get_absolute_url()).text


def test_a_hosts_page_offers_what_the_host_would_install(alice: Installer) -> None:
    assert "vLLM for processors 0.32.0" in page(alice)
    assert "about 3 min, 6 GiB" in page(alice)
    assert "Install<" in page(alice)


def test_a_host_that_says_nothing_of_it_is_asked_for_nothing() -> None:
    bob = Machine("bob")
    bob.claim()
    assert "Can be installed here" not in page(bob)
    refused = ask(bob)
    assert refused.status_code == 409
    assert "bob does not offer to install &#x27;vllm&#x27; (&#x27;cpu&#x27;)" in refused.text


def test_it_is_installed_by_the_host_and_the_page_says_so(alice: Installer) -> None:
    answer = ask(alice)
    run = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, run.get_absolute_url())
    assert run.kind == Kind.INSTALL
    offered = alice.claim().json()["run"]
    assert offered["plan"] == {
        "kind": "install",
        "engine": "vllm",
        "provider": "cpu",
        "version": "0.32.0",
        "time_limit_s": 7200,
    }
    news = event(phase="preparing", message="Installing vLLM: Prepared 41 packages", point=None)
    assert alice.about(run, "events", events=[news]).status_code == 200
    assert "Prepared 41 packages" in Client().get(run.get_absolute_url()).text
    assert alice.about(run, "heartbeat").json()["cancel"] is False
    assert alice.about(run, "installed").status_code == 200
    run.refresh_from_db()
    assert run.state == "done"
    assert "environment of its own on alice" in Client().get(run.get_absolute_url()).text
    listed = Client().get("/runs/").text
    assert "Installing vLLM" in listed
    assert ">installed<" in listed


def test_a_repeat_of_the_good_news_changes_nothing(alice: Installer) -> None:
    ask(alice)
    alice.claim()
    run = Run.objects.get()
    assert alice.about(run, "installed").status_code == 200
    assert alice.about(run, "installed").status_code == 200


def test_an_installation_has_no_result_and_a_measurement_is_not_installed(
    alice: Installer,
) -> None:
    measured = alice.claimed()
    assert alice.about(measured, "installed").status_code == 409
    ask(alice)
    alice.claim()
    run = Run.objects.get(kind=Kind.INSTALL)
    sent = document().model_dump(mode="json")
    assert alice.about(run, "result", document=sent).status_code == 409


def test_it_can_be_cancelled(alice: Installer) -> None:
    ask(alice)
    run = Run.objects.get()
    alice.claim()
    request_cancel(run)
    assert alice.about(run, "heartbeat").json()["cancel"] is True
    assert alice.about(run, "cancelled").status_code == 200
    assert "is used when it is tried again" in Client().get(run.get_absolute_url()).text


def test_asking_twice_gives_the_one_that_is_under_way(alice: Installer) -> None:
    assert ask(alice)["Location"] == ask(alice)["Location"]
    assert Run.objects.count() == 1


def test_a_host_of_an_earlier_release_is_never_given_one(alice: Installer) -> None:
    ask(alice)
    assert Machine.claim(alice).status_code == 204


def test_another_host_does_not_take_it(alice: Installer) -> None:
    ask(alice)
    bob = Installer("bob")
    assert bob.claim().status_code == 204
    assert alice.claim().status_code == 200


@pytest.mark.parametrize(("engine", "provider"), [("vllm", "cuda"), ("", ""), ("rm -rf", "cpu")])
def test_only_the_hosts_own_offers_can_be_asked_for(
    alice: Installer, engine: str, provider: str
) -> None:
    assert ask(alice, engine, provider).status_code == 409
    assert Run.objects.count() == 0


def test_a_site_can_keep_visitors_from_it(alice: Installer, settings: Settings) -> None:
    settings.OPEN_INSTALLS = False
    assert "Can be installed here" not in page(alice)
    assert ask(alice).status_code == 403


def test_what_a_host_says_of_its_offers_is_checked(alice: Installer) -> None:
    claim = {"protocol": 2, "wait_s": 0, "engines": [], "installs": [VLLM | {"engine": "--x"}]}
    assert alice.post("claim", claim).status_code == 400


def test_a_forged_form_is_refused(alice: Installer) -> None:
    client = Client(enforce_csrf_checks=True)
    path = f"{alice.row.get_absolute_url()}install"
    assert client.post(path, form("vllm", "cpu")).status_code == 403
