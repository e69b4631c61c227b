"""Which measurement speaks for an engine in this case, and what it says at the stated users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from recommender import trust
from recommender.estimate.load import TALK
from recommender.evidence import Evidence, MeasuredPoint, Measurement
from recommender.facts import Facts
from recommender.recommendation import Basis, Figure, Reason, SpeedPoint
from recommender.wording import number

MEMORY_SHARE = 0.25
"""A machine with this much more or less memory than was said may still be the one meant."""

PROMPT_SHARE = 0.2
"""Prompts this much longer or shorter than those asked about still count as as long."""

MARGIN = 0.10
"""An engine counts as beaten when another was measured more than this much better (ADR 0001)."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was asked for; None: not asked."""

    tok_s_per_user: float | None
    ttft_ms: float | None

    def __bool__(self) -> bool:
        return self.tok_s_per_user is not None or self.ttft_ms is not None

    def met(self, tok_s: float | None, ttft_ms: float | None) -> bool | None:
        """Whether these figures meet it. None without a target or where a figure is missing."""
        checks = []
        if self.tok_s_per_user is not None:
            checks.append(None if tok_s is None else tok_s >= self.tok_s_per_user)
        if self.ttft_ms is not None:
            checks.append(None if ttft_ms is None else ttft_ms <= self.ttft_ms)
        if False in checks:
            return False
        return None if not checks or None in checks else True

    def sentence(self) -> str:
        speed, first = self.tok_s_per_user, self.ttft_ms
        parts = [f"{speed:g} tokens/s for each"] if speed is not None else []
        parts += [f"the first token within {first:g} ms"] if first is not None else []
        return " and ".join(parts)


def applying(evidence: Evidence, facts: Facts) -> tuple[Measurement, ...]:
    """Measurements on a machine that nothing said of this one contradicts, newest first.

    `facts` are those that are known: what is merely assumed contradicts nobody.
    """
    hardware = None if facts.hardware == "none-yet" else facts.hardware
    found = evidence.measurements(hardware=hardware, device=facts.device, model=facts.model)
    return tuple(m for m in found if _same_machine(m, facts))


def nearby(evidence: Evidence, facts: Facts) -> tuple[Measurement, ...]:
    """The same of whatever model: how this machine compares with others of its kind."""
    return applying(evidence, facts if facts.model is None else replace(facts, model=None))


def _same_machine(measurement: Measurement, facts: Facts) -> bool:
    """The same device and as many; or a processor, which no catalogue names, as it was described.

    One accelerator's figure is no figure for another that nobody named.
    """
    if facts.device is not None:
        same, gpus = measurement.device == facts.device, facts.gpus or 1
        return same and measurement.accelerators == gpus and _memory(measurement, facts)
    if measurement.hardware != "cpu" or facts.hardware != "cpu":
        return False
    plain = facts.gpus is None and _memory(measurement, facts)
    return plain and _agree(measurement.os, facts.os) and _agree(measurement.arch, facts.arch)


def _agree(measured: str, said: str | None) -> bool:
    return said is None or measured == said


def _memory(measurement: Measurement, facts: Facts) -> bool:
    """Within what people round, or a module more or less would be another machine."""
    said, had = facts.memory_gb, measurement.memory_gib
    return said is None or had is None or abs(had - said) <= MEMORY_SHARE * said


def of_engine(
    found: Sequence[Measurement], engine: str, model: str, quant: str
) -> Measurement | None:
    """The newest of this engine, model and quantisation, of one's own machine before others'; one
    set for the load before as-shipped."""
    same = [m for m in found if (m.engine, m.model, m.quant) == (engine, model, quant)]
    near = [m for m in same if m.own] or same
    tuned = [m for m in near if m.variant == "tuned"]
    return next(iter(tuned or near), None)


def at(measurement: Measurement, clients: int) -> MeasuredPoint | None:
    """The point at exactly this many clients."""
    return next((p for p in measurement.points if p.clients == clients), None)


