"""Lines of JSON as rows. Everything but `kind` may be missing or null."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

KINDS = {
    "decode": {"generation", "tg", "decoding", "token_generation", "single_stream"},
    "prefill": {"prompt", "pp", "prompt_processing", "prompt_eval"},
    "concurrent": {"throughput", "batch", "batched", "serving", "load", "offline"},
    "memory_weights": {"weights", "model_size", "model_memory", "weights_memory"},
    "memory_kv": {"kv", "kv_cache", "kv_memory", "memory_cache"},
    "memory_total": {"memory", "vram", "peak_memory", "memory_peak", "total_memory", "ram"},
    "kv_tokens": {"kv_cache_tokens", "cache_tokens", "tokens_in_cache"},
}
PLAUSIBLE = {
    "device_count": (1, 4096),
    "device_mem_bandwidth_gbs": (0.1, 1e6),
    "device_mem_gib": (0.01, 1e6),
    "params_b": (1e-4, 1e5),
    "weights_gib": (1e-4, 1e6),
    "context": (0, 1e9),
    "prompt_tokens": (0, 1e9),
    "gen_tokens": (0, 1e9),
    "concurrency": (1, 1e7),
}
"""What a field can be. Less, but not below 0, counts as not said; the rest cannot be."""
TIMES = ("ttft", "tpot", "itl", "latency", "e2e")
"""Kinds of a time to wait; any other kind whose unit is a time is one of these too."""


class RowError(ValueError):
    """A line is not a row. The sentence says which line and why."""


class Row(BaseModel):
    """What a published measurement says of itself. Has no `value` and no `note`: what came out
    must not reach a prediction. Unknown fields are ignored.

    Sizes are GiB, bandwidth is GB/s, `params_b` are billions. None: the author did not say.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str | int | None = None
    kind: str
    unit: str | None = None
    engine: str | None = None
    engine_version: str | None = None
    backend: str | None = None
    device: str | None = None
    device_count: float | None = None
    device_mem_bandwidth_gbs: float | None = None
    device_mem_gib: float | None = None
    model: str | None = None
    params_b: float | None = None
    quant: str | None = None
    weights_gib: float | None = None
    context: float | None = None
    prompt_tokens: float | None = None
    gen_tokens: float | None = None
    concurrency: float | None = None
    conditions: str | None = None
    date: str | None = None

    @field_validator(
        "engine_version", "conditions", "quant", "device", "model", "date", mode="before"
    )
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """Versions and bits are sometimes written as numbers."""
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return str(value) if number else value

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str) -> str:
        """Other words for the kinds of the calibration data; what is none of them stays."""
        plain = value.strip().lower().replace("-", "_").replace(" ", "_")
        return next((kind for kind, others in KINDS.items() if plain in others), value)

    @field_validator(*PLAUSIBLE)
    @classmethod
    def _plausible(cls, value: float | None, info: ValidationInfo) -> float | None:
        """A bandwidth of 0 is one that nobody filled in."""
        least, _ = PLAUSIBLE[info.field_name or ""]
        return None if value is not None and 0 <= value < least else value

    @property
    def wrong(self) -> str:
        """A field that no measurement can have, with what it can be; "" where all can be."""
        for name, (least, most) in PLAUSIBLE.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                return f"{name} is {value:g}; it can be from {least:g} to {most:g}"
        return ""

    @property
    def devices(self) -> int:
        """How many, one where nobody said."""
        return max(1, round(self.device_count or 1))


def read(lines: Iterable[str]) -> tuple[Row, ...]:
    """Every line that is not blank.

    Raises:
        RowError: a line is no JSON object or a field is of another type.
    """
    return tuple(_row(n, line) for n, line in enumerate(lines, start=1) if line.strip())


def _row(number: int, line: str) -> Row:
    try:
        found = json.loads(line, parse_constant=_no_number)
        if not isinstance(found, dict):
            raise ValueError(f"a JSON object is needed, not {type(found).__name__}")
        return Row.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"line {number}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise RowError(msg) from error
    except ValueError as error:
        msg = f"line {number}: {error}"
        raise RowError(msg) from error


def _no_number(name: str) -> NoReturn:
    msg = f"{name} is not a number"
    raise ValueError(msg)
