"""After the story: what must be true of rows, folders and processes, and the figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import httpx

from benchruns.models import Result
from benchruns.states import TERMINAL
from tests.faults import rows
from tests.faults.keeper import gone
from tests.faults.ledger import Ledger, spread
from tests.faults.story import GONE_WITHIN_S, REVOKED_WITHIN_S, Story

LOOK_S = 2.0
"""Between two looks for leases that ended."""
BUSY_S = 2.0
"""What a machine with more processes than cores may be late."""
REPEATS = 25
_DELIVERED = re.compile(r"run (\S+): (?:measured and delivered|the result kept here is delivered)")


def judge_rows(story: Story, lease_s: float) -> None:
    """While the site still runs."""
    ledger = story.ledger
    left = [str(pk) for pk, seen in story.seen.items() if seen.state not in TERMINAL]
    ledger.expect(not left, f"{len(left)} runs did not end: {left[:3]}")
    kept = [machine.name for machine in story.keeping()]
    ledger.expect(not kept, f"results that nobody took are left on {', '.join(kept)}")
    ledger.expect(len(story.seen) == story.wanted, f"{len(story.seen)} runs, not {story.wanted}")
    results = rows.results()
    ledger.results = len(results)
    _judge_results(story, results)
    _judge_leases(ledger, lease_s)
    slow = [took for took in ledger.refused_s if took > REVOKED_WITHIN_S]
    ledger.expect(not slow, f"a revoked token worked for {max(slow, default=0):.2f} s")
    ledger.expect(not ledger.halves, f"half-written results: {ledger.halves[:3]}")


def _judge_results(story: Story, results: list[Result]) -> None:
    """Exactly once: a run that is done has one, and no host was told "taken" for nothing."""
    ledger, per_run = story.ledger, Counter(result.run_id for result in results)
    done = {pk for pk, seen in story.seen.items() if seen.state == "done"}
    accepted = {result.run_id for result in results if not result.refused}
    ledger.expect(
        done == accepted,
        f"{len(done ^ accepted)} runs are done without a result, or the other way round",
    )
    ledger.expect(set(per_run.values()) <= {1}, "a run has more than one result")
    named = [r for r in results if r.document.get("run_id") != str(r.run_id)]
    ledger.expect(not named, f"{len(named)} results are of another run")
    told = _delivered(story)
    lost = {run for run in told if run not in {str(result.run_id) for result in results}}
    ledger.expect(not lost, f"{len(lost)} results were taken and are not there")
    _repeat(story, [result for result in results if not result.refused])


def _delivered(story: Story) -> set[str]:
    logs = (story.world.keeper.log(machine.name) for machine in story.world.machines)
    return {run for log in logs for run in _DELIVERED.findall(log)}


def _repeat(story: Story, results: list[Result]) -> None:
    """Told once more an accepted result changes nothing; told by another host it is refused."""
    hosts = {machine.row.pk: machine for machine in story.world.machines if machine.attached}
    mine = [result for result in results if result.run.host_id in hosts][:REPEATS]
    before = Result.objects.count()
    for result in mine:
        machine = hosts[result.run.host_id]
        other = next((m for m in hosts.values() if m is not machine), machine)
        said = [_tell(story, result, token) for token in (machine.token, other.token)]
        wanted = [200, 409] if other is not machine else [200, 200]
        story.ledger.expect(said == wanted, f"a repeated result was answered {said}")
    story.ledger.expect(Result.objects.count() == before, "a repeated result was stored again")


def _tell(story: Story, result: Result, token: str) -> int:
    port = story.world.ports[0]
    address = f"http://127.0.0.1:{port}/api/host/v1/runs/{result.run_id}/result"
    body = {"attempt": result.run.attempt, "document": result.document}
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(address, json=body, headers=headers, timeout=20, trust_env=False).status_code


def _judge_leases(ledger: Ledger, lease_s: float) -> None:
    never = [lost for lost in ledger.lost if lost.back_s is None]
    ledger.expect(not never, f"{len(never)} runs of killed or revoked hosts never came back")
    most = lease_s + LOOK_S + BUSY_S
    late = [s for s in undisturbed(ledger) if s > most]
    ledger.expect(not late, f"{len(late)} runs came back after more than {most:g} s: {late[:3]}")


def undisturbed(ledger: Ledger) -> list[float]:
    return [lost.back_s for lost in ledger.lost if lost.back_s is not None and not lost.disturbed]


def judge_processes(story: Story, ended: dict[str, int | None]) -> None:
    """After everything was told to end."""
    ledger = story.ledger
    left = story.world.keeper.left_over()
    lines = [" ".join(process.cmdline()[-3:]) for process in left]
    ledger.expect(gone(left), f"{len(left)} processes are left: {lines[:3]}")
    slow = [d for d in ledger.dying if d.gone_s is None or d.gone_s > GONE_WITHIN_S]
    ledger.expect(not slow, f"{len(slow)} times something of a killed worker stayed")
    stuck = [name for name, status in ended.items() if status is None and _was_up(story, name)]
    ledger.expect(not stuck, f"had to be killed at the end: {', '.join(stuck)}")


def _was_up(story: Story, name: str) -> bool:
    return story.world.keeper.programs[name].process is not None


def told(story: Story, lease_s: float, took_s: float) -> Iterator[str]:
    ledger = story.ledger
    ends = Counter(seen.state for seen in story.seen.values())
    yield f"runs            {len(story.seen)} in {took_s:.0f} s: {_counts(ends)}"
    again = sum(seen.attempt > 1 for seen in story.seen.values())
    stored = f"{ledger.results} stored, each once"
    yield f"results         {stored}; {again} runs were taken up more than once"
    yield f"faults          {sum(ledger.strikes.values())}: {_counts(ledger.strikes)}"
    plain, all_back = undisturbed(ledger), [x.back_s for x in ledger.lost if x.back_s is not None]
    yield f"redelivery      lease {lease_s:g} s; undisturbed: {spread(plain)}"
    yield f"                whatever else was down: {spread(all_back)}"
    yield f"revoked tokens  refused after: {spread(ledger.refused_s)}"
    yield f"                worker gone after: {spread(ledger.left_s)}"
    gone_s = [d.gone_s for d in ledger.dying if d.gone_s is not None]
    engines = sum(dying.engine for dying in ledger.dying)
    killed = f"{len(ledger.dying)}, {engines} with an engine up"
    yield f"killed workers  {killed}; gone: {spread(gone_s)}"
    yield f"half-written    {len(ledger.halves)} results"
    for missing in ledger.not_run:
        yield f"not run         {missing}"
    for wrong in ledger.wrong:
        yield f"WRONG           {wrong}"


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())