def cautious(point: MeasuredPoint) -> tuple[float | None, float | None]:
    """What nearly everybody got: p5 tokens/s and p95 first token, else the medians."""
    tok_s = point.tok_s_per_user_p5
    ttft = point.ttft_p95_ms
    return (
        point.tok_s_per_user_p50 if tok_s is None else tok_s,
        point.ttft_p50_ms if ttft is None else ttft,
    )


def verdict(
    measurement: Measurement, users: int, target: Target
) -> tuple[bool, MeasuredPoint] | None:
    """Whether the target was met, and the point that shows it; None where no point can tell.

    Exactly the stated users decide. Else fewer clients that already miss it, more that still
    meet it; or, where nothing was measured up to the stated users, the next larger load. What
    was unstable proves nothing but a miss that its whole interval shows.
    """
    known = [
        (_met(measurement, p, target) if p.stable else _missed_clearly(measurement, p, target), p)
        for p in measurement.points
    ]
    told = [(met, p) for met, p in known if met is not None]
    exact = [(met, p) for met, p in told if p.clients == users]
    fewer = [(met, p) for met, p in told if p.clients < users and not met]
    more = [(met, p) for met, p in told if p.clients > users and met]
    only_more = [] if any(p.clients < users for _, p in told) else told
    found = exact or sorted(fewer, key=_clients, reverse=True) or more
    return next(iter(found or sorted(only_more, key=_clients)), None)


def _met(measurement: Measurement, point: MeasuredPoint, target: Target) -> bool | None:
    """Whether nearly everybody got it. Too few samples to know their share can still show a miss:
    the median is never worse than the tail."""
    checks = []
    if target.tok_s_per_user is not None:
        wanted = Target(target.tok_s_per_user, None)
        tail, middle = point.tok_s_per_user_p5, point.tok_s_per_user_p50
        checks.append(_told(wanted.met(tail, None), wanted.met(middle, None)))
    if target.ttft_ms is not None:
        wanted = Target(None, target.ttft_ms)
        tail, middle = point.ttft_p95_ms, point.ttft_p50_ms
        told = _told(wanted.met(None, tail), wanted.met(None, middle))
        checks.append(told if told is None or _bears(measurement, met=told) else None)
    if False in checks:
        return False
    return None if not checks or None in checks else True


def _missed_clearly(measurement: Measurement, point: MeasuredPoint, target: Target) -> bool | None:
    """False where even the better end of the median's interval misses; else nothing is known.

    A figure known to ±20 % still tells that it is half of what was asked.
    """
    if point.disturbed:
        return None
    best = Target(target.tok_s_per_user, None).met(point.tok_s_per_user_high, None)
    first = Target(None, target.ttft_ms).met(None, point.ttft_low_ms)
    late = first is False and _bears(measurement, met=False)
    return False if best is False or late else None


def _told(tail: bool | None, middle: bool | None) -> bool | None:
    return tail if tail is not None else (False if middle is False else None)


def _bears(measurement: Measurement, *, met: bool) -> bool:
    """A wait within the limit counts for prompts as long as those asked about, a miss for
    prompts no longer."""
    tokens, asked = measurement.prompt_tokens, TALK.prompt
    return tokens >= asked * (1 - PROMPT_SHARE) if met else tokens <= asked * (1 + PROMPT_SHARE)


def unproven(measurement: Measurement | None, users: int, target: Target) -> Target:
    """What of the target no measurement has shown to be met."""
    if measurement is None:
        return target
    speed, first = Target(target.tok_s_per_user, None), Target(None, target.ttft_ms)
    met = [_shown(measurement, users, t) for t in (speed, first)]
    return Target(
        None if met[0] else target.tok_s_per_user,
        None if met[1] else target.ttft_ms,
    )


def _shown(measurement: Measurement, users: int, target: Target) -> bool:
    told = verdict(measurement, users, target)
    return told is not None and told[0]


