"""Tells a story to its end: asks for runs, lets things go wrong, judges, prints."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from django.db import connection

from tests.faults import kinds, verdict
from tests.faults.one import LEASE_S, Say
from tests.faults.story import Story
from tests.faults.world import World

FAULTS_A_RUN = 0.6
PAUSE_S = 1.2
"""Between two faults, on average."""


def told(
    world: World, runs: int, hosts: int, seed: int, say: Say, only: tuple[str, ...]
) -> list[str]:
    """What was wrong. `only`: these faults, once each; else all there are, as long as it lasts."""
    chance, began = random.Random(seed), time.monotonic()
    world.start(hosts)
    story = Story(world, chance, runs)
    _note_what_cannot_run(story)
    _go_wrong(story, chance, only)
    story.settle()
    verdict.judge_rows(story, LEASE_S)
    connection.close()  # PostgreSQL waits for its clients
    if connection.vendor == "postgresql":
        connection.close_pool()
    verdict.judge_processes(story, world.end())
    for line in verdict.told(story, LEASE_S, time.monotonic() - began):
        say(line)
    if story.ledger.wrong:
        _keep_logs(world)
    return story.ledger.wrong


def _go_wrong(story: Story, chance: random.Random, only: tuple[str, ...]) -> None:
    coming, next_at = list(only) or kinds.order(chance), time.monotonic() + PAUSE_S
    while coming or not (only or story.over):
        story.feed()
        story.tick()
        if time.monotonic() >= next_at and _may_strike(story, forced=bool(coming)):
            _strike(story, chance, coming.pop() if coming else kinds.next_kind(chance))
            next_at = time.monotonic() + chance.expovariate(1 / PAUSE_S)


def _may_strike(story: Story, *, forced: bool) -> bool:
    """On a busy machine runs take longer, and would get more faults each than on a quiet one."""
    struck = sum(story.ledger.strikes.values())
    return forced or struck < len(kinds.KINDS) + FAULTS_A_RUN * story.ended


def _strike(story: Story, chance: random.Random, name: str) -> None:
    story.ledger.strikes[name] += 1
    end = kinds.KINDS[name][0](story, chance)
    if end is not None:
        story.lasts(kinds.lasting_s(chance), end)


def _note_what_cannot_run(story: Story) -> None:
    if not story.world.site_disk.real:
        story.ledger.not_run.append("full disks: only root may mount a small disk of its own")
    if not story.world.site_clock.real:
        story.ledger.not_run.append("clock jumps: there is no C compiler")


def _keep_logs(world: World) -> None:
    """For whoever looks for the cause."""
    kept = Path("var") / "faults"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(world.folder / "log", kept)
