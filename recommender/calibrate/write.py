"""The two generated files: `speed.json` (constants) and `accuracy.json` (held-out predictions)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from recommender.calibrate import config
from recommender.calibrate.outcome import HeldOut, Outcome, how
from recommender.calibrate.samples import Sample, fingerprints, texts
from recommender.estimate.traits import memory_class
from recommender.rows import memories
from recommender.rows.predict import Prediction, predict
from recommender.rows.read import Row
from recommender.rows.resolve import Resolved, resolve

DIGITS = 4  # of what is written: more would be noise


def speed(outcome: Outcome, samples: Sequence[Sample]) -> dict[str, Any]:
    """As `estimate.fitted.Fitted` reads it."""
    return {
        "made_with": fingerprints(),
        "constants": _constants(outcome),
        "intervals": {
            kind: {name: one.model_dump() for name, one in groups.items()}
            for kind, groups in outcome.spreads.found.items()
        },
        "how": how(samples),
    }


def _constants(outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = {
        one.name: {"what": one.what, "most": one.most, "base": 0.0, "levels": {}, "covariates": {}}
        for one in config.load().constant
    }
    for column, value in zip(outcome.columns, outcome.parameters, strict=True):
        constant, rounded = found[column.constant], round(float(value), DIGITS)
        if not column.level:
            constant["base"] = rounded
        elif column.level == "covariate":
            constant["covariates"][column.group] = rounded
        else:
            constant["levels"].setdefault(column.level, {})[column.group] = rounded
    return found


def accuracy(outcome: Outcome, edition: str) -> dict[str, Any]:
    """As `accuracy.Accuracy` reads it: held-out speeds, and sizes (see `memory_rows`)."""
    found = sorted([*speed_rows(outcome), *memory_rows()], key=lambda row: str(row["id"]))
    return {"edition": edition, "made_with": fingerprints(), "rows": found}


def memory_rows() -> list[dict[str, Any]]:
    """Sizes come from architecture, file formats and what engines document. A few constants were
    compared with rows that are here, so their errors flatter (docs/adr/0012)."""
    found = []
    for raw in map(json.loads, texts()["calibration.jsonl"].splitlines()):
        if raw["kind"] in memories.KINDS:
            row = Row.model_validate(raw)
            found.append(_memory_row(raw, row, resolve(row), predict(row)))
    return found


def _memory_row(
    raw: dict[str, Any], row: Row, found: Resolved, guess: Prediction
) -> dict[str, Any]:
    return {
        "id": raw["id"],
        "kind": raw["kind"],
        "engine": found.engine_id,
        "backend": found.machine.backend if found.machine else None,
        "device_class": memory_class(found.machine) if found.machine else None,
        "device": row.device,
        "model": row.model or "",
        "params_b": row.params_b,
        "quant": row.quant,
        "concurrency": None if row.concurrency is None else found.clients,
        "published": raw["value"],
        "predicted": _short(guess.value),
        "low": _short(guess.low),
        "high": _short(guess.high),
        "baseline": None,
        "unit": raw["unit"],
        "source": raw["source"],
        "reason": guess.reason,
    }


def speed_rows(outcome: Outcome) -> list[dict[str, Any]]:
    """As `accuracy.Row` reads them."""
    return [_row(one) for one in outcome.held_out]


def _row(one: HeldOut) -> dict[str, Any]:
    sample, row = one.sample, one.sample.row
    return {
        "id": sample.said.id,
        "kind": sample.kind,
        "engine": sample.traits.group("engine"),
        "backend": sample.found.machine.backend if sample.found.machine else None,
        "device_class": sample.traits.group("memory"),
        "device": row.device,
        "model": row.model or "",
        "params_b": row.params_b,
        "quant": row.quant,
        "concurrency": sample.found.clients,
        "published": sample.said.value,
        "predicted": _short(one.value),
        "low": _short(one.low),
        "high": _short(one.high),
        "baseline": _short(one.baseline),
        "unit": sample.said.unit,
        "source": sample.said.source,
        "reason": "",
    }


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def as_text(document: dict[str, Any]) -> str:
    """JSON with one line for each entry of a list, so that a change shows what changed."""
    plain = {key: value for key, value in document.items() if not isinstance(value, list)}
    text = json.dumps(plain, indent=1, ensure_ascii=False)
    for key, value in document.items():
        if isinstance(value, list):
            lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in value)
            text = text[:-2] + f',\n "{key}": [\n{lines}\n ]\n}}'
    return text + "\n"
