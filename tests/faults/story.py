"""One story of a site under faults: runs are asked for, things go wrong, everything is watched."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import psutil

from benchruns import enrolment
from benchruns.host.document import ResultDocument
from benchruns.host.transport import EXIT_REFUSED
from benchruns.states import TERMINAL
from tests.faults import rows
from tests.faults.keeper import gone, words
from tests.faults.ledger import Dying, Ledger, Lost
from tests.faults.world import Machine, World

TICK_S = 0.1
WAITING = 8
"""Runs that are asked for ahead, so that no host is idle for long."""
SETTLES_WITHIN_S = 180.0
REVOKED_WITHIN_S = 1.0
GONE_WITHIN_S = 10.0


class Story:
    def __init__(self, world: World, chance: random.Random, runs: int) -> None:
        self.world, self.chance, self.wanted = world, chance, runs
        self.ledger = Ledger()
        self.asked: list[UUID] = []
        self.seen: dict[UUID, rows.Seen] = {}
        self._ends: list[tuple[float, Callable[[], None]]] = []

    # What faults ask for.

    def holds(self, machine: Machine) -> bool:
        return rows.held_by(machine.row, self.seen) is not None

    def loses(self, machine: Machine) -> None:
        """Its run must be back within the lease."""
        held = rows.held_by(machine.row, rows.look() or {})
        if held is not None:
            self.ledger.lost.append(Lost(*held, time.monotonic()))

    def dies(self, family: list[psutil.Process]) -> None:
        engine = any("mock-engine" in words(process) for process in family)
        self.ledger.dying.append(Dying(family, time.monotonic(), engine))

    def revokes(self, machine: Machine) -> None:
        self.loses(machine)
        began = time.monotonic()
        machine.revoked_at = began
        rows.persist(lambda: enrolment.revoke(machine.row))
        machine.program.wanted = False
        took_s = _refused_after(self.world.ports, machine.token, began)
        if took_s is not None:
            self.ledger.refused_s.append(took_s)

    def cancels(self, chance: random.Random) -> None:
        open_ = [pk for pk, seen in self.seen.items() if seen.state not in TERMINAL]
        if open_:
            rows.cancel(chance.choice(open_))

    def free_hosts(self) -> None:
        self.world.host_disk.free()

    def free_site(self) -> None:
        self.world.site_disk.free()

    def lasts(self, seconds: float, end: Callable[[], None]) -> None:
        self._ends.append((time.monotonic() + seconds, end))

    # What goes on all the time.

    def tick(self) -> None:
        now = time.monotonic()
        for due, end in [pair for pair in self._ends if pair[0] <= now]:
            self._ends.remove((due, end))
            end()
        self.world.keeper.look_after()
        self._watch()
        time.sleep(TICK_S)

    def feed(self) -> None:
        waiting = sum(seen.state == "queued" for seen in self.seen.values())
        if len(self.asked) < self.wanted and waiting < WAITING:
            self.asked.append(rows.ask_for(len(self.asked)))

    def _watch(self) -> None:
        seen, now = rows.look(), time.monotonic()
        if seen is not None:
            self.seen = seen
            for lost in self.ledger.lost:
                if lost.back_s is None and _is_back(lost, seen):
                    lost.back_s = now - lost.since_s
        for dying in self.ledger.dying:
            if dying.gone_s is None and gone(dying.processes):
                dying.gone_s = now - dying.since_s
        self._watch_revoked(now)
        self._watch_results()

    def _watch_revoked(self, now: float) -> None:
        """A worker whose token is refused ends by itself, and says why."""
        for machine in self.world.machines:
            process = machine.program.process
            if machine.revoked_at is None or process is None or process.exit_status is None:
                continue
            if process.exit_status == EXIT_REFUSED:
                self.ledger.left_s.append(now - machine.revoked_at)
            machine.program.process = None

    def _watch_results(self) -> None:
        """Whatever lies in a host's folder under a result's name is a whole result."""
        for machine in self.world.machines:
            for path in machine.home.results_dir.glob("*.json"):
                self._check(path)

    def _check(self, path: Path) -> None:
        try:
            ResultDocument.model_validate_json(path.read_text())
        except FileNotFoundError:
            return  # delivered just now
        except ValueError as error:
            self.ledger.halves.append(f"{path.name}: {str(error).splitlines()[0]}")

    @property
    def over(self) -> bool:
        return len(self.asked) >= self.wanted and self.ended >= self.wanted

    @property
    def ended(self) -> int:
        return sum(seen.state in TERMINAL for seen in self.seen.values())

    def settle(self) -> None:
        """No more faults: everything that was asked for has to come to its end."""
        for _, end in self._ends:
            end()
        self._ends.clear()
        self.world.heal()
        deadline = time.monotonic() + SETTLES_WITHIN_S
        while not self.over and time.monotonic() < deadline:
            self.feed()
            self.tick()
        for machine in self.keeping():  # a result is told again at the worker's next start
            self.world.keeper.restart(machine.name)
        while self.keeping() and time.monotonic() < deadline:
            self.tick()

    def keeping(self) -> list[Machine]:
        """Hosts in service that still keep a result."""
        attached = (machine for machine in self.world.machines if machine.attached)
        return [one for one in attached if list(one.home.results_dir.glob("*.json"))]


def _is_back(lost: Lost, seen: dict[UUID, rows.Seen]) -> bool:
    row = seen.get(lost.run)
    if row is None:
        return False
    return row.attempt > lost.attempt or row.state == "queued" or row.state in TERMINAL


def _refused_after(ports: list[int], token: str, began: float) -> float | None:
    """Seconds until a site process says 401; None where none answers just now."""
    path = f"/api/host/v1/runs/{UUID(int=0)}/heartbeat"
    headers = {"Authorization": f"Bearer {token}"}
    for turn in range(100):
        address = f"http://127.0.0.1:{ports[turn % len(ports)]}{path}"
        try:
            said = httpx.post(
                address, json={"attempt": 1}, headers=headers, timeout=5, trust_env=False
            )
        except httpx.TransportError:  # killed, or too busy: the other one, then
            time.sleep(0.02)
            continue
        if said.status_code == 401:
            return time.monotonic() - began
        time.sleep(0.02)
    return None
