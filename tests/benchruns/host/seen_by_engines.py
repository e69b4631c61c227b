"""A stand-in for measuring that tells the site what its engine sees of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchruns.host.document import ResultDocument
from benchruns.host.errors import Cancelled
from benchruns.host.plan import Plan
from benchruns.host.progress import IsCancelled, Report
from tests.benchruns.host.fake_measures import news

ENGINE = (sys.executable, "-S", "-c", "import os; print(os.environ['CUDA_VISIBLE_DEVICES'])")


def sees(
    plan: Plan, *, report: Report, cancelled: IsCancelled, work_dir: Path, run_id: str | None = None
) -> ResultDocument:
    """Until it is cancelled."""
    seen = subprocess.check_output(ENGINE, text=True, env=os.environ).strip()
    report(news(f"GPU {seen}"))
    while not cancelled():
        time.sleep(0.02)
    raise Cancelled
