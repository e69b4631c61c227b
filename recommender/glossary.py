"""The words of the field in plain words, each once. Data; what is too long or a claim without a
source does not load. What a quantisation is, the catalogue says."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from recommender import catalogue
from recommender.entries import Entry, Source

MOST_WORDS = 25
_NUMBER = re.compile(r"(?<![A-Za-z])\d")


class GlossaryError(ValueError):
    """The data is wrong; the sentence says which entry and why."""


class Term(Entry):
    """`names[0]` is what pages call it; the others are what else it is called. `jargon` is
    explained wherever it stands in prose."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    group: str
    names: Annotated[tuple[str, ...], Field(min_length=1)]
    text: Annotated[str, Field(min_length=10)]
    source: Source | None = None
    jargon: bool = False

    @model_validator(mode="after")
    def _is_short_and_backed(self) -> Term:
        words = len(self.text.split())
        if words > MOST_WORDS:
            msg = f"has {words} words; a definition takes at most {MOST_WORDS}"
            raise ValueError(msg)
        if self.source is None and _NUMBER.search(self.text):
            msg = "states a number, which is a claim: it needs a `source`"
            raise ValueError(msg)
        return self

    @property
    def name(self) -> str:
        return self.names[0]


@dataclass(frozen=True, slots=True)
class Word:
    """What a page needs of a term: where it is explained and what is said there."""

    anchor: str
    name: str
    text: str


@dataclass(frozen=True)
class Glossary:
    """`groups`: title by id, in the order of the page. `words`: by every name, in lower case."""

    groups: Mapping[str, str]
    terms: Mapping[str, Term]
    quants: tuple[Word, ...]
    words: Mapping[str, Word]

    def of_group(self, group: str) -> tuple[Term, ...]:
        """By name, as in any dictionary."""
        found = (term for term in self.terms.values() if term.group == group)
        return tuple(sorted(found, key=lambda term: term.name.lower()))

    @cached_property
    def jargon(self) -> re.Pattern[str]:
        """Matches any name of a term that prose explains, the longest first, as a whole word."""
        names = [name for term in self.terms.values() if term.jargon for name in term.names]
        longest = sorted(names, key=len, reverse=True)
        either = "|".join(map(re.escape, longest))
        return re.compile(rf"\b(?:{either})\b(?!/)", re.IGNORECASE)

    def find(self, name: str) -> Word | None:
        """By id or any name; None where nobody explained it."""
        term = self.terms.get(name)
        return _word(term) if term else self.words.get(name.lower())


@cache
def load() -> Glossary:
    """Raises GlossaryError."""
    return build(files("recommender").joinpath("data/glossary.toml").read_text("utf-8"))


def build(text: str) -> Glossary:
    raw = tomllib.loads(text)
    groups = raw.get("groups", {})
    terms = {term.id: term for term in map(_term, raw.get("term", []))}
    _check(terms.values(), groups, len(raw.get("term", [])))
    quants = tuple(_quants())
    named = {name.lower(): _word(term) for term in terms.values() for name in term.names}
    words = {**{quant.name.lower(): quant for quant in quants}, **named}
    return Glossary(groups, terms, quants, words)


def _term(raw: Mapping[str, object]) -> Term:
    try:
        return Term.model_validate(raw)
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}" for e in error.errors())
        msg = f"glossary.toml, {raw.get('id', 'an entry without an id')}: {said}"
        raise GlossaryError(msg) from error


def _check(terms: Iterable[Term], groups: Mapping[str, str], written: int) -> None:
    found = tuple(terms)
    if len(found) != written:
        msg = "glossary.toml has an id twice"
        raise GlossaryError(msg)
    lost = [term.id for term in found if term.group not in groups]
    if lost:
        msg = f"glossary.toml: {', '.join(lost)} in a group that is none of {', '.join(groups)}"
        raise GlossaryError(msg)
    counts = Counter(name.lower() for term in found for name in term.names)
    twice = [name for name, number in counts.items() if number > 1]
    if twice:
        msg = f"glossary.toml explains {', '.join(twice)} twice; a word means one thing"
        raise GlossaryError(msg)


def _word(term: Term) -> Word:
    return Word(term.id, term.name, term.text)


def _quants() -> Iterable[Word]:
    for quant in catalogue.load().quants.values():
        name = quant.name[:1].upper() + quant.name[1:]
        text = f"{name}: about {quant.bits_per_weight:.3g} bits per weight in the file."
        yield Word(f"quant-{catalogue.normal(quant.id)}", quant.id, text)
