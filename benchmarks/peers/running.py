"""Runs a tool to its end and says what it cost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

OFFLINE: Final = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "OMP_WAIT_POLICY": "passive",
}
LIMIT_S: Final = 600


class ToolFailed(Exception):
    """A peer ended with an error; the text has the end of what it said."""


def run(
    argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> tuple[str, float]:
    """(what it wrote to stdout, CPU seconds of it and of all it waited for). Raises ToolFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    everything = {**os.environ, **OFFLINE, **(env or {})}
    with (folder / "stdout").open("w+") as out, (folder / "stderr").open("w+") as err:
        process = subprocess.Popen(argv, stdout=out, stderr=err, cwd=folder, env=everything)
        cpu_s = _wait(process)
    said = (folder / "stdout").read_text(errors="replace")
    if process.returncode:
        wrong = (folder / "stderr").read_text(errors="replace")
        raise ToolFailed(f"{argv[0]} ended with {process.returncode}:\n{(said + wrong)[-2000:]}")
    return said, cpu_s


def _wait(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> float:
    """`wait4` counts the processor time of the child and of all that it waited for itself."""
    before = os.times()
    try:
        process.wait(LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise ToolFailed(f"it took more than {LIMIT_S} s") from None
    after = os.times()
    return (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
