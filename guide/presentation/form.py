"""The questions as form fields: what is chosen, what was typed, what was wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guide.asked import EXACT, Asked
from recommender import catalogue
from recommender.answers import NOTHING, questions
from recommender.own.words import label
from recommender.questions import Kind, Option, Question

OWN = ("model", "device")
_LONGEST_LIST_OF_RADIOS = 9

PARTS = (
    ("The machine", ("os", "device", "gpus", "memory_gb", "arch")),
    ("What counts", ("priority", "privacy", "ops", "needs")),
    ("Model and speed", ("model", "quant", "context", "ttft_ms", "tokens_per_user")),
)
"""The questions after the first three, by what they are about."""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    help: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """`control`: radios, checkboxes, select or number. `typed`: what the number field holds."""

    question: Question
    control: str
    groups: tuple[Group, ...]
    typed: str
    error: str
    decides: bool
    answered: bool

    @property
    def choices(self) -> tuple[Choice, ...]:
        return tuple(choice for group in self.groups for choice in group.choices)

    @property
    def number_name(self) -> str:
        return f"{self.question.id}_{EXACT}" if self.choices else self.question.id

    @property
    def has_help_per_choice(self) -> bool:
        return any(choice.help for choice in self.choices)


def fields(asked: Asked, *, decides: str | None) -> tuple[Field, ...]:
    return tuple(_field(question, asked, decides) for question in questions())


@dataclass(frozen=True, slots=True)
class Part:
    """Questions that belong together. `start`: the number of the first."""

    title: str
    start: int
    fields: tuple[Field, ...]


def parts(found: tuple[Field, ...], start: int) -> tuple[Part, ...]:
    """Those of the thorough stage, numbered on from `start`."""
    by_id = {field.question.id: field for field in found if field.question.stage == "thorough"}
    made: list[Part] = []
    for title, ids in PARTS:
        made.append(Part(title, start, tuple(by_id[id_] for id_ in ids if id_ in by_id)))
        start += len(made[-1].fields)
    return tuple(made)


def _field(question: Question, asked: Asked, decides: str | None) -> Field:
    values = [value for name, value in asked.given if name == question.id]
    if question.id in OWN and question.id in asked.answers:  # whatever it was called
        values = [asked.answers.text(question.id) or ""]
    suggested = {option.value for option in question.options}
    typed = next((value for value in values if value not in suggested), "")
    return Field(
        question=question,
        control=_control(question),
        groups=_groups(_offered(question, asked, values), values),
        typed=typed if question.kind is Kind.NUMBER else "",
        error=asked.errors.get(question.id, ""),
        decides=question.id == decides,
        answered=bool(values),
    )


def _control(question: Question) -> str:
    if question.kind is Kind.SEVERAL:
        return "checkboxes"
    if question.kind is Kind.NUMBER:
        return "number"
    return "select" if len(question.options) > _LONGEST_LIST_OF_RADIOS else "radios"


def _offered(question: Question, asked: Asked, values: list[str]) -> tuple[Option, ...]:
    """The options; of the accelerators only those of the hardware that was named."""
    if question.kind is Kind.SEVERAL:
        return (*question.options, Option(NOTHING, "Nothing special"))
    own = tuple(_own(question, asked))
    hardware = asked.answers.text("hardware")
    if question.id != "device" or hardware in (None, "none-yet"):
        return (*own, *question.options)
    devices = catalogue.load().devices
    return own + tuple(
        option
        for option in question.options
        if option.value in values or devices[option.value].hardware == hardware
    )


def _own(question: Question, asked: Asked) -> Iterator[Option]:
    """The model or device that the answer itself describes."""
    value = asked.answers.text(question.id) if question.id in OWN else None
    words = label(question.id, value) if value else None
    if value and words:
        yield Option(value, words, group="Your own")


def _groups(options: tuple[Option, ...], values: list[str]) -> tuple[Group, ...]:
    names = dict.fromkeys(option.group for option in options)
    return tuple(
        Group(name, tuple(_choice(o, values) for o in options if o.group == name)) for name in names
    )


def _choice(option: Option, values: list[str]) -> Choice:
    return Choice(option.value, option.label, option.help, option.value in values)
