"""Models, quantisations, devices and engine constants: data with sources, validated loudly.

Names are found by id or alias, as anybody writes them; an alias that means two things does not
load, and neither does an entry that refers to one that is not there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from recommender.entries import (
    GIB,
    Attention,
    Default,
    Model,
    Quant,
    Repositories,
    Source,
    Variant,
)
from recommender.hardware import Backend, Device, Engine, Guess, Spread
from recommender.interconnects import Link
from recommender.own import device as own_device
from recommender.own import model as own_model
from recommender.own.errors import OwnError

__all__ = [
    "GIB",
    "Attention",
    "Backend",
    "Catalogue",
    "Default",
    "Device",
    "Engine",
    "Guess",
    "Link",
    "Model",
    "Quant",
    "Repositories",
    "Source",
    "Spread",
    "Variant",
    "load",
]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


class _Named(_HasId, Protocol):
    @property
    def names(self) -> tuple[str, ...]: ...


T = TypeVar("T", bound=BaseModel)
N = TypeVar("N", bound=_HasId)
Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def normal(name: str) -> str:
    """The form in which names are compared: `Llama 3.1 8B` and `llama-3.1-8b` agree."""
    return re.sub(r"[^a-z0-9.+]+", "-", name.lower()).strip("-")


class Catalogue:
    """Everything known of models, quantisations, devices and engines, by id."""

    def __init__(self, tables: Tables) -> None:
        self.models = _by_id("model", _parse(Model, "model", tables))
        self.quants = _by_id("quant", _parse(Quant, "quant", tables))
        self.devices = _by_id("device", _parse(Device, "device", tables))
        self.engines = _by_id("engine", _parse(Engine, "engine", tables))
        self.defaults = _parse(Default, "default", tables)
        self.links = _by_id("link", _parse(Link, "link", tables))
        self.backends = {(b.engine, b.backend): b for b in _parse(Backend, "backend", tables)}
        self._models = _aliases(self.models.values())
        self._quants = _aliases(self.quants.values())
        self._devices = _aliases(self.devices.values())
        self._links = _aliases(self.links.values())
        self._check_references()

    def model(self, name: str) -> Model | None:
        """By id, alias or Hugging Face id, as anybody writes it; or one's own (`own.model`)."""
        return _own(own_model.decode, name) or _find(self.models, self._models, name)

    def quant(self, name: str) -> Quant | None:
        return _find(self.quants, self._quants, name)

    def device(self, name: str, hardware: str | None = None) -> Device | None:
        """By id or alias; or one's own (`own.device`), which is of that `hardware`."""
        own = _own(partial(own_device.decode, hardware=hardware), name)
        return own or _find(self.devices, self._devices, name)

    def link(self, name: str) -> Link | None:
        """A way to connect, by id or alias."""
        return _find(self.links, self._links, name)

    def connects(self, device_id: str, *, bought: bool = False) -> Link | None:
        """The fastest way from one of these to the next in the same machine; None where nobody
        knows. `bought`: with the bridge that is sold apart."""
        found = (link for link in self.links.values() if device_id in link.devices)
        there = [link for link in found if bought or not link.optional]
        return max(there, key=lambda link: link.gb_s, default=None)

    def _check_references(self) -> None:
        for quant in self.quants.values():
            _known(f"quant {quant.id}", quant.engines, self.engines)
        for engine in self.engines.values():
            _known(f"engine {engine.id}", engine.prefers, self.quants)
        for default in self.defaults:
            _known("default", (default.model,), self.models)
        for model in self.models.values():
            _known(f"model {model.id}", model.repositories.gguf_quants, self.quants)
            _known(f"model {model.id}", model.repositories.ollama_tags, self.quants)
            _known(f"model {model.id}", model.repositories.mlx, self.quants)
            _known(f"model {model.id}", model.repositories.quantised, self.quants)
            _known(f"model {model.id}", (model.native,), self.quants)
        for device in self.devices.values():
            _tells_its_generation(device)
        for link in self.links.values():
            _known(f"link {link.id}", link.devices, self.devices)
        for engine_id, _ in self.backends:
            _known("backend", (engine_id,), self.engines)


def _own(decode: Callable[[str], T], name: str) -> T | None:
    """What an answer describes by itself; None where it names something or is not understood."""
    if not own_model.is_own(name):
        return None
    try:
        return decode(name)
    except OwnError:
        return None


def _find(entries: Mapping[str, T], aliases: Mapping[str, str], name: str) -> T | None:
    found = name if name in entries else aliases.get(normal(name))
    return None if found is None else entries[found]


def _known(where: str, names: Iterable[str], known: Mapping[str, object]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        msg = f"{where} names {', '.join(unknown)}, which the catalogue does not have"
        raise ValueError(msg)


def _tells_its_generation(device: Device) -> None:
    """Limits of engines hold by it, so a GPU without it would escape them."""
    needed = {"cuda": "compute_capability", "rocm": "gfx"}
    field = needed.get(device.backend.split("-", maxsplit=1)[0])
    if field and getattr(device, field) is None:
        msg = f"device {device.id} runs on {device.backend}: say its {field}"
        raise ValueError(msg)


def _parse(kind: type[T], table: str, tables: Tables) -> tuple[T, ...]:
    return tuple(kind.model_validate(row) for row in tables.get(table, ()))


def _by_id(what: str, entries: Sequence[N]) -> dict[str, N]:
    found: dict[str, N] = {}
    for entry in entries:
        if entry.id in found:
            msg = f"{what} {entry.id} is in the catalogue twice"
            raise ValueError(msg)
        found[entry.id] = entry
    return found


def _aliases(entries: Iterable[_Named]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        for name in {normal(n) for n in entry.names}:
            if name in found:
                msg = f"{name} means both {found[name]} and {entry.id}"
                raise ValueError(msg)
            found[name] = entry.id
    return found


MODELS = ("models", "models_2026", "models_defaults")
FILES = (*MODELS, "quants", "devices", "interconnects", "backends")


@cache
def load() -> Catalogue:
    """The shipped catalogue, validated.

    Raises:
        pydantic.ValidationError or ValueError: the data is wrong; the sentence says where.
    """
    return of(FILES)


def of(names: Iterable[str]) -> Catalogue:
    """What these files of `data/` hold together, without `.toml`.

    Raises:
        pydantic.ValidationError or ValueError: the data is wrong; the sentence says where.
    """
    tables: dict[str, list[Mapping[str, Any]]] = {}
    for name in names:
        text = (files("recommender") / "data" / f"{name}.toml").read_text("utf-8")
        for table, rows in tomllib.loads(text).items():
            tables.setdefault(table, []).extend(rows)
    return Catalogue(tables)
