"""Everything that can go wrong, one function each; `chance` says the rest. A fault that lasts gives
back what ends it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections.abc import Callable

import psutil

from tests.faults.keeper import words
from tests.faults.proxy import Weather
from tests.faults.story import Story
from tests.faults.world import Machine

End = Callable[[], None]
Kind = Callable[[Story, random.Random], End | None]
KINDS: dict[str, tuple[Kind, int]] = {}
"""By name: the fault and how often it comes, compared with others."""

AWAY_S = (0.2, 2.0)
LASTS_S = (1.0, 6.0)
JUMPS_S = (-600, -30, 0, 30, 600)


def kind(name: str, often: int) -> Callable[[Kind], Kind]:
    def keep(fault: Kind) -> Kind:
        KINDS[name] = fault, often
        return fault

    return keep


def some(story: Story, chance: random.Random) -> Machine:
    """One at work rather than one that waits."""
    machines = [m for m in story.world.machines if m.attached and m.program.up]
    at_work = [machine for machine in machines if story.holds(machine)]
    return chance.choice(at_work or machines or story.world.machines)


@kind("kill -9 host worker", 4)
def kill_host(story: Story, chance: random.Random) -> None:
    machine = some(story, chance)
    story.dies(machine.program.family()[1:])
    story.loses(machine)
    story.world.keeper.kill(machine.name, chance.uniform(*AWAY_S))


@kind("kill -9 measuring process", 2)
def kill_child(story: Story, chance: random.Random) -> None:
    family = some(story, chance).program.family()
    children = [p for p in family[1:] if not below_a_guard(p) and "tests.faults.host" in words(p)]
    for child in children[:1]:
        hit(child)


@kind("kill -9 engine", 4)
def kill_engine(story: Story, chance: random.Random) -> None:
    for process in engines(some(story, chance))[:1]:
        hit(process)


def engines(machine: Machine) -> list[psutil.Process]:
    return [p for p in machine.program.family() if "mock-engine" in words(p)]


def below_a_guard(process: psutil.Process) -> bool:
    return "guard_process" in words(process) or "mock-engine" in words(process)


def hit(process: psutil.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


@kind("kill -9 site", 3)
def kill_site(story: Story, chance: random.Random) -> None:
    story.ledger.disturb()
    story.world.keeper.kill(chance.choice(sites(story)), chance.uniform(*AWAY_S))


@kind("site restarted", 1)
def restart_site(story: Story, chance: random.Random) -> None:
    """As an upgrade does: asked to end, started again."""
    story.ledger.disturb()
    story.world.keeper.restart(chance.choice(sites(story)))


def sites(story: Story) -> list[str]:
    return [name for name in story.world.keeper.programs if name.startswith("site-")]


@kind("kill -9 site worker", 1)
def kill_worker(story: Story, chance: random.Random) -> None:
    story.ledger.disturb()
    story.world.keeper.kill("worker", chance.uniform(*AWAY_S))


@kind("kill -9 beat", 1)
def kill_beat(story: Story, chance: random.Random) -> None:
    story.ledger.disturb()
    story.world.keeper.kill("beat", chance.uniform(*AWAY_S))


@kind("kill -9 broker", 2)
def kill_broker(story: Story, chance: random.Random) -> None:
    story.ledger.disturb()
    story.world.keeper.kill("broker", chance.uniform(*AWAY_S))


@kind("kill -9 database process", 1)
def kill_database(story: Story, chance: random.Random) -> None:
    """A PostgreSQL backend: the server then ends every session and recovers."""
    if "postgres" not in story.world.keeper.programs:
        return
    story.ledger.disturb()
    family = story.world.keeper.programs["postgres"].family()
    busy = [p for p in family[1:] if "rigguide" in words(p)]
    for process in chance.sample(busy, min(1, len(busy))):
        hit(process)


def bad_road(weather: Weather) -> Kind:
    def turn(story: Story, chance: random.Random) -> End:
        machine = some(story, chance)
        story.world.roads.turn(machine.road, weather)
        return lambda: story.world.roads.turn(machine.road, "fine")

    return turn


kind("network: hung up", 2)(bad_road("refused"))
kind("network: silent", 2)(bad_road("silent"))
kind("network: answers lost", 3)(bad_road("answers-lost"))
kind("network: slow", 2)(bad_road("slow"))


@kind("disk full on hosts", 1)
def fill_hosts(story: Story, chance: random.Random) -> End | None:
    return fill(story, story.world.host_disk.real, story.world.host_disk.fill, story.free_hosts)


@kind("disk full on the site", 1)
def fill_site(story: Story, chance: random.Random) -> End | None:
    story.ledger.disturb()
    return fill(story, story.world.site_disk.real, story.world.site_disk.fill, story.free_site)


def fill(story: Story, real: bool, full: End, free: End) -> End | None:
    if not real:
        return None
    full()
    return free


@kind("clock of a host jumps", 2)
def host_clock(story: Story, chance: random.Random) -> None:
    some(story, chance).clock.jump(chance.choice(JUMPS_S))


@kind("clock of the site jumps", 1)
def site_clock(story: Story, chance: random.Random) -> None:
    story.ledger.disturb()
    story.world.site_clock.jump(chance.choice(JUMPS_S))


@kind("token revoked", 1)
def revoke(story: Story, chance: random.Random) -> None:
    story.revokes(some(story, chance))
    story.world.attach()


@kind("run cancelled", 2)
def cancel(story: Story, chance: random.Random) -> None:
    story.cancels(chance)


def lasting_s(chance: random.Random) -> float:
    return chance.uniform(*LASTS_S)


def order(chance: random.Random) -> list[str]:
    """Each of them once, in any order: nothing is left to luck."""
    names = list(KINDS)
    chance.shuffle(names)
    return names


def next_kind(chance: random.Random) -> str:
    return chance.choices(list(KINDS), [often for _, often in KINDS.values()])[0]


__all__ = ["KINDS", "lasting_s", "next_kind", "order"]
