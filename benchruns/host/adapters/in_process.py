"""llama.cpp without HTTP: its batch API, in a process of its own, timed sequence by sequence.

What a load of requests costs on top of it is what serving costs. A result says `in-process`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import psutil

from benchruns.host import conditions
from benchruns.host.adapters import backends
from benchruns.host.adapters.base import Check, Found, Installed, Launch, RunningEngine
from benchruns.host.adapters.llama_cpp import built_env
from benchruns.host.adapters.process import Server, serve
from benchruns.host.courier import Courier
from benchruns.host.document import EngineFacts, Sample
from benchruns.host.errors import CannotMeasure, EngineFailed
from benchruns.host.install import environments
from benchruns.host.load.dialect import Dialect
from benchruns.host.load.point import RawPoint
from benchruns.host.plan import AIM, Plan

ID: Final = "llama.cpp-in-process"
_SCRIPT = Path(__file__).with_name("scripts") / "llama_batch.py"
_LOOK_S = 0.1


@dataclass(slots=True)
class RunningBatches:
    """The process that computes. It answers no requests."""

    process: Server
    found: Found
    argv: tuple[str, ...]
    model_name: str
    ready: dict[str, Any] = field(default_factory=dict)
    base_url: str = ""
    dialect: Dialect | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def pid(self) -> int | None:
        return self.process.pid

    def facts(self) -> EngineFacts:
        return EngineFacts(
            id=ID,
            name=InProcess.name,
            provider=self.found.name,
            version=self.found.version,
            build=str(self.ready.get("system", "")).strip(" |")[:200],
            argv=self.argv,
            slots=self.ready.get("slots"),
            context_tokens=self.ready.get("context_tokens"),
            startup_s=self.ready.get("startup_s"),
            backend=backends.of_log(self.process.log_tail(200_000)),
            transport="in-process",
        )

    def alive(self) -> bool:
        return self.process.alive()

    def ending(self) -> str:
        return self.process.ending()

    def log_tail(self, characters: int = 8000) -> str:
        return self.process.log_tail(characters)

    def stop(self) -> None:
        self.process.stop()


class InProcess:
    """Found where llama-cpp-python was built; measured by `run`, for it is no server."""

    id = ID
    name = "llama.cpp without HTTP"
    weights = "gguf"
    how = "Build it here: rigguide engines install llama.cpp --provider native"

    def here(self) -> Iterator[Found]:
        env = environments.serving(ID, "native")
        if env is not None:
            name = "llama-cpp-python's batch API"
            command = (str(env.python), str(_SCRIPT))
            version = env.version_of("llama-cpp-python")
            yield Found("native", name, command, version, env=built_env(env.packages_dir))

    def installed(self, provider: str | None = None) -> Installed:
        found = next((f for f in self.here() if provider in (None, f.provider)), None)
        if found is None:
            return Installed(None, detail=self.how)
        return Installed(found.name, found.version, startable=True)

    def start(self, launch: Launch, check: Check) -> RunningEngine:
        del launch, check
        raise EngineFailed(f"{self.name} is no server: it is measured, not started.")

    def run(
        self, plan: Plan, launch: Launch, courier: Courier, deadline: float
    ) -> tuple[RunningBatches, list[RawPoint]]:
        """All points of the plan that there was time for, and the process, which has ended.

        Raises EngineFailed, CannotMeasure, Cancelled.
        """
        if beyond := ", ".join(_beyond(plan)):
            raise CannotMeasure(
                f"{self.name} computes batches of equal sequences and serves nobody: it cannot "
                f"measure {beyond}. Leave that out of the plan, or ask for another engine."
            )
        found = next(self.here(), None)
        if found is None:
            raise EngineFailed(f"{self.name} is not installed. {self.how}.")
        out = launch.work_dir / "batches.jsonl"
        argv = [*found.command, *_options(plan, launch, out, deadline)]
        out.unlink(missing_ok=True)
        process = serve(self.name, argv, launch, env=found.env)
        running = RunningBatches(process, found, tuple(argv), launch.model_name)
        try:
            points = _Watch(plan, running, courier, deadline, out).points()
        finally:
            running.stop()
        return running, points


def _beyond(plan: Plan) -> Iterator[str]:
    """What the plan asks for beside numbers of sequences at once."""
    if plan.rates_per_s:
        yield "rates of an open loop"
    if plan.goodput is not None:
        yield "goodput"
    if plan.prompt_lengths is not None or plan.output_lengths is not None:
        yield "lengths that differ"
    if plan.api is not None:
        yield f"the {plan.api} API"
    if plan.ramp_s:
        yield "a ramp"


def _options(plan: Plan, launch: Launch, out: Path, deadline: float) -> list[str]:
    """As shipped the library decides how many threads; tuned it is one for each core."""
    share_s = AIM * (deadline - monotonic()) / len(plan.clients)
    point_s = min(share_s, float(plan.point_limit_s))
    threads = (psutil.cpu_count(logical=False) or psutil.cpu_count() or 1) if launch.slots else 0
    return [
        *("--model", str(launch.model_path), "--out", str(out)),
        *("--clients", ",".join(map(str, plan.clients))),
        *("--prompt-tokens", str(plan.prompt_tokens)),
        *("--output-tokens", str(plan.output_tokens)),
        *("--rounds", str(plan.requests_per_client), "--point-s", f"{point_s:.1f}"),
        *("--threads", str(threads), "--seed", str(plan.seed)),
    ]


@dataclass(slots=True)
class _Watch:
    """Reads what the process writes until it is done, or the time is over."""

    plan: Plan
    running: RunningBatches
    courier: Courier
    deadline: float
    out: Path
    rounds: dict[int, list[tuple[float, list[list[float]]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    others: dict[int, float | None] = field(default_factory=dict)
    _watch: conditions.CpuWatch | None = None
    _done: bool = False

    def points(self) -> list[RawPoint]:
        at = 0
        while not self._done and monotonic() < self.deadline:
            self.courier.check()
            alive = self.running.alive()
            at = self._read(at)
            if not alive and not self._done:
                raise EngineFailed(
                    f"{InProcess.name} stopped ({self.running.ending()}).",
                    log=self.running.log_tail(),
                )
            sleep(_LOOK_S)
        if not self.rounds:
            raise CannotMeasure("There was no time for a single round.")
        return [self._point(clients) for clients in self.plan.clients if clients in self.rounds]

    def _read(self, at: int) -> int:
        """From byte `at` on; only whole lines. Where to read on from."""
        if not self.out.exists():
            return at
        with self.out.open("rb") as file:
            file.seek(at)
            whole = file.read().rpartition(b"\n")[0]
        for line in whole.splitlines():
            self._heard(json.loads(line))
        return at + len(whole) + (1 if whole else 0)

    def _heard(self, said: dict[str, Any]) -> None:
        self._done = self._done or "done" in said
        if "ready" in said:
            self.running.ready = said["ready"]
            self._watch = conditions.CpuWatch(self.running.pid)
        if "clients" in said:
            clients = int(said["clients"])
            self.rounds[clients].append((said["start_s"], said["times_s"]))
            self.others[clients] = self._watch.percent_others() if self._watch else None
            self._tell(clients)

    def _tell(self, clients: int) -> None:
        index = self.plan.clients.index(clients)
        times = self.rounds[clients][-1][1]
        self.courier.tell_live(
            "measuring",
            f"{clients} sequence{'s' if clients > 1 else ''} at once, without HTTP",
            point=index + 1,
            points=len(self.plan.clients),
            clients=clients,
            tok_s=round(sum(map(len, times)) / max(one[-1] for one in times), 1),
            fraction=round(0.3 + 0.65 * (index + 1) / len(self.plan.clients), 3),
        )

    def _point(self, clients: int) -> RawPoint:
        rounds = self.rounds[clients]
        samples = tuple(
            _sample(start_s, times, self.plan) for start_s, all_ in rounds for times in all_
        )
        return RawPoint(
            clients=clients,
            duration_s=round(max(s.end_s or 0.0 for s in samples), 3),
            samples=samples,
            lag_p99_ms=None,
            cut=len(rounds) < self.plan.requests_per_client,
            cpu_percent_others=self.others[clients],
            in_step=True,
        )


def _sample(start_s: float, times: list[float], plan: Plan) -> Sample:
    at = tuple(round(start_s + time, 6) for time in times)
    return Sample(
        start_s=start_s,
        first_token_s=at[0],
        end_s=at[-1],
        token_times_s=at,
        prompt_tokens=plan.prompt_tokens,
        output_tokens=len(at),
        cached_tokens=0,
    )
