"""The questions as data: their words, options, limits and how often we expect each option."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from recommender import catalogue
from recommender.own import device as own_device
from recommender.own import model as own_model
from recommender.own.errors import OwnError
from recommender.questions import Kind, Option, Question

OWN: Mapping[str, Callable[[str], object]] = {
    "models": own_model.decode,
    "devices": own_device.decode,
}
"""Questions whose answer may describe something that is in no catalogue."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OptionRow(_Row):
    value: str
    label: str
    help: str = ""
    weight: Annotated[int, Field(ge=0)] = 0  # per mille


class QuestionRow(_Row):
    id: str
    noun: str  # what it asks for, inside a sentence
    text: str
    help: str
    kind: Kind
    stage: Literal["quick", "thorough"]
    option: tuple[OptionRow, ...] = ()
    options_from: Literal["", "devices", "models", "quants"] = ""
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    unit: str = ""


@cache
def rows() -> Mapping[str, QuestionRow]:
    return {row.id: row for row in map(QuestionRow.model_validate, _data()["question"])}


@cache
def gpu_classes() -> Mapping[str, int]:
    """How often we expect each class of NVIDIA card, per mille."""
    return dict(_data()["gpu_classes"])


def _data() -> dict[str, Any]:
    return tomllib.loads((files("recommender") / "data" / "questions.toml").read_text("utf-8"))


@cache
def questions() -> tuple[Question, ...]:
    """All questions, in the order of the page."""
    return tuple(_question(row) for row in rows().values())


def allowed(row: QuestionRow) -> Mapping[str, str]:
    """The values a choice may have, with their labels."""
    return {option.value: option.label for option in _options(row)}


def find(row: QuestionRow, name: str) -> str | None:
    """The value meant by `name`: itself, or a catalogue entry by any of its names."""
    finders = {"devices": "device", "models": "model", "quants": "quant"}
    if row.options_from:
        entry = getattr(catalogue.load(), finders[row.options_from])(name)
        return None if entry is None else str(entry.id)
    return name if any(option.value == name for option in row.option) else None


def own(row: QuestionRow, value: str) -> str:
    """What is wrong with a model or device that an answer describes by itself; "" where nothing is
    or where it only names one."""
    if row.options_from not in OWN or not own_model.is_own(value):
        return ""
    try:
        OWN[row.options_from](value)
    except OwnError as error:
        return str(error)
    return ""


def _question(row: QuestionRow) -> Question:
    return Question(
        id=row.id,
        text=row.text,
        help=row.help,
        kind=row.kind,
        options=_options(row),
        minimum=row.minimum,
        maximum=row.maximum,
        unit=row.unit,
        stage=row.stage,
    )


def _options(row: QuestionRow) -> tuple[Option, ...]:
    if not row.options_from:
        return tuple(Option(o.value, o.label, o.help) for o in row.option)
    entries = getattr(catalogue.load(), row.options_from).values()
    return tuple(Option(e.id, e.name, group=_group(e)) for e in entries)


_VENDORS = {
    "nvidia": "NVIDIA",
    "amd": "AMD",
    "apple": "Apple",
    "intel": "Intel",
    "cpu": "Processors",
}


def _group(entry: Any) -> str:
    if isinstance(entry, catalogue.Device):
        return _VENDORS.get(entry.hardware, "Small boards")
    return entry.family if isinstance(entry, catalogue.Model) else ""
