"""A whole RigGuide of real processes: broker, two site processes, worker, beat, hosts on roads.

Django is set up before this is imported (`__main__.py`): the suite reads and writes the same rows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.core.management import call_command
from django.db import close_old_connections

from benchmarks.postgres import Cluster
from benchruns import enrolment
from benchruns.host.credentials import Credential, Home
from benchruns.models import Host, Team
from guide.environment import broker_socket
from guide.supervisor import parts
from guide.supervisor.parts import Part
from tests.faults.clock import Clock, built
from tests.faults.disk import Disk, mounted
from tests.faults.keeper import Keeper, Program
from tests.faults.proxy import Road, Roads
from tests.support import free_port

SITES = 2
FACTS = {
    "cpu": "a CPU", "cores_physical": 1, "cores_logical": 2, "memory_gib": 4.0,
    "arch": "x86_64", "os": "linux",
}  # fmt: skip
ENGINE = {"id": "mock", "provider": "test", "version": "1", "detail": ""}
READY_WITHIN_S = 60.0


@dataclass(eq=False)
class Machine:
    """An attached host: its row, its token, its home, its road, its clock, its worker."""

    name: str
    row: Host
    token: str
    home: Home
    road: Road
    clock: Clock
    program: Program
    revoked_at: float | None = None

    @property
    def attached(self) -> bool:
        return self.revoked_at is None


@dataclass
class World:
    folder: Path
    keeper: Keeper
    roads: Roads
    site_disk: Disk
    host_disk: Disk
    site_clock: Clock
    cluster: Cluster | None
    library: Path | None
    ports: list[int] = field(default_factory=list)
    machines: list[Machine] = field(default_factory=list)

    def start(self, hosts: int) -> None:
        """Raises TimeoutError when a part does not come up."""
        if self.cluster is not None:
            self.keeper.add(Part("postgres", self.cluster.argv, grace_s=20.0))
            self.cluster.until_ready()
        call_command("migrate", interactive=False, verbosity=0)
        close_old_connections()
        data = self.site_disk.path
        self.keeper.add(parts.broker(broker_socket(data), data / "valkey"))
        for number in range(SITES):
            self.ports.append(free_port())
            part = parts.site("127.0.0.1", self.ports[-1])
            self.keeper.add(Part(f"site-{number}", part.argv), self.site_clock.env)
        for part in (parts.worker(), parts.beat()):
            self.keeper.add(part, self.site_clock.env)
        self._until(lambda: all(map(self.answers, self.ports)), "the site")
        for _ in range(hosts):
            self.attach()

    def attach(self) -> Machine:
        """One more host, by a code of its own as any other."""
        number = len(self.machines)
        name = f"host-{number}"
        team = Team.embedded()
        code = enrolment.make_code(team, accepts_visitors=True)
        row, token = enrolment.enrol(code, name, FACTS, [ENGINE])
        road = self.roads.open(self.ports[number % SITES])
        home = Home(self.host_disk.path / name)
        home.save(Credential(f"http://127.0.0.1:{road.port}", str(row.pk), name, token))
        clock = Clock(self.folder / f"{name}.clock", self.library)
        argv = (sys.executable, "-m", "tests.faults.host", str(home.path))
        program = self.keeper.add(Part(name, argv, grace_s=15.0), clock.env)
        machine = Machine(name, row, token, home, road, clock, program)
        self.machines.append(machine)
        return machine

    def answers(self, port: int) -> bool:
        try:
            address = f"http://127.0.0.1:{port}/api/host/v1/claim"
            return httpx.post(address, timeout=5, trust_env=False).status_code == 401
        except httpx.TransportError:
            return False

    def _until(self, ready: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not ready():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not answer within {READY_WITHIN_S:g} s")
            time.sleep(0.1)

    def heal(self) -> None:
        """No fault is left; what is down comes up again."""
        for disk in (self.site_disk, self.host_disk):
            disk.free()
        for machine in self.machines:
            self.roads.turn(machine.road, "fine")

    def end(self) -> dict[str, int | None]:
        """Hosts first, the broker last; how each ended."""
        order = sorted(self.keeper.programs, key=_turn)
        for name in order:
            if name.startswith("host"):
                self.keeper.ask(name)
        return {name: self.keeper.end(name) for name in order}


def _turn(name: str) -> int:
    for turn, start in enumerate(("host", "site", "beat", "worker", "broker", "postgres")):
        if name.startswith(start):
            return turn
    raise KeyError(name)


@contextmanager
def made(
    folder: Path, env: dict[str, str], site_disk: Disk, cluster: Cluster | None
) -> Iterator[World]:
    """`env` is what Django was set up with. Whatever happens, nothing of it is left."""
    with ExitStack() as stack:
        host_disk = stack.enter_context(mounted(folder / "hosts", 48))
        roads = Roads()
        stack.callback(roads.close)
        keeper = Keeper(folder / "log", env)
        library = built(folder)
        clock = Clock(folder / "site.clock", library)
        world = World(folder, keeper, roads, site_disk, host_disk, clock, cluster, library)
        stack.callback(_end_by_force, keeper)
        yield world


def _end_by_force(keeper: Keeper) -> None:
    for program in keeper.programs.values():
        program.wanted = False
        if program.process is not None:
            program.process.end_by_force()
    for left in keeper.left_over():  # engines that somebody failed to end; told before
        left.kill()
