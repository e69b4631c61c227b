"""One row's prediction, in the row's own unit, with an interval and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from recommender.catalogue import Catalogue
from recommender.rows import known, memories, pools, speeds, spilled, units
from recommender.rows.read import KINDS, TIMES, Row
from recommender.rows.resolve import Resolved, resolve


@dataclass(frozen=True, slots=True)
class Prediction:
    """`value` with `low` and `high` in `unit`. Without a value, `reason` says why."""

    value: float | None
    low: float | None
    high: float | None
    unit: str | None
    basis: str
    reason: str = ""


def predict(row: Row, shelf: Catalogue | None = None) -> Prediction:
    """Never raises for a row that was read."""
    if wrong := row.wrong or _unknown(row):
        return Prediction(None, None, None, row.unit, "not estimated", wrong)
    shelf = shelf or known.load()
    found = _doubted(resolve(row, shelf), shelf)
    three = _three(found, shelf)
    if isinstance(three, str):
        return Prediction(None, None, None, row.unit, _basis(found), three)
    value, low, high = three
    low, high = min(value, low) / found.widen, max(value, high) * found.widen
    return Prediction(value, low, high, row.unit, _basis(found))


def _unknown(row: Row) -> str:
    """Why its kind says nothing of what was measured; "" where it is known."""
    if row.kind in (*KINDS, *TIMES) or units.rate(row.unit, row.kind) == "time":
        return ""
    return f"kind {row.kind[:40]!r} is not known; it is one of {', '.join((*KINDS, *TIMES))}"


def _doubted(found: Resolved, shelf: Catalogue) -> Resolved:
    if found.row.kind in memories.KINDS or spilled.share(found, shelf) == 1:
        return found
    return replace(found, doubts=(*found.doubts, spilled.DOUBT))


def _three(found: Resolved, shelf: Catalogue) -> tuple[float, float, float] | str:
    """Value, low, high; or the reason why there are none."""
    if found.model is None:
        return "the model is not in the catalogue and neither name nor `params_b` tells its size"
    if found.row.kind in memories.KINDS:
        return memories.three(found, shelf)
    return _speeds(found, shelf)


def _speeds(found: Resolved, shelf: Catalogue) -> tuple[float, float, float] | str:
    if found.machine is None:
        return (
            "the device is not in the catalogue and the row tells no `device_mem_bandwidth_gbs`"
            if found.row.device
            else "the row names no device and no memory bandwidth"
        )
    three = speeds.rate(found, pools.at_once(found, shelf))
    if three is None:
        return "the device's arithmetic speed is not known, nor that of one like it"
    kept = spilled.share(found, shelf)
    return three if kept == 1 else spilled.slowed(found, shelf, three, kept)


def _basis(found: Resolved) -> str:
    what = [found.engine_id]
    what += [f"{found.machine.backend} on {_device(found)}"] if found.machine else []
    what += [f"{found.model.name} in {found.quant.id}"] if found.model and found.quant else []
    how = speeds.how(found) if found.row.kind in speeds.KINDS else ""
    taken = pools.presumes(found) if found.row.kind in memories.KINDS else ""
    return "; ".join(filter(None, ("estimated: " + ", ".join(what), how, taken, *found.doubts)))


def _device(found: Resolved) -> str:
    machine = found.machine
    if machine is None or machine.device is None:
        return "a device that is not known"
    count = f"{machine.gpus}× " if machine.gpus > 1 else ""
    return f"{count}{machine.device.name}"
