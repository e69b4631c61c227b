"""What this site could measure for a recipe: on which machine, and what instead where it cannot.

A stand-in is always said: a number must never pass for that of another engine or model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchruns.host.choice import default_model, default_plan, measurable
from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic.layout import QUANTS
from benchruns.host.weights import gguf_quant
from benchruns.models import Host
from benchruns.services import measurable_hosts
from recommender import catalogue, rulebook
from recommender.catalogue import Model, Quant

# Engines that stand in for one that is not there, most alike first.
STAND_INS: Final = ("llama.cpp", "vllm", "sglang", "ollama", "mlx-lm", "tensorrt-llm", "tgi")


@dataclass(frozen=True, slots=True)
class Offer:
    """`host` is None when nothing can be measured; `refusal` then says why.

    `notes` say, in sentences, where this is not what the recipe says.
    """

    host: Host | None
    engine: str = ""
    engine_name: str = ""
    model: str = ""
    model_name: str = ""
    quant: str = ""
    time_limit_s: int = 0
    recipe: str = ""  # the engine, model and quantisation it stands in for
    notes: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def takes(self) -> str:
        """At most, in words."""
        minutes = -(-self.time_limit_s // 60)
        return "a minute" if minutes <= 1 else f"{minutes} minutes"


def offer(engine: str, model: str, quant: str, *, hardware: str | None = None) -> Offer:
    """The measurement nearest to that recipe. `hardware` is that answer, None while not known."""
    hosts = measurable_hosts()
    if not hosts:
        return Offer(None, refusal="No machine is attached to this site that takes measurements.")
    host = min(hosts, key=lambda host: _distance(host, engine, hardware))
    try:
        return _on(host, engine, model, quant, hardware)
    except CannotMeasure as error:
        return Offer(None, refusal=f"{host.name} cannot measure this. {error.reason}")


def _distance(host: Host, engine: str, hardware: str | None) -> tuple[bool, bool, bool, str]:
    """The right kind of machine first, then the right engine, then one that answers."""
    other_kind = hardware is not None and host.machine.hardware != hardware
    return other_kind, engine not in host.measures, not host.live, host.name


def _on(host: Host, engine: str, model: str, quant: str, hardware: str | None) -> Offer:
    able = _engine(host, engine)
    found, kind = _weights(host, model, quant)
    return Offer(
        host,
        able,
        _engine_name(able),
        found.id,
        found.name,
        kind,
        default_plan(found.id, kind, able, host.machine).time_limit_s,
        f"{engine} {model} {quant}",
        tuple(_notes(host, (engine, model, quant), (able, found.id, kind), hardware)),
    )


def _engine(host: Host, wanted: str) -> str:
    for engine in (wanted, *STAND_INS):
        if engine in host.measures:
            return engine
    raise CannotMeasure("No engine that it could start is installed there.")


def _weights(host: Host, wanted: str, quant: str) -> tuple[Model, str]:
    """The model itself, else the nearest smaller one that this machine can measure."""
    kind = nearest_quant(quant)
    for model in _no_larger(wanted):
        if measurable(model, kind, host.machine) is None:
            return model, gguf_quant(kind)
    smallest, smallest_quant = default_model(host.machine)
    return catalogue.load().models[smallest], smallest_quant


def _no_larger(wanted: str) -> Iterator[Model]:
    """The model, then all smaller ones, the largest first."""
    models = catalogue.load().models
    asked = catalogue.load().model(wanted)
    if asked is None:
        raise CannotMeasure(f"There is no model {wanted!r} in the catalogue.")
    yield asked
    smaller = [model for model in models.values() if model.params < asked.params]
    yield from sorted(smaller, key=lambda model: -model.params)


def nearest_quant(quant: str) -> str:
    """Itself where synthetic weights of it can be made, else the one nearest in bits per weight."""
    if gguf_quant(quant) in QUANTS:
        return gguf_quant(quant)
    known = catalogue.load().quant(quant)
    if known is None:
        raise CannotMeasure(f"There is no quantisation {quant!r} in the catalogue.")
    return min(_makeable(), key=lambda other: abs(other.bits_per_weight - known.bits_per_weight)).id


def _makeable() -> list[Quant]:
    return [quant for quant in catalogue.load().quants.values() if quant.id in QUANTS]


def _notes(
    host: Host, said: tuple[str, str, str], measured: tuple[str, str, str], hardware: str | None
) -> Iterator[str]:
    if hardware is not None and host.machine.hardware != hardware:
        yield (
            f"{host.name} ({host.summary}) is another kind of machine than you asked about, "
            "so its numbers will not count for this recipe."
        )
    if said[0] != measured[0]:
        yield (
            f"{_engine_name(said[0])} cannot be started on {host.name}; "
            f"{_engine_name(measured[0])} is measured instead."
        )
    if (model := catalogue.load().model(said[1])) is not None and model.id != measured[1]:
        why = measurable(model, nearest_quant(said[2]), host.machine)
        name = catalogue.load().models[measured[1]].name
        yield f"{why} {name}, a smaller model, is measured instead."
    if gguf_quant(said[2]) != measured[2]:
        yield f"{said[2]} cannot be made of synthetic weights; {measured[2]} comes nearest."


def _engine_name(engine: str) -> str:
    known = rulebook.load().engines.get(engine)
    return known.name if known else engine
