"""Under what each result was measured, as rows that can be held against one another."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from benchruns.host.document import ResultDocument
from benchruns.machines import in_words

VARIANTS: Final = {
    "tuned": "set for the load",
    "as-shipped": "as shipped",
    "as-served": "as it was found",
}
_PORT = re.compile(r"\d{4,5}")


@dataclass(frozen=True, slots=True)
class Fact:
    """`told` in words; "" where nobody knows. `in_names`: short enough to tell arms apart by."""

    name: str
    of: Callable[[ResultDocument], str]
    in_names: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of every arm, in their order."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def rows(documents: Sequence[ResultDocument]) -> tuple[Row, ...]:
    return tuple(Row(fact.name, tuple(map(fact.of, documents))) for fact in FACTS)


def identity(document: ResultDocument) -> tuple[str, ...]:
    """The same for results that are rounds of one and the same measurement."""
    return tuple(fact.of(document) for fact in FACTS)


def _flags(document: ResultDocument) -> str:
    """How the engine was started, without what differs from start to start."""
    plain = ("model" if _is_file(word) else word for word in document.engine.argv)
    return " ".join("PORT" if _PORT.fullmatch(word) else word for word in plain)


def _is_file(word: str) -> bool:
    return PurePath(word).suffix in {".gguf", ".safetensors"} or "/weights/" in word


def _slots(document: ResultDocument) -> str:
    return "" if document.engine.slots is None else str(document.engine.slots)


def _weights(document: ResultDocument) -> str:
    if not document.model.synthetic:
        return "real"
    spec = document.model.spec
    said = ["synthetic"]
    said += [f"{spec['layers']} of {spec['layers_of']} layers"] if spec.get("layers_of") else []
    said += ["a random router"] if spec.get("experts") else []
    return ", ".join(said)


def _tokens(document: ResultDocument) -> str:
    plan = document.plan
    differing = " (they differ)" if plan.prompt_lengths or plan.output_lengths else ""
    return f"{plan.prompt_tokens} in, {plan.output_tokens} out{differing}"


def _system(document: ResultDocument) -> str:
    return f"{document.host.os} {document.host.os_version}".strip()


def _drivers(document: ResultDocument) -> str:
    return ", ".join(dict.fromkeys(a.driver for a in document.host.accelerators if a.driver))


FACTS: Final = (
    Fact("Engine", lambda d: d.engine.name),
    Fact("Version", lambda d: " ".join(filter(None, [d.engine.version, d.engine.build])), True),
    Fact("From", lambda d: d.engine.provider, True),
    Fact("Set up", lambda d: VARIANTS[d.plan.variant], True),
    Fact("Slots", _slots),
    Fact("Context", lambda d: str(d.engine.context_tokens or "")),
    Fact("Flags", _flags),
    Fact("Computed by", lambda d: d.engine.backend or ""),
    Fact("Model", lambda d: d.model.name, True),
    Fact("Quantisation", lambda d: d.model.quant, True),
    Fact("Weights", _weights, True),
    Fact("Tokens", _tokens, True),
    Fact("API", lambda d: d.plan.api or ""),
    Fact("Machine", lambda d: in_words(d.host), True),
    Fact("System", _system),
    Fact("Driver", _drivers, True),
    Fact("RigGuide", lambda d: d.rigguide_version),
)
NAMED: Final = tuple(index for index, fact in enumerate(FACTS) if fact.in_names)
