"""What is known of a visitor's case. None is "not known yet", never "no"."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from types import SimpleNamespace
from typing import Any


class _Hashed:
    """Room for a hash that is worked out once."""

    __slots__ = ("_hash",)
    _hash: int


@dataclass(frozen=True, slots=True)
class Facts(_Hashed):
    """The answers, typed, and what follows from them. Hashable, so it can key a cache.

    Every field is None while it is not known; `needs` is an empty set once the visitor said
    "nothing special". `gpu_class` and, where they were not answered, `hardware`, `os` and `arch`
    are implied by other answers (see `recommender.implied`).
    """

    purpose: str | None = None
    users: int | None = None  # at the same time
    hardware: str | None = None  # none-yet | cpu | nvidia | amd | apple | intel | edge
    device: str | None = None  # catalogue id of one accelerator
    gpus: int | None = None
    memory_gb: float | None = None  # of one accelerator; of the system where there is none
    os: str | None = None
    arch: str | None = None
    privacy: str | None = None
    priority: str | None = None
    ops: str | None = None
    needs: frozenset[str] | None = None
    model: str | None = None  # catalogue id
    quant: str | None = None  # catalogue id
    context: int | None = None  # tokens of one conversation
    ttft_ms: float | None = None  # target: first token
    tokens_per_user: float | None = None  # target: output tokens/s each user sees
    gpu_class: str | None = None  # consumer | datacenter

    def __hash__(self) -> int:
        """Some hundred caches are asked with the same facts for every answer."""
        try:
            return self._hash
        except AttributeError:
            found = hash(_VALUES(self))
            object.__setattr__(self, "_hash", found)
            return found

    def but(self, **changes: Any) -> Facts:
        """The same with some facts changed; `dataclasses.replace` takes four times as long."""
        return Facts(**(dict(zip(NAMES, _VALUES(self), strict=True)) | changes))

    def draft(self) -> SimpleNamespace:
        """A copy whose facts can be set one after the other."""
        return SimpleNamespace(**dict(zip(NAMES, _VALUES(self), strict=True)))


NAMES: tuple[str, ...] = tuple(field.name for field in fields(Facts))
_VALUES = attrgetter(*NAMES)
