"""Why a measurement ended without a result. Every reason is a sentence for a person."""

from __future__ import annotations


class EngineFailed(Exception):
    """The engine is missing, did not start, or died. `log` is the end of its own log."""

    def __init__(self, reason: str, *, log: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.log = log


class CannotMeasure(EngineFailed):
    """Not the engine but the request or the machine is in the way: shape, memory, disk, time."""


class Cancelled(Exception):
    """Somebody asked to stop. Nothing of the run is kept."""

    def __init__(self) -> None:
        super().__init__("The measurement was cancelled.")
