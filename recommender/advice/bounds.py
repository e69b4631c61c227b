"""What physics rules out before a machine is judged: saves the work, never changes the answer."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.advice import given
from recommender.advice.builds import Build
from recommender.advice.need import Need
from recommender.catalogue import GIB, Catalogue, Variant
from recommender.estimate import kv
from recommender.estimate.load import TALK
from recommender.estimate.weights import step_bytes, weights_bytes


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least a machine must have, at its nominal speed: bytes of memory, bytes/s of bandwidth
    and operations/s of all its accelerators together."""

    stored: float
    bytes_s: float
    flops: float

    def allow(self, build: Build) -> bool:
        """Unknown arithmetic rules nothing out."""
        device = build.device
        fastest = max(device.tflops.values(), default=None)
        return (
            build.usable_gib * GIB >= self.stored
            and device.bandwidth_gb_s * 1e9 * build.count >= self.bytes_s
            and (fastest is None or fastest * 1e12 * build.count >= self.flops)
        )


def bounds(need: Need, catalogue: Catalogue) -> Bounds:
    """From the smallest weights of the precision wanted, with everybody's cache."""
    variants = _variants(need.answers.text("quant"), catalogue)
    model, pace, within = need.model, need.tokens_per_user, need.target.ttft_ms
    # A pool of conversations that grow holds them at half their length on average.
    cache = need.requests * kv.bytes_of(model, need.context / 2)
    talked = need.requests * kv.bytes_of(model, TALK.tokens)
    read = min(step_bytes(model, variant, need.requests) for variant in variants) + talked
    return Bounds(
        stored=min(weights_bytes(model, variant) for variant in variants) + cache,
        bytes_s=(pace or 0.0) * read,
        flops=2 * model.active * TALK.prompt / (within / 1000) if within else 0.0,
    )


def _variants(quant: str | None, catalogue: Catalogue) -> list[Variant]:
    """The one that was asked for, in its formats, or all that are precise enough."""
    least = given.load().precision.quality
    known = catalogue.quants.values()
    wanted = [q for q in known if (q.id == quant if quant else q.quality >= least)]
    return [variant for q in wanted for variant in q.variants]
