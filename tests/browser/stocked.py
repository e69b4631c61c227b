"""Puts hosts and runs of every state into the site under test, as if they had happened.

Runs as a process of its own beside that site (`python -m tests.browser.stocked`), with its
environment; prints where they are as JSON. With `--clear` it takes all of it away again: no other
test is to be offered a host that does no work, or to be told what it measured.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guide.settings")
django.setup()

from django.db.models import Q  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchruns.models import Host, Result, Run  # noqa: E402
from benchruns.states import State  # noqa: E402
from benchruns.summaries import denormalised  # noqa: E402
from tests.benchruns.made import Machine, document, plan, queued  # noqa: E402

NAME, LONG = "forge", timedelta(days=1)


def measured(host: Host, minutes: int, itl_s: float, variant: str) -> Run:
    made = document(plan(variant=variant), itl_s=itl_s)
    by = timedelta(minutes=minutes)
    made = made.model_copy(
        update={"started_at": made.started_at + by, "finished_at": made.finished_at + by}
    )
    run = queued(plan=made.plan, host=host, state=State.DONE, finished_at=timezone.now())
    Result.objects.create(run=run, **denormalised(made, host))
    return run


def running(host: Host) -> Run:
    now = timezone.now()
    return queued(
        host=host,
        state=State.RUNNING,
        attempt=1,
        claimed_at=now,
        started_at=now,
        lease_until=now + LONG,
        phase="measuring",
        message="2 clients",
        point=2,
        points=3,
        clients=2,
        tok_s=31.5,
        fraction=0.5,
    )


def failed(host: Host) -> Run:
    reason = "The engine ended before it was ready. Its log says why."
    log = "loading model\nerror: out of memory\n"
    ended = timezone.now()
    return queued(host=host, state=State.FAILED, finished_at=ended, reason=reason, log=log)


def clear() -> None:
    for host in Host.objects.filter(name=NAME):
        Run.objects.filter(Q(host=host) | Q(wanted_host=host)).delete()
        host.delete()


def main() -> None:
    host = Machine(NAME).row
    runs = {
        "done": measured(host, 0, 0.05, "tuned"),
        "other": measured(host, 4, 0.06, "as-shipped"),
        "running": running(host),
        "failed": failed(host),
    }
    both = f"{runs['done'].pk},{runs['other'].pk}"
    addresses = {name: run.get_absolute_url() for name, run in runs.items()}
    json.dump({**addresses, "host": host.get_absolute_url(), "both": both}, sys.stdout)


if __name__ == "__main__":
    clear() if sys.argv[1:] == ["--clear"] else main()
