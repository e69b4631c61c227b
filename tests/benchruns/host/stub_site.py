"""A site on loopback that speaks the protocol from memory and does as it is told, outages too."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchruns.host.credentials import Credential

TOKEN = "rgh_the-token-of-the-stub"
LIMIT_S = 60
"""Nothing takes so long: where it is reached, what was waited for will never come."""
PLAN = {"engine": "mock", "model": "tiny", "clients": [1], "time_limit_s": 60}

Answer = tuple[int, dict[str, Any] | None]


def until(true: Callable[[], bool], what: str) -> None:
    """For what no event tells of: files and processes."""
    end = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < end, f"waited {LIMIT_S} s for {what}"
        time.sleep(0.02)


@dataclass
class StubRun:
    id: str
    plan: dict[str, Any]
    attempt: int = 0
    state: str = "queued"
    cancel: bool = False
    lease_until: float = 0.0
    beats: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""
    log: str = ""
    document: dict[str, Any] | None = None
    results: int = 0


class StubSite:
    """Use as a context. Every change wakes `until`."""

    def __init__(self, *, lease_s: float = 3.0, tls: ssl.SSLContext | None = None) -> None:
        self.lease_s, self._tls = lease_s, tls
        self.changed = threading.Condition()
        self.runs: dict[str, StubRun] = {}
        self.calls: list[str] = []
        self.claimed_at: list[float] = []  # on the monotonic clock
        self.facts: list[dict[str, Any]] = []
        self.claims: list[dict[str, Any]] = []
        self.revoked = self.silent = self.closing = False
        self.token, self.next_token = TOKEN, ""
        self.rotating = False  # claims are answered with the wish that the host takes a new token
        self.refusals: dict[str, Answer] = {}  # last word of the path -> what to say instead
        self.lose_replies: set[str] = set()  # done, but the answer never arrives
        self.server: ThreadingHTTPServer | None = None
        self.port = 0

    def __enter__(self) -> StubSite:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        site = self

        class Handler(_Handler):
            stub = site

        self.closing = False
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        if self._tls:
            self.server.socket = self._tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Nobody listens any more, and every waiting call is hung up on."""
        with self.changed:
            self.closing = True
            self.changed.notify_all()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def address(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def credential(self) -> Credential:
        return Credential(self.address, "7", "box", TOKEN)

    def queue(self, run_id: str = "run-1", **plan: Any) -> StubRun:
        with self.changed:
            run = self.runs[run_id] = StubRun(run_id, {**PLAN, **plan})
            self.changed.notify_all()
        return run

    def until(self, true: Callable[[], object], what: str, limit_s: float = LIMIT_S) -> None:
        with self.changed:
            assert self.changed.wait_for(true, limit_s), (
                f"waited {limit_s} s for {what}; calls: {self.calls[-12:]}, runs: {self.runs}"
            )

    def count(self, call: str) -> int:
        return self.calls.count(call)

    # What the calls do, one at a time.

    def answer(self, path: str, token: str, body: dict[str, Any]) -> Answer | None:
        """None: the connection is closed without a word."""
        with self.changed:
            call = path.rpartition("/")[2]
            self.calls.append(call)
            self.claimed_at += [time.monotonic()] if call == "claim" else []
            self.changed.notify_all()
            if self.silent or self.closing:
                return None
            said = self.refusals.get(call) or self._answer(path, call, token, body)
            self.changed.notify_all()
            return None if call in self.lose_replies or self.closing else said

    def _answer(self, path: str, call: str, token: str, body: dict[str, Any]) -> Answer:
        if call == "enrol":
            return 201, {"host": "7", "name": body["name"], "token": TOKEN}
        if not self._known(token):
            return 401, {"error": "This token was revoked."}
        of_machine = {"facts": self._facts, "claim": self._claim, "token": self._new_token}
        if answer := of_machine.get(call):
            return answer(body)
        if call == "detach":
            self.revoked = True
            return 200, {}
        run = self.runs.get(path.split("/")[-2])
        if run is None or run.state != "claimed" or run.attempt != body["attempt"]:
            again = run and call == "result" and run.state == "done"
            return (200, {}) if again else (409, {"error": "This run is not yours."})
        said: Answer = getattr(self, f"_{call}")(run, body)
        return said

    def _known(self, token: str) -> bool:
        """The first use of a new token ends the old one."""
        if self.next_token and token == f"Bearer {self.next_token}":
            self.token, self.next_token, self.rotating = self.next_token, "", False
        return not self.revoked and token == f"Bearer {self.token}"

    def _facts(self, body: dict[str, Any]) -> Answer:
        self.facts.append(body)
        return 200, {}

    def _new_token(self, _body: dict[str, Any]) -> Answer:
        self.next_token = f"rgh_new-{self.count('token')}"
        return 200, {"token": self.next_token}

    def _claim(self, body: dict[str, Any]) -> Answer:
        self.claims.append(body)
        if self.rotating:
            return 200, {"run": None, "rotate": True}
        end = time.monotonic() + body["wait_s"]
        while (run := self._next()) is None:
            left = end - time.monotonic()
            if left <= 0 or self.revoked or self.silent or self.closing:
                return (401, {"error": "revoked"}) if self.revoked else (204, None)
            self.changed.wait(min(left, 0.2))
        run.state, run.attempt = "claimed", run.attempt + 1
        run.lease_until = time.monotonic() + self.lease_s
        work = {"id": run.id, "attempt": run.attempt, "lease_s": self.lease_s, "plan": run.plan}
        return 200, {"run": work, "something": "from a newer site"}

    def _next(self) -> StubRun | None:
        for run in self.runs.values():
            if run.state == "claimed" and time.monotonic() > run.lease_until:
                run.state = "queued"
        return next((run for run in self.runs.values() if run.state == "queued"), None)

    def _heartbeat(self, run: StubRun, _body: dict[str, Any]) -> Answer:
        run.beats += 1
        run.lease_until = time.monotonic() + self.lease_s
        return 200, {"cancel": run.cancel, "lease_s": self.lease_s}

    def _events(self, run: StubRun, body: dict[str, Any]) -> Answer:
        run.events += body["events"]
        return 200, {"cancel": run.cancel}

    def _release(self, run: StubRun, _body: dict[str, Any]) -> Answer:
        run.state = "queued"
        return 200, {}

    def _cancelled(self, run: StubRun, _body: dict[str, Any]) -> Answer:
        run.state = "cancelled"
        return 200, {}

    def _failure(self, run: StubRun, body: dict[str, Any]) -> Answer:
        run.state, run.reason, run.log = "failed", body["reason"], body["log"]
        return 200, {}

    def _installed(self, run: StubRun, _body: dict[str, Any]) -> Answer:
        run.state = "done"
        return 200, {}

    def _result(self, run: StubRun, body: dict[str, Any]) -> Answer:
        run.state, run.document = "done", body["document"]
        run.results += 1
        return 200, {}


class _Handler(BaseHTTPRequestHandler):
    stub: StubSite
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        token = self.headers.get("Authorization", "")
        said = self.stub.answer(self.path, token, json.loads(raw))
        if said is None:
            self.close_connection = True
            return
        status, body = said
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass
