"""Which options the engines' programs know: data, checked against what recipes use by a test.

One file per engine under `data/flags/`. An option says its form (`value`), what it means, and its
`role`: the same role in two engines is the same thing under two names.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import model_validator

from recommender.entries import Entry, Sources

Form = Literal[
    "",
    "integer",
    "fraction",
    "text",
    "choice",
    "repository",
    "path",
    "address",
    "address-port",
    "proportions",
    "published",
    "url",
    "duration",
    "version",
]
_ADDRESS = r"(127\.0\.0\.1|0\.0\.0\.0|192\.0\.2\.1|engine|\$\(\w+\))"
_PATH = r"([A-Z]:\\|/|\./|~/|\$HOME/|[\w.-]+(?=/|\.gguf))[\w./\\{}$-]*"
FORMS: dict[str, str] = {
    "integer": r"-?\d+|\$\(\w+\)",
    "fraction": r"0?\.\d+|1(\.0)?",
    "text": r".+",
    "repository": rf"[\w.-]+/[\w.-]+(:[\w.-]+)?|{_PATH}",
    "path": _PATH,
    "address": _ADDRESS,
    "address-port": rf"{_ADDRESS}:\d+",
    "proportions": r"\d+(,\d+)*",
    "published": r"127\.0\.0\.1:\d+:\d+",
    "url": r"https?://[\w.:/-]+",
    "duration": r"-1|\d+[smh]",
    "version": r"\d+(\.\d+)+",
}
ROLES = {
    "model": "Model",
    "model-name": "Name in the API",
    "host": "Address",
    "port": "Port",
    "context": "Context",
    "slots": "Requests at once",
    "kv-type": "KV cache type",
    "memory-share": "Share of memory",
    "parallel": "Several devices",
    "nodes": "Several machines",
    "offload": "Layers on the accelerator",
    "quantise": "Quantise while loading",
    "metrics": "Metrics",
    "api-key": "API key",
}


class Option(Entry):
    """An option or an environment variable. Without a `value` it stands alone."""

    name: str
    meaning: str
    value: Form = ""
    choices: tuple[str, ...] = ()
    role: str = ""
    since: str = ""

    @model_validator(mode="after")
    def _hangs_together(self) -> Option:
        if (self.value == "choice") != bool(self.choices):
            msg = f"{self.name}: `choices` belong to the form choice, and to no other"
            raise ValueError(msg)
        if self.role and self.role not in ROLES:
            msg = f"{self.name}: role {self.role!r} is none of {', '.join(ROLES)}"
            raise ValueError(msg)
        return self

    def accepts(self, value: str) -> bool:
        """Whether a value has the right form; of an option without one: the empty word."""
        if self.value == "":
            return value == ""
        if self.value == "choice":
            return value in self.choices
        return re.fullmatch(FORMS[self.value], value) is not None


class Program(Entry):
    """One program with what recipes say to it. `seen`: the version or file that was read."""

    engine: str = ""  # empty: no engine's own
    name: str
    seen: str
    options: tuple[Option, ...] = ()
    environment: tuple[Option, ...] = ()
    sources: Sources


@cache
def programs() -> tuple[Program, ...]:
    """Every program of the recipes.

    Raises:
        pydantic.ValidationError: the data is wrong.
    """
    folder = files("recommender") / "data" / "flags"
    found = sorted(folder.iterdir(), key=lambda path: path.name)
    texts = (path.read_text("utf-8") for path in found if path.name.endswith(".toml"))
    return tuple(program for text in texts for program in _programs(tomllib.loads(text)))


def _programs(data: dict[str, object]) -> tuple[Program, ...]:
    rows = data["program"]
    assert isinstance(rows, list)
    return tuple(Program.model_validate({"engine": data["engine"], **row}) for row in rows)


@cache
def known(engine_id: str) -> dict[str, tuple[Option, ...]]:
    """Options and variables that this engine's recipe may use, those of its container included."""
    found: dict[str, tuple[Option, ...]] = {}
    for program in programs():
        if program.engine in (engine_id, ""):
            for option in (*program.options, *program.environment):
                found[option.name] = (*found.get(option.name, ()), option)
    return found


@cache
def roles(engine_id: str) -> dict[str, Option]:
    """What the names of this engine's server mean, by name. The first program is the server."""
    server = next(program for program in programs() if program.engine == engine_id)
    return {o.name: o for o in (*server.options, *server.environment) if o.role}
