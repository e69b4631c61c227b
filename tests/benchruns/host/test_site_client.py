"""What the site may answer and what becomes of it."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from benchruns.host.plan import PROTOCOL
from benchruns.host.progress import Progress
from benchruns.host.site_client import Claimed, InstalledEngine, SiteClient
from benchruns.host.site_errors import (
    ProtocolMismatch,
    Rejected,
    SiteError,
    SiteUnreachable,
    Stale,
    TooLarge,
    Unauthorized,
)
from tests.benchruns.host.fake_measures import FACTS, news
from tests.benchruns.host.stub_site import TOKEN, StubSite

ENGINES = (InstalledEngine(id="mock", provider="test"), InstalledEngine(id="vllm", provider=None))


@pytest.fixture
def site() -> Iterator[StubSite]:
    with StubSite() as stub:
        yield stub


@pytest.fixture
def client(site: StubSite) -> Iterator[SiteClient]:
    with SiteClient.of(site.credential) as one:
        yield one


def claimed(site: StubSite, client: SiteClient) -> Claimed:
    site.queue()
    run = client.claim(["mock"], wait_s=1)
    assert run is not None
    return run


def test_it_buys_a_token_with_a_code(site: StubSite) -> None:
    with SiteClient(site.address) as stranger:
        credential = stranger.enrol("rgc_code", "box", FACTS, ENGINES)

    assert credential == site.credential


def test_it_tells_what_the_machine_is(site: StubSite, client: SiteClient) -> None:
    client.facts(FACTS, ENGINES)

    (told,) = site.facts
    assert told["protocol"] == PROTOCOL
    assert told["facts"]["cpu"] == "a CPU"
    assert [engine["provider"] for engine in told["engines"]] == ["test", None]


def test_it_claims_a_run_and_overlooks_what_a_newer_site_adds(
    site: StubSite, client: SiteClient
) -> None:
    run = claimed(site, client)

    assert (run.id, run.attempt, run.lease_s) == ("run-1", 1, 3.0)
    assert run.plan["engine"] == "mock"


def test_no_run_is_no_error(client: SiteClient) -> None:
    assert client.claim(["mock"], wait_s=0) is None


def test_heartbeats_and_events_bring_back_the_wish_to_cancel(
    site: StubSite, client: SiteClient
) -> None:
    run = claimed(site, client)
    assert not client.heartbeat(run).cancel

    site.runs[run.id].cancel = True

    assert client.heartbeat(run).cancel
    assert client.events(run, [news("one"), news("two")]).cancel
    assert [event["message"] for event in site.runs[run.id].events] == ["one", "two"]


def test_a_run_of_somebody_else_is_stale(site: StubSite, client: SiteClient) -> None:
    run = claimed(site, client)

    with pytest.raises(Stale, match="not yours"):
        client.heartbeat(run.model_copy(update={"attempt": 2}))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Unauthorized),
        (403, Rejected),
        (404, Rejected),
        (408, SiteUnreachable),
        (409, Stale),
        (413, TooLarge),
        (422, Rejected),
        (426, ProtocolMismatch),
        (429, SiteUnreachable),
        (500, SiteUnreachable),
        (502, SiteUnreachable),
        (503, SiteUnreachable),
    ],
)
def test_each_refusal_has_its_kind_and_the_sites_sentence(
    site: StubSite, client: SiteClient, status: int, kind: type[SiteError]
) -> None:
    site.refusals["claim"] = (status, {"error": "Because of this."})

    with pytest.raises(SiteError) as caught:
        client.claim(["mock"], wait_s=0)

    assert type(caught.value) is kind
    assert str(caught.value) == "Because of this."


def test_a_refusal_without_a_sentence_gets_one(site: StubSite, client: SiteClient) -> None:
    site.refusals["claim"] = (502, None)

    with pytest.raises(SiteUnreachable, match=r"/claim answered 502 Bad Gateway"):
        client.claim(["mock"], wait_s=0)


def test_a_redirect_is_not_followed_with_the_token(site: StubSite, client: SiteClient) -> None:
    site.refusals["claim"] = (308, {})

    with pytest.raises(Rejected, match="attach this machine with that address"):
        client.claim(["mock"], wait_s=0)


def test_an_answer_of_another_shape_is_refused(site: StubSite, client: SiteClient) -> None:
    site.refusals["claim"] = (
        200,
        {"run": {"id": "../etc", "attempt": 1, "lease_s": 3, "plan": {}}},
    )

    with pytest.raises(Rejected, match=r"not understood: run\.id"):
        client.claim(["mock"], wait_s=0)


def test_nobody_listening_is_an_outage(site: StubSite, client: SiteClient) -> None:
    site.stop()

    with pytest.raises(SiteUnreachable, match="cannot be reached"):
        client.claim(["mock"], wait_s=0)


def test_hanging_up_in_the_middle_is_an_outage(site: StubSite, client: SiteClient) -> None:
    site.silent = True

    with pytest.raises(SiteUnreachable, match="cannot be reached"):
        client.claim(["mock"], wait_s=0)


def test_a_site_that_never_answers_is_an_outage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with (
            SiteClient(address, TOKEN, timeout_s=0.1) as client,
            pytest.raises(SiteUnreachable, match="did not answer in time"),
        ):
            client.facts(FACTS, ENGINES)


def test_a_proxy_is_for_the_world_outside_only(
    site: StubSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, nowhere)

    with SiteClient.of(site.credential) as client:
        assert client.claim(["mock"], wait_s=0) is None
    with (
        SiteClient("http://guide.invalid", TOKEN) as client,
        pytest.raises(SiteUnreachable, match="refused"),
    ):
        client.claim(["mock"], wait_s=0)


def test_a_host_behind_a_proxy_reaches_its_site_through_it(
    site: StubSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", site.address)
    site.queue()
    with SiteClient("http://guide.invalid", TOKEN) as client:
        run = client.claim(["mock"], wait_s=0)
    assert run is not None
    assert site.runs[run.id].state == "claimed"


def test_over_https_the_proxy_is_asked_for_a_tunnel_and_sees_no_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        heard: list[bytes] = []

        def refuse() -> None:
            caller, _ = proxy.accept()
            with caller:
                heard.append(caller.recv(4096))
                caller.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

        answering = threading.Thread(target=refuse)
        answering.start()
        with (
            SiteClient("https://guide.invalid", TOKEN) as client,
            pytest.raises(SiteUnreachable, match="502"),
        ):
            client.claim(["mock"], wait_s=0)
        answering.join()
    assert heard[0].startswith(b"CONNECT guide.invalid:443 HTTP/1.1\r\n")
    assert TOKEN.encode() not in heard[0]


def test_the_token_is_in_no_log_and_no_message(
    site: StubSite, client: SiteClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client.claim(["mock"], wait_s=0)
    site.stop()
    with pytest.raises(SiteUnreachable) as caught:
        client.claim(["mock"], wait_s=0)

    assert TOKEN not in caplog.text
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(site.credential)


def test_a_long_log_is_cut_to_its_end(site: StubSite, client: SiteClient) -> None:
    run = claimed(site, client)

    client.failure(run, "", "x" * 100_000 + "the end")

    assert site.runs[run.id].log.endswith("xthe end")
    assert len(site.runs[run.id].log) < 64_000
    assert site.runs[run.id].reason == "The run failed without saying why."


def test_no_log_reason_or_message_tells_the_site_where_a_home_is(
    site: StubSite, client: SiteClient
) -> None:
    run = claimed(site, client)
    where = "/home/alice/m.gguf from https://me:s3cret@host.example"
    message = Progress(at=datetime.now(UTC), phase="preparing", message=where)

    client.events(run, [message])
    client.failure(run, where, where)

    told = site.runs[run.id]
    plain = "~/m.gguf from https://***@host.example"
    assert [event["message"] for event in told.events] == [plain]
    assert (told.reason, told.log) == (plain, plain)
