"""Every operation of the API beside the questions and the recommendation."""

from __future__ import annotations

from typing import Final

from guide.api import hosts, results, runs
from guide.api.operations import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *hosts.OPERATIONS,
    *runs.OPERATIONS,
    *results.OPERATIONS,
)
