"""Answers as options of a command, and where its caches live."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from recommender.answers import AnswerError, Answers, parse


def answers(said: Sequence[str]) -> Answers:
    """From `ID=VALUE` each.

    Raises:
        click.UsageError: one is not of that form, or not known.
    """
    pairs = []
    for answer in said:
        question, equals, value = answer.partition("=")
        if not equals:
            message = f"{answer!r} is not an answer; write it as ID=VALUE, for example users=50."
            raise click.UsageError(message)
        pairs.append((question, value))
    try:
        return parse(pairs)
    except AnswerError as error:
        raise click.UsageError(str(error)) from error


def cache() -> Path:
    """Where a user's caches live; the table of the rule book is kept there."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "rigguide"
