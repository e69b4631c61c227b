"""What every engine's recipe needs to know, worked out once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recommender.catalogue import Catalogue, Model, Quant, Variant
from recommender.estimate import load, memory
from recommender.estimate.machine import Machine, resolve
from recommender.estimate.parallel import Layout, layout
from recommender.estimate.weights import variant_of
from recommender.facts import Facts
from recommender.own.model import is_own

THOR = 11.0  # compute capability of the Jetson generation that runs the images of servers


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
    memory_share: float  # of the device, for engines that are told one
    jetson: str = ""  # "jetson-orin" or "jetson-thor": its own images, its own way to lend the GPU
    gpu_layers: int | None = None  # on the accelerator, where not all of them fit
    kv_type: str = "f16"  # what the memory was worked out for

    @property
    def own_weights(self) -> bool:
        """Nobody publishes these weights in the form the engine loads: the reader has a file."""
        places = self.model.repositories
        if self.variant.format == "gguf":
            tagged = self.engine == "ollama" and self.quant.id in places.ollama_tags
            return places.gguf is None and not tagged
        if self.variant.format == "mlx" and self.quant.id != "BF16":
            return self.quant.id not in places.mlx
        return not self.model.hf_id

    @property
    def runs_on(self) -> str:
        """What images are published for: the hardware, or which Jetson."""
        return self.jetson or self.hardware

    @property
    def windows(self) -> bool:
        return self.os == "windows"

    @property
    def parallel(self) -> int:
        """Devices of one machine that share each matrix."""
        return self._layout.tensor

    @property
    def whole_experts(self) -> bool:
        """No expert is cut: each is on one device."""
        return self._layout.whole_experts

    @property
    def used(self) -> int:
        """Accelerators that are not left idle, in all."""
        return self._layout.used

    @property
    def _layout(self) -> Layout:
        return layout(self.engine, self.model, self.quant, self.gpus)

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
        arch=_arch(facts, hardware, machine),
        gpus=facts.gpus or 1,
        slots=None if facts.users is None else at_once,
        users=load.users(facts),
        context=load.context(facts, model),
        name=_name(model),
        from_source=facts.privacy == "auditable" or "customise-engine" in needs,
        memory_share=_memory_share(catalogue.engines[engine_id].memory_share, machine),
        jetson=_jetson(machine),
    )


def _arch(facts: Facts, hardware: str, machine: Machine | None) -> str:
    """Of the processor that the device comes with, else as answered."""
    built_in = machine.device.arch if machine and machine.device else None
    usual = "arm64" if hardware in {"edge", "apple"} else "x86_64"
    return built_in or facts.arch or usual


def _name(model: Model) -> str:
    """What every engine takes as a name; of one's own model its name, not the whole answer."""
    said = model.name if is_own(model.id) else model.id
    return re.sub(r"[^A-Za-z0-9._-]+", "-", said).strip("-.")


def _memory_share(share: float, machine: Machine | None) -> float:
    """Where the system lives in the same memory, a share of what it leaves."""
    usable = machine.device.usable_share if machine and machine.device and machine.unified else 1.0
    return round(share * usable, 2)


def _jetson(machine: Machine | None) -> str:
    if machine is None or machine.hardware != "edge" or not machine.backend.startswith("cuda"):
        return ""
    newest = machine.device is not None and (machine.device.compute_capability or 0) >= THOR
    return "jetson-thor" if newest else "jetson-orin"


def _runtime(hardware: str, backend: str) -> str:
    """What to install for: an edge device counts as what it computes with."""
    if hardware == "edge":
        return "nvidia" if backend.startswith("cuda") else "cpu"
    return hardware
