"""Reads sizes out of a configuration and remembers which were missing or wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recommender.own.errors import OwnError
from recommender.wording import phrase

LARGEST = 2**31
"""No size of a model is larger; what is, is a mistake or an attack."""


class Fields:
    """The language model's part of a configuration, what stands around it, and its defaults."""

    def __init__(self, *places: Mapping[str, Any]) -> None:
        self._places = places
        self._missing: list[str] = []

    def get(self, *names: str) -> Any:
        """The first of these that is there and not null; None when none is."""
        for place in self._places:
            for name in names:
                if place.get(name) is not None:
                    return place[name]
        return None

    def need(self, *names: str) -> int:
        """A whole number above 0. Missing ones are collected: `check` names all of them."""
        value = self.whole(*names)
        if value < 1:
            self._missing.append(" or ".join(names[:2]))
            return 1
        return value

    def whole(self, *names: str, default: int = 0) -> int:
        """A whole number from 0 on. Of a list, one for each layer, the largest.

        Raises:
            OwnError: it is something else.
        """
        value = self.get(*names)
        if value is None:
            return default
        if isinstance(value, Sequence) and not isinstance(value, str):
            numbers = [_whole(names[0], one) for one in value if one is not None]
            return max(numbers, default=default)
        return _whole(names[0], value)

    def true(self, *names: str) -> bool:
        return bool(self.get(*names))

    def part(self, *names: str) -> Mapping[str, Any]:
        """A nested object; empty where there is none."""
        found = self.get(*names)
        return found if isinstance(found, Mapping) else {}

    def flags(self, name: str, length: int) -> list[Any]:
        """A list with one entry for each layer; empty where there is none.

        Raises:
            OwnError: it has another length.
        """
        value = self.get(name)
        if not isinstance(value, list):
            return []
        if len(value) < length:
            raise OwnError(f"{name} names {len(value)} layers, but the model has {length}.")
        return value[:length]

    def check(self, what: str) -> None:
        """Raises OwnError when something that is needed was missing."""
        if self._missing:
            names = phrase(dict.fromkeys(self._missing))
            raise OwnError(f"{what} does not say {names}, as a whole number above 0 each.")


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        shown = repr(value)[:40]
        raise OwnError(f"{name} must be a whole number from 0 to {LARGEST:,}, not {shown}.")
    return value
