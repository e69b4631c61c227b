"""What a decode step and a prompt cost in time: the formulas, and nothing else.

Every field is a number or an array of numbers, one for each row: the estimator works out one case,
`calibrate` fits the constants to all published rows at once, both by these formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Number: TypeAlias = Any  # float, or numpy.ndarray of floats

SHARPNESS = 4
"""How sharply the slower of two things that run at once decides; 1 would be one after the other."""

SENT_BYTES = 2  # a number that devices exchange is in 16 bits


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do, and nominal rates. Bytes, operations, seconds; rates per second.

    `untouched` is the share of experts one token leaves alone. `tensor` devices share every
    matrix, `several` is 1 where they are more than one. `sampled` are the logits that a
    processor looks through for each token. `per_thread` is one over the threads, 0 where the
    processor's threads are no limit.
    """

    dense_bytes: Number
    expert_bytes: Number
    untouched: Number
    mixture: Number  # 1 where there are experts, else 0
    active: Number
    layers: Number
    hidden: Number
    attention_flops: Number  # for one token that looks at one other
    sampled: Number
    ubatch: Number  # prompt tokens in one go
    bytes_s: Number
    flops: Number  # in the precision the matrices are multiplied in
    plain_flops: Number  # in 16 bits
    link_bytes_s: Number
    tensor: Number
    several: Number
    per_thread: Number


@dataclass(frozen=True, slots=True)
class Constants:
    """Fitted. Shares are of the nominal rate of `Work`; `data/fit.toml` says what each is."""

    bandwidth_share: Number
    cache_share: Number
    expert_reads: Number
    expert_spread: Number
    unpack_share: Number
    thread_flops: Number
    layer_s: Number
    step_s: Number
    sequence_s: Number
    sampling_s: Number
    batch_share: Number
    batch_expert_share: Number
    prefill_share: Number
    prefill_expert_share: Number
    attention_share: Number
    hop_s: Number
    link_share: Number
    slowed: Number


def slower_of(one: Number, other: Number) -> Number:
    """Both at once: as long as the slower, a little longer where they take about as long."""
    return (one**SHARPNESS + other**SHARPNESS) ** (1 / SHARPNESS)


def read_bytes(work: Work, c: Constants, sequences: Number) -> Number:
    """Weights that a step of that many sequences reads. Tokens of a batch choose like experts
    more often than by chance, hence the exponent."""
    touched = 1 - work.untouched ** (sequences**c.expert_spread)
    return work.dense_bytes + work.expert_bytes * touched * c.expert_reads


def step_s(work: Work, c: Constants, sequences: Number, cache_bytes: Number) -> Number:
    """Seconds of one decode step. `cache_bytes` is what one sequence keeps."""
    speed = work.bytes_s * c.slowed * work.tensor
    reading = read_bytes(work, c, sequences) / (speed * c.bandwidth_share)
    reading = reading + sequences * cache_bytes / (speed * c.cache_share)
    arithmetic = 2 * work.active / (c.slowed * work.tensor)
    unpacking = arithmetic / (work.plain_flops * c.unpack_share)
    threads = 2 * work.active * work.per_thread / c.thread_flops
    batched = work.flops * c.batch_share * c.batch_expert_share**work.mixture
    multiplying = arithmetic * sequences / batched
    busy = slower_of(slower_of(reading, slower_of(unpacking, threads)), multiplying)
    each = c.sequence_s + work.sampled * c.sampling_s
    fixed = work.layers * c.layer_s + c.step_s
    return busy + fixed + sequences * each + _exchange_s(work, c, sequences)


def prefill_s(work: Work, c: Constants, tokens: Number, depth: Number = 0.0) -> Number:
    """Seconds for a prompt of `tokens` after `depth` tokens that the cache already holds."""
    rate = work.flops * c.prefill_share * c.prefill_expert_share**work.mixture
    rate = rate * c.slowed * work.tensor
    looking = work.attention_flops * tokens * (depth + tokens / 2)
    looking = looking / (work.plain_flops * c.attention_share * work.tensor)
    goes = 1 + tokens / work.ubatch
    reading = (work.dense_bytes + work.expert_bytes) * goes
    reading = reading / (work.bytes_s * c.slowed * work.tensor * c.bandwidth_share)
    busy = slower_of(2 * work.active * tokens / rate, reading)
    return busy + looking + work.layers * c.layer_s + c.step_s + _exchange_s(work, c, tokens)


def _exchange_s(work: Work, c: Constants, tokens: Number) -> Number:
    """After every half layer the devices add up what each of them computed."""
    sent = tokens * work.hidden * SENT_BYTES * 2 * (work.tensor - 1) / work.tensor
    return 2 * work.layers * (work.several * c.hop_s + sent / (work.link_bytes_s * c.link_share))
