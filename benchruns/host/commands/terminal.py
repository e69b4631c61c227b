"""What commands share that work for minutes: progress in a terminal, and Ctrl-C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from benchruns.host import report
from benchruns.host.progress import Progress

CANCELLED_STATUS = 130  # what a shell expects of a program that Ctrl-C ended


def show(progress: Progress) -> None:
    """In a terminal each line replaces the last one; in a log they follow one another."""
    line = report.progress_line(progress)
    if sys.stderr.isatty():
        click.echo(f"\r{line}\033[K", nl=progress.phase == "finishing", err=True)
    else:
        click.echo(line, err=True)


@contextmanager
def ctrl_c() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM ask to stop; the measurement then cleans up after itself."""
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    old = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
