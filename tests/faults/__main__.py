"""`make test-faults`: real processes, real databases, real kills. Prints figures; 1 when one lies.

`python -m tests.faults [--runs 250] [--hosts 6] [--seed N] [--database sqlite …]`
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys

from benchmarks import postgres
from tests.faults import one

MOST_S = 900


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.faults")
    parser.add_argument("--runs", type=int, default=250, help="on each database")
    parser.add_argument("--hosts", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--database", nargs="+", choices=one.SITE_MIB, default=list(one.SITE_MIB))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    said = arguments(given)
    if said.inside:
        return bool(one.tell(said.database[0], said.runs, said.hosts, said.seed, say))
    return max([_apart(database, said) for database in said.database], default=0)


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def _apart(database: str, said: argparse.Namespace) -> int:
    print(f"{database}, {said.runs} runs, {said.hosts} hosts, seed {said.seed}", flush=True)
    if database == "postgresql" and postgres.binaries() is None:
        print("  NOT RUN: PostgreSQL is not installed (Debian: apt-get install postgresql)")
        return 1
    numbers = {"--runs": said.runs, "--hosts": said.hosts, "--seed": said.seed}
    pairs = [word for name, value in numbers.items() for word in (name, str(value))]
    command = [sys.executable, "-m", "tests.faults", "--inside", "--database", database, *pairs]
    return subprocess.run(command, timeout=MOST_S).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
