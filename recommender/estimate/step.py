"""The time of one decode step and of one prompt: a case's numbers put into the formulas."""

from __future__ import annotations

from dataclasses import dataclass, replace

from recommender import catalogue
from recommender.catalogue import Backend, Guess, Model, Quant, Variant
from recommender.estimate import cost, fitted, kv
from recommender.estimate.cost import Constants, Work
from recommender.estimate.machine import Machine
from recommender.estimate.traits import AS_SHIPPED, Setting, Traits, family, traits
from recommender.estimate.weights import step_bytes, variant_of

NEVER = 1e30
"""FLOP/s of a device whose arithmetic nobody states: it is left out, not guessed."""

LINK_BYTES_S = 15.8e9
"""Between accelerators where nobody knows how they are connected: PCIe 3.0 ×16, or 4.0 ×8."""
UBATCH = {"ggml": 512, "mlx": 512, "server": 2048}  # prompt tokens in one go, as shipped
ALL = 1e9  # so many sequences that every expert is chosen


@dataclass(frozen=True, slots=True)
class Case:
    """One model on one machine. Rates per second, times in seconds.

    `pace` is how much faster than computed a step is taken to be, within what the memory allows.
    """

    model: Model
    variant: Variant
    traits: Traits
    work: Work
    constants: Constants
    limit_bytes_s: float
    multiplies: bool  # the device's arithmetic is known
    pace: float = 1.0

    def step(self, sequences: float, tokens: float) -> float | None:
        """Seconds of a decode step; None for a batch where the device's arithmetic is not known."""
        cache = self._cache_bytes(tokens)
        if not self.multiplies and sequences > 1:
            return None
        took = float(cost.step_s(self.work, self.constants, sequences, cache))
        return max(took / self.pace, self.least_s(sequences, tokens))

    def least_s(self, sequences: float, tokens: float) -> float:
        """No step is shorter: the chosen weights and the cache come from the memory once."""
        read = step_bytes(self.model, self.variant, sequences)
        read += sequences * self._cache_bytes(tokens)
        return read / self.limit_bytes_s

    def _cache_bytes(self, tokens: float) -> float:
        """What all devices together read of one sequence."""
        return kv.bytes_of(self.model, tokens, tensor=round(float(self.work.tensor)))

    def prefill(self, tokens: float, depth: float = 0.0) -> float | None:
        """Seconds for a prompt after `depth` tokens; None where the arithmetic is not known."""
        if not self.multiplies:
            return None
        return float(cost.prefill_s(self.work, self.constants, tokens, depth))

    def in_turn(self, nodes: int) -> Case:
        """The same where that many machines take turns."""
        work = self.work
        slow = replace(work, bytes_s=work.bytes_s / nodes, flops=work.flops / nodes)
        return replace(self, work=slow)


def case(
    engine_id: str,
    model: Model,
    quant: Quant,
    machine: Machine,
    backend: Backend,
    guess: Guess = "value",
    how: Setting = AS_SHIPPED,
) -> Case:
    """The constants of engine and machine put together.

    Raises:
        ValueError: the engine does not load this quantisation.
    """
    variant, flops = variant_of(engine_id, quant), _flops(quant, machine, backend, guess)
    groups = traits(engine_id, quant, machine, flops, how)
    return Case(
        model=model,
        variant=variant,
        traits=groups,
        work=_work(engine_id, model, variant, machine, guess, flops, how),
        constants=fitted.constants(groups),
        limit_bytes_s=machine.bandwidth.at(guess) * 1e9 * machine.gpus,
        multiplies=flops is not None,
    )


def work(
    engine_id: str,
    model: Model,
    quant: Quant,
    machine: Machine,
    backend: Backend,
    how: Setting = AS_SHIPPED,
) -> tuple[Work, Traits]:
    """What `case` puts into the formulas, without the fitted constants: what they are fitted to.

    Raises:
        ValueError: the engine does not load this quantisation.
    """
    flops = _flops(quant, machine, backend, "value")
    found = _work(engine_id, model, variant_of(engine_id, quant), machine, "value", flops, how)
    return found, traits(engine_id, quant, machine, flops, how)


def _work(
    engine_id: str,
    model: Model,
    variant: Variant,
    machine: Machine,
    guess: Guess,
    flops: float | None,
    how: Setting,
) -> Work:
    plain, kin = machine.tflops.get("fp16"), family(engine_id)
    tensor = _tensor(kin, machine, how)
    experts = model.expert_params * (variant.expert_bits or variant.body_bits) / 8
    looked_up = 0 if model.tied else model.embedding_params  # one row of the input embedding
    return Work(
        dense_bytes=step_bytes(model, variant, ALL) - experts,
        expert_bytes=experts,
        untouched=1 - (model.active_experts or 1) / (model.experts or 1),
        mixture=0.0 if model.experts is None else 1.0,
        active=float(model.active - looked_up - model.looked_up_params),
        layers=float(model.layers),
        hidden=float(model.hidden),
        attention_flops=4.0 * _looking_layers(model) * model.heads * model.head_dim,
        sampled=float(model.vocab) if how.served and kin == "ggml" else 0.0,
        ubatch=float(how.ubatch or UBATCH[kin]),
        bytes_s=machine.bandwidth.at(guess) * 1e9,
        flops=flops or NEVER,
        plain_flops=plain.at(guess) * 1e12 if plain else NEVER,
        link_bytes_s=_link(machine),
        tensor=float(tensor),
        several=1.0 if tensor > 1 else 0.0,
        per_thread=1 / how.threads if how.threads else 0.0,
    )


def _tensor(kin: str, machine: Machine, how: Setting) -> int:
    """Devices that share every matrix. llama.cpp and MLX pass a token from one to the next."""
    if how.tensor is not None:
        return how.tensor
    return machine.gpus if kin == "server" else 1


def _looking_layers(model: Model) -> int:
    """Layers whose tokens look at all before them."""
    full = model.attention.full_layers
    return model.layers if full is None else full


def _link(machine: Machine) -> float:
    """Bytes/s from one accelerator to the next, as the catalogue has it."""
    link = None if machine.device is None else catalogue.load().connects(machine.device.id)
    return LINK_BYTES_S if link is None else link.gb_s * 1e9


def _flops(quant: Quant, machine: Machine, backend: Backend, guess: Guess) -> float | None:
    wanted = backend.computes_in or quant.compute
    spread = machine.tflops.get(wanted) or machine.tflops.get("fp16")
    return None if spread is None else spread.at(guess) * 1e12
