"""`python -m benchmarks.peers`: exits 1 where RigGuide is further from a peer than promised.

Also where a scenario that was asked for compared it with none of them.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from benchmarks.peers import report, tools
from benchmarks.peers.figures import Figures
from benchmarks.peers.report import Row
from benchmarks.peers.scenarios import ALL
from benchmarks.peers.tools import Tools


@click.command()
@click.option("--rounds", type=click.IntRange(1, 50), default=5, show_default=True)
@click.option("--only", default=",".join(ALL), show_default=True, help="Scenarios, with commas.")
@click.option("--install/--no-install", default=True, help="Whether peers may be installed.")
@click.option(
    "--json", "out", type=click.Path(path_type=Path), help="[default: var/bench/peers.json]"
)
def main(rounds: int, only: str, install: bool, out: Path | None) -> None:
    """RigGuide beside vllm bench serve, GuideLLM, llama-bench and llama-batched-bench."""
    chosen = _chosen(only)
    found = tools.find(may_install=install)
    for name in found.missing():
        click.echo(f"not here: {name}", err=True)
    began, before = datetime.now(UTC), os.getloadavg()[0]
    measured = {name: _measure(name, found, rounds) for name in chosen}
    rows = [row for name in chosen for row in report.rows(name, measured[name], ALL[name][1])]
    click.echo("\n".join([report.HEAD, *map(report.line, rows)]))
    path = out or Path(os.environ.get("DATA_DIR", "var")) / "bench" / "peers.json"
    _write(path, _document(rounds, began, before, measured, rows))
    click.echo(f"  → {path}")
    missed = report.not_compared(chosen, rows)
    for name in missed:
        click.echo(f"{name}: nothing was compared with {_references()}", err=True)
    sys.exit(1 if missed or any(row.agrees is False for row in rows) else 0)


def _references() -> str:
    return ", ".join(sorted(report.REFERENCE))


def _chosen(only: str) -> list[str]:
    names = [name.strip() for name in only.split(",") if name.strip()]
    unknown = [name for name in names if name not in ALL]
    if unknown or not names:
        raise click.UsageError(f"--only {only!r}: there are {', '.join(ALL)}.")
    return names


def _measure(name: str, found: Tools, rounds: int) -> list[Figures]:
    click.echo(f"{name}", err=True)
    with tempfile.TemporaryDirectory(prefix="rigguide-peers-") as folder:
        return list(ALL[name][0](found, rounds, Path(folder)))


def _document(
    rounds: int,
    began: datetime,
    before: float,
    measured: dict[str, list[Figures]],
    rows: list[Row],
) -> dict[str, Any]:
    return {
        "suite": "peers",
        "at": began.isoformat(timespec="seconds"),
        "took_s": round((datetime.now(UTC) - began).total_seconds()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "load_average": [before, os.getloadavg()[0]],
        "rounds": rounds,
        "rows": [report.as_json(row) for row in rows],
        "raw": {name: [asdict(one) for one in figures] for name, figures in measured.items()},
    }


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
