"""Runs an installer's commands: watched, told line by line, ended with their whole tree."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

from benchruns.host import guard
from benchruns.host.errors import EngineFailed

_LOOK_S = 0.1
_STEP = re.compile(r"\[(\d+)/(\d+)\] (.*)")  # ninja's
_QUIET = ("DEBUG", "TRACE", "+ ", "- ", "warning:", "Looking in ")
_LONGEST = 120
Say = Callable[[str, float | None], None]
"""(what is being done, its share of this command where that is known)."""


@dataclass(slots=True)
class Shell:
    """One log for all commands. `check` raises when somebody cancelled."""

    log_path: Path
    cwd: Path
    env: Mapping[str, str]
    check: Callable[[], None]
    say: Say
    last: deque[str] = field(default_factory=lambda: deque(maxlen=60))

    def run(self, argv: Sequence[str], what: str) -> None:
        """Raises EngineFailed with the end of the log, and what `check` raises."""
        if not self.attempt(argv, what):
            raise EngineFailed(f"{what} failed. {self._why()}", log="\n".join(self.last))

    def attempt(self, argv: Sequence[str], what: str) -> bool:
        """Whether it went well."""
        begin = self.log_path.stat().st_size if self.log_path.exists() else 0
        env = {**os.environ, **self.env}
        with (
            guard.spawn(argv, env=env, cwd=self.cwd, log_path=self.log_path) as process,
            self.log_path.open(errors="replace") as log,
        ):
            log.seek(begin)
            while process.alive():
                self.check()
                self._tell(log.readlines(), what)
                sleep(_LOOK_S)
            self._tell(log.readlines(), what)
            return process.returncode == 0

    def _tell(self, lines: list[str], what: str) -> None:
        for line in filter(None, (line.strip() for line in lines)):
            self.last.append(line)
            for text, share in _said(line):
                self.say(f"{what}: {text}", share)

    def _why(self) -> str:
        """The installer's own last words on it."""
        said = [line for line in self.last if re.match(r"(error|ERROR|cause|×|╰)", line)]
        return " ".join(said[:2])[:500] if said else "The end of its log says why."


def _said(line: str) -> Iterator[tuple[str, float | None]]:
    """What a person wants to see of a line; uv's talk to itself is left in the log."""
    if step := _STEP.search(line):
        done, whole = int(step[1]), int(step[2])
        yield f"compiling, {done} of {whole}", done / whole
    elif not line.startswith(_QUIET):
        yield line[:_LONGEST], None
