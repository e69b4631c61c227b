"""What every engine's recipe needs to know, worked out once."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.catalogue import Catalogue, Model, Quant, Variant
from recommender.estimate import load, memory
from recommender.estimate.machine import resolve
from recommender.estimate.weights import variant_of
from recommender.facts import Facts


@dataclass(frozen=True, slots=True)
class Plan:
    """One model on one engine for one load.

    `slots` is None while nobody said how many people there are: the engine keeps its own default.
    `context` is of one conversation, in tokens. `name` is what clients put into "model".
    """

    engine: str
    model: Model
    quant: Quant
    variant: Variant
    hardware: str
    os: str
    arch: str
    gpus: int
    slots: int | None
    users: int
    context: int
    name: str
    from_source: bool
    metrics: bool

    @property
    def windows(self) -> bool:
        return self.os == "windows"

    @property
    def parallel(self) -> int:
        """Devices of one machine that can share each matrix: a number that divides the heads."""
        most = min(self.gpus, -(-self.gpus // self.nodes))
        return max(n for n in range(1, most + 1) if self.model.heads % n == 0)

    @property
    def nodes(self) -> int:
        """Machines: more accelerators than one holds are spread over several."""
        return load.nodes(self.gpus)

    @property
    def kv_tokens(self) -> int:
        """The whole cache that slots are cut from."""
        return self.context * (self.slots or 1)


def plan(engine_id: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue) -> Plan:
    """Raises ValueError when the engine does not load this quantisation."""
    machine = resolve(facts, catalogue)
    hardware = machine.hardware if machine else (facts.hardware or "none-yet")
    system = facts.os or ("macos" if hardware == "apple" else "linux")
    needs = facts.needs or frozenset()
    at_once = memory.slots(engine_id, model, quant, facts, catalogue)
    return Plan(
        engine=engine_id,
        model=model,
        quant=quant,
        variant=variant_of(engine_id, quant),
        hardware=_runtime(hardware, machine.backend if machine else ""),
        os=system,
        arch=facts.arch or "x86_64",
        gpus=facts.gpus or 1,
        slots=None if facts.users is None else at_once,
        users=load.users(facts),
        context=load.context(facts, model),
        name=model.id,
        from_source=facts.privacy == "auditable" or "customise-engine" in needs,
        metrics="metrics" in needs or facts.purpose == "production-api",
    )


def _runtime(hardware: str, backend: str) -> str:
    """What to install for: an edge device counts as what it computes with."""
    if hardware == "edge":
        return "nvidia" if backend.startswith("cuda") else "cpu"
    return hardware
