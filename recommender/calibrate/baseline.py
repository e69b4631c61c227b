"""The plain roofline to compare with: one efficiency for all, fitted on the same rows.

Decoding: bandwidth over the bytes of the active weights, for each sequence at once. Prompts:
arithmetic over two operations for each active weight. What an engineer would do on an envelope.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from recommender.calibrate.samples import KINDS, Sample


def roofline(sample: Sample) -> float:
    """Tokens/s at full efficiency."""
    work, devices = sample.work, sample.work.tensor
    if sample.kind == "prefill":
        return float(work.flops * devices / (2 * work.active))
    chosen = work.dense_bytes + work.expert_bytes * (1 - work.untouched)
    return float(sample.running * work.bytes_s * devices / chosen)


def efficiencies(samples: Sequence[Sample]) -> dict[str, float]:
    """Median of published over roofline, for each kind of row."""
    return {
        kind: median(s.said.value / roofline(s) for s in samples if s.kind == kind)
        for kind in KINDS
    }


def foretold(sample: Sample, efficiency: dict[str, float]) -> float:
    return roofline(sample) * efficiency[sample.kind]
