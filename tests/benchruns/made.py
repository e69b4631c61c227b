"""Hosts, runs and result documents for stories about the site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from benchruns.credentials import hashed, new_token
from benchruns.host.document import (
    Conditions,
    EngineFacts,
    HostFacts,
    ModelFacts,
    Point,
    ResultDocument,
    Sample,
)
from benchruns.host.plan import Plan
from benchruns.host.statistics import summarise
from benchruns.models import Host, Run, Team

API = "/api/host/v1/"
FACTS = HostFacts(
    cpu="AMD EPYC 7B13",
    cores_physical=1,
    cores_logical=2,
    memory_gib=15.6,
    arch="x86_64",
    os="linux",
    os_version="Debian 12",
)
LLAMA = {"id": "llama.cpp", "provider": "xllamacpp wheel", "version": "b1", "detail": ""}
NO_VLLM = {"id": "vllm", "provider": None, "version": "", "detail": "pip install vllm"}


class Machine:
    """A host as it looks from the other end of the wire."""

    def __init__(self, name: str = "alice", **columns: Any) -> None:
        self.token = new_token()
        self.row = Host.objects.create(
            **{
                "team": Team.embedded(),
                "name": name,
                "token_hash": hashed(self.token),
                "facts": FACTS.model_dump(mode="json"),
                "engines": [LLAMA, NO_VLLM],
                "measures": ["llama.cpp"],
                "accepts_visitors": True,
                "last_seen_at": timezone.now(),
            }
            | columns
        )
        self.client = Client(enforce_csrf_checks=True)

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(
            API + path,
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}"},
        )

    def claim(
        self, wait_s: float = 0, engines: tuple[str, ...] = ("llama.cpp",), protocol: int = 2
    ) -> Any:
        asked = {"protocol": protocol, "wait_s": wait_s, "engines": list(engines)}
        return self.post("claim", asked)

    def about(self, run: Run, what: str, **body: Any) -> Any:
        run.refresh_from_db()
        return self.post(f"runs/{run.pk}/{what}", {"attempt": run.attempt} | body)

    def claimed(self, **columns: Any) -> Run:
        """A run this machine holds."""
        run = queued(**columns)
        assert self.claim().status_code == 200
        run.refresh_from_db()
        return run


def plan(**changes: Any) -> Plan:
    return Plan(**({"engine": "llama.cpp", "model": "llama-3.2-1b"} | changes))


def queued(**columns: Any) -> Run:
    what = columns.pop("plan", None) or plan()
    return Run.objects.create(
        **{
            "team": Team.embedded(),
            "plan": what.model_dump(mode="json"),
            "engine": what.engine,
            "model": getattr(what, "model", ""),
            "quant": getattr(what, "quant", ""),
        }
        | columns
    )


def event(**changes: Any) -> dict[str, Any]:
    return {
        "at": "2026-11-20T12:00:00Z",
        "phase": "measuring",
        "message": "2 clients",
        "point": 2,
        "points": 3,
        "clients": 2,
        "tok_s": 31.5,
        "fraction": 0.5,
    } | changes


def samples(clients: int, itl_s: float = 0.05, requests: int = 2) -> tuple[Sample, ...]:
    """`requests` a client one after the other: 0.2 s to the first token, 32 tokens."""
    each = 0.2 + 31 * itl_s
    return tuple(
        Sample(
            start_s=turn * each,
            first_token_s=turn * each + 0.2,
            end_s=turn * each + each,
            token_times_s=tuple(turn * each + 0.2 + k * itl_s for k in range(32)),
            prompt_tokens=64,
            output_tokens=32,
        )
        for _ in range(clients)
        for turn in range(requests)
    )


def point(clients: int, itl_s: float = 0.05, requests: int = 2) -> Point:
    taken = samples(clients, itl_s, requests)
    duration_s = max(sample.end_s or 0 for sample in taken)
    summary = summarise(taken, clients)
    return Point(clients=clients, slots=4, duration_s=duration_s, samples=taken, summary=summary)


def document(what: Plan | None = None, *, itl_s: float = 0.05, **changes: Any) -> ResultDocument:
    """A result that could be true: 20 tokens/s per user of a 1.3 GB file on two cores."""
    what = what or plan()
    ended = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    fields = {
        "rigguide_version": "0.1.0",
        "started_at": ended - timedelta(seconds=60),
        "finished_at": ended,
        "plan": what,
        "engine": EngineFacts(
            id=what.engine, name="llama.cpp", provider="xllamacpp wheel", version="b1"
        ),
        "model": ModelFacts(
            id=what.model,
            name="Llama 3.2 1B",
            quant=what.quant,
            params=1_235_814_400,
            weights_bytes=1_321_000_000,
            synthetic=True,
        ),
        "host": FACTS,
        "conditions": Conditions(load_before=0.1, load_after=1.9),
        "points": tuple(point(clients, itl_s) for clients in what.clients),
        "command": "rigguide bench --engine llama.cpp --model llama-3.2-1b",
    }
    return ResultDocument(**(fields | changes))


def as_sent(result: ResultDocument) -> dict[str, Any]:
    return result.model_dump(mode="json")
