"""One id through every log, and no secret in any."""

from __future__ import annotations

import json
import logging
import logging.config
from io import StringIO
from uuid import uuid4

import pytest
from django.test import Client

from benchruns.credentials import new_code, new_token
from guide.logs import logging_of
from guide.traced import request_id, run_id


class Logged:
    """A logger set up as the site's, into a text."""

    def __init__(self, form: str) -> None:
        told = logging_of(form, "INFO")
        factory = dict(told["formatters"]["chosen"])
        kind = logging.config.DictConfigurator({}).resolve(factory.pop("()"))
        named = {name: factory[name] for name in ("style", "fmt") if name in factory}
        named |= {"fmt": factory["format"]} if "format" in factory else {}
        trace = logging.config.DictConfigurator({}).resolve(told["filters"]["trace"]["()"])
        self.text = StringIO()
        handler = logging.StreamHandler(self.text)
        handler.setFormatter(kind(**named))
        handler.addFilter(trace())
        self.log = logging.getLogger(f"story.{uuid4()}")
        self.log.setLevel(logging.INFO)
        self.log.propagate = False
        self.log.addHandler(handler)


@pytest.fixture(params=["line", "json"])
def logged(request: pytest.FixtureRequest) -> Logged:
    return Logged(request.param)


@pytest.mark.parametrize("make", [new_token, new_code])
def test_no_token_nor_code_gets_into_a_log(logged: Logged, make: object) -> None:
    assert callable(make)
    secret = make()
    logged.log.info("refused %s", secret)
    assert secret not in logged.text.getvalue()
    assert "refused rg" in logged.text.getvalue()


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("connecting to postgresql://rig:hunter22@db.example/rig", "hunter22"),
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("Cookie: csrftoken=c5rfc5rf; sessionid=5e551on5e551on", "5e551on5e551on"),
        ("started with --api-key sk-live-1234", "sk-live-1234"),
        ("HF_TOKEN=hf_abcdefgh", "hf_abcdefgh"),
    ],
)
def test_nor_does_what_others_call_a_secret(logged: Logged, said: str, secret: str) -> None:
    logged.log.warning(said)
    assert secret not in logged.text.getvalue()


def test_nor_does_one_in_a_traceback(logged: Logged) -> None:
    secret = new_token()
    try:
        raise ValueError(f"the host said {secret}")
    except ValueError:
        logged.log.exception("a fault of this program")
    assert "ValueError" in logged.text.getvalue()
    assert secret not in logged.text.getvalue()


def test_each_line_says_which_request_and_which_run_it_is_of(logged: Logged) -> None:
    mine, run = request_id.set("request-of-alice"), run_id.set("run-of-alice")
    try:
        logged.log.info("stored")
    finally:
        request_id.reset(mine)
        run_id.reset(run)
    assert "request-of-alice" in logged.text.getvalue()
    assert "run-of-alice" in logged.text.getvalue()


def test_json_is_one_object_a_line() -> None:
    logged = Logged("json")
    logged.log.info("a line\nand another")
    told = json.loads(logged.text.getvalue())
    assert told["message"] == "a line\nand another"
    assert {"at", "level", "logger", "request_id", "run_id"} <= set(told)


def test_an_answer_carries_the_id_that_was_sent(client: Client) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": "from-alices-browser"})
    assert answer["X-Request-ID"] == "from-alices-browser"


@pytest.mark.parametrize("forged", ["short", "two\nlines of a log", "x" * 101, "<script>alert(1)"])
def test_an_id_that_is_none_is_replaced(client: Client, forged: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": forged})
    assert answer["X-Request-ID"] != forged
    assert len(answer["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_what_a_host_says_of_a_run_is_logged_with_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr("benchruns.host_api.edge.only_post", lambda _: seen.append(run_id.get()))
    run = uuid4()
    client.post(f"/api/host/v1/runs/{run}/heartbeat", {}, "application/json")
    assert seen == [str(run)]