def doubts(measurement: Measurement, point: MeasuredPoint, target: Target) -> Iterator[str]:
    """Why a point that was measured at the stated users proves nothing of the target."""
    tails = (
        (target.tok_s_per_user, point.tok_s_per_user_p5),
        (target.ttft_ms, point.ttft_p95_ms),
    )
    if any(asked is not None and tail is None for asked, tail in tails):
        yield (
            f"Too few samples at {_people(point.clients)} to know what nearly everybody got: the"
            " median is no proof that the target is met."
        )
    if target.ttft_ms is not None and not _bears(measurement, met=True):
        yield (
            f"Prompts of {measurement.prompt_tokens} tokens were measured, {TALK.prompt:g} are"
            " assumed: too short to prove that the first token comes in time."
        )


def comparable(one: Measurement, other: Measurement) -> bool:
    """The same work on the same machine, set up in the same way."""
    return _work(one) == _work(other)


def _work(one: Measurement) -> tuple[object, ...]:
    host = one.host_id, one.host  # the name alone is one team's own
    where = one.machine, one.hardware, one.device, one.accelerators
    return *host, *where, one.model, one.quant, one.variant, one.prompt_tokens, one.output_tokens


def _clients(entry: tuple[bool, MeasuredPoint]) -> int:
    return entry[1].clients


def beaten(
    mine: MeasuredPoint, other: MeasuredPoint, priority: str | None
) -> tuple[float, float] | None:
    """(mine, other's) figure of the priority where the other was clearly better, both stable."""
    if not (mine.stable and other.stable):
        return None
    if priority == "throughput":
        a, b = mine.total_tok_s, other.total_tok_s
        return (a, b) if a and b and b > a * (1 + MARGIN) else None
    if priority == "latency":
        a, b = mine.ttft_p95_ms, other.ttft_p95_ms
        return (a, b) if a and b and a > b * (1 + MARGIN) else None
    return None


def basis(facts: Facts) -> Basis:
    return Basis.MEASURED_HERE if facts.device is None else Basis.MEASURED_SAME_DEVICE


def where(measurement: Measurement) -> str:
    day = measurement.measured_at.date().isoformat()
    return f"{measurement.host}: {measurement.machine}, {day}"


def tokens(measurement: Measurement) -> str:
    return f"{measurement.prompt_tokens} tokens in, {measurement.output_tokens} out"


def weights(measurement: Measurement) -> str:
    kind = (
        "synthetic weights of the model's shape"
        if measurement.synthetic_weights
        else "real weights"
    )
    return f"{kind}, {tokens(measurement)}"


def points(measurement: Measurement, facts: Facts) -> tuple[SpeedPoint, ...]:
    """As the pages show them: medians; their interval is what nearly everybody got."""
    return tuple(_point(p, basis(facts), tokens(measurement)) for p in measurement.points)


def _point(point: MeasuredPoint, basis: Basis, tokens: str) -> SpeedPoint:
    note = tokens if point.stable else f"{tokens}; unstable: repeat it"
    speed, first = point.tok_s_per_user_p50, point.ttft_p50_ms
    return SpeedPoint(
        point.clients,
        Figure(speed, point.tok_s_per_user_p5, None, "tok/s", basis, note),
        Figure(point.total_tok_s, None, None, "tok/s", basis, note),
        Figure(first, None, point.ttft_p95_ms, "ms", basis, note),
    )


def figures(measurement: Measurement, point: MeasuredPoint) -> str:
    """ "12.3 tokens/s for each, first token after 210 ms" with what was measured."""
    tok_s, ttft = cautious(point)
    parts = [] if tok_s is None else [f"{number(tok_s)} tokens/s for each"]
    parts += [] if ttft is None else [f"the first token after {number(ttft)} ms"]
    people = _people(point.clients)
    return f"{' and '.join(parts)} at {people} ({tokens(measurement)})"


def _people(clients: int) -> str:
    return "1 client" if clients == 1 else f"{clients} clients"


def reason(measurement: Measurement, text: str) -> Reason:
    title = f"{where(measurement)}; {trust.short(measurement)}"
    return Reason("measurement", "measurement", text, measurement.url, title)
