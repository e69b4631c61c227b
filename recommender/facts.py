"""What is known of a visitor's case. None is "not known yet", never "no"."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
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
