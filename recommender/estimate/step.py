"""The time of one decode step and of one prompt, at one guess of the constants."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from recommender.catalogue import Backend, Guess, Model, Quant, Variant
from recommender.estimate import kv
from recommender.estimate.machine import Machine
from recommender.estimate.weights import step_bytes, variant_of


@dataclass(frozen=True, slots=True)
class Case:
    """One model on one machine. Rates per second, times in seconds; flops None: not known.

    `pace` is how much faster than computed a step is taken to be, within what the memory allows.
    """

    model: Model
    variant: Variant
    bytes_s: float
    limit_bytes_s: float
    pace: float
    batch_flops: float | None
    prefill_flops: float | None
    step_s: float
    sequence_s: float

    def step(self, sequences: float, tokens: float) -> float | None:
        """Seconds of a decode step: what is read, what is multiplied, what it always costs."""
        arithmetic = self._arithmetic(sequences)
        if arithmetic is None:
            return None
        read = step_bytes(self.model, self.variant, sequences)
        read += sequences * kv.bytes_of(self.model, tokens)
        computed = read / self.bytes_s + arithmetic + self.step_s + self.sequence_s * sequences
        return max(computed / self.pace, read / self.limit_bytes_s)

    def prefill(self, tokens: float) -> float | None:
        """Seconds for a prompt: arithmetic, or reading the weights where that takes longer."""
        if self.prefill_flops is None:
            return None
        arithmetic = 2 * self.model.active * tokens / self.prefill_flops
        return max(arithmetic, step_bytes(self.model, self.variant, tokens) / self.bytes_s)

    def _arithmetic(self, sequences: float) -> float | None:
        """The first sequence multiplies while its weights are being read; only more ones add."""
        if sequences <= 1:
            return 0.0
        if self.batch_flops is None:
            return None
        return 2 * self.model.active * (sequences - 1) / self.batch_flops


def case(
    engine_id: str, model: Model, quant: Quant, machine: Machine, backend: Backend, guess: Guess
) -> Case:
    """The constants of engine and machine put together.

    Raises:
        ValueError: the engine does not load this quantisation.
    """
    scale = _scale(machine.gpus, backend.tensor_parallel)
    flops = _flops(model, quant, machine, backend, guess)
    share = backend.prefill_share
    bandwidth = machine.bandwidth.at(guess) * 1e9
    return Case(
        model=model,
        variant=variant_of(engine_id, quant),
        bytes_s=bandwidth * backend.bandwidth_share * scale,
        limit_bytes_s=bandwidth * machine.gpus,
        pace=backend.decode_spread.at(guess),
        batch_flops=None if flops is None else flops * backend.batch_share * scale,
        prefill_flops=None if flops is None else flops * share.at(guess) * scale,
        step_s=backend.step_ms / 1000,
        sequence_s=backend.sequence_ms / 1000,
    )


def _scale(gpus: int, efficiency: float) -> float:
    """How much faster several devices are than one: each doubling keeps `efficiency` of its gain.
    0 is for engines that pass a token from device to device."""
    return max(1.0, (2 * efficiency) ** log2(gpus)) if gpus > 1 else 1.0


def _flops(
    model: Model, quant: Quant, machine: Machine, backend: Backend, guess: Guess
) -> float | None:
    wanted = backend.computes_in or quant.compute
    spread = machine.tflops.get(wanted) or machine.tflops.get("fp16")
    if spread is None:
        return None
    return spread.at(guess) * 1e12 * (1.0 if model.experts is None else backend.experts_share)
