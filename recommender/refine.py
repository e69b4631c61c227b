"""Estimates of an engine on a device, refined by what was measured of that engine there.

A fit on everybody's machines knows nothing of this one: its cooling, drivers, build. What was
measured with another model, quantisation or number of clients shows how much faster or slower
this one is than others of its kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp, log
from statistics import median

from recommender.catalogue import Catalogue
from recommender.estimate import speed
from recommender.estimate.load import Talk
from recommender.estimate.roofline import hard_limit
from recommender.evidence import Measurement
from recommender.facts import Facts
from recommender.recommendation import Basis, Figure, SpeedPoint

DOUBT = 1.0
"""Measurements that say as much as the estimate did before: one pulls it half of the way."""

LIMIT = 2.5
"""No estimate is moved further than by this factor: something else is wrong then."""

SURER = 0.5
"""How much of the interval's width (of the logarithm) many measurements take away."""


@dataclass(frozen=True, slots=True)
class Refined:
    """Factors on rates and on the wait for the first token (None: not measured), of `count`
    measurements. `weight` is how far they pulled, from 0 to 1."""

    rate: float
    wait: float | None
    count: int
    hidden: bool = False  # whether any of them is not public

    @property
    def weight(self) -> float:
        return self.count / (self.count + DOUBT)

    @property
    def note(self) -> str:
        what = "1 measurement" if self.count == 1 else f"{self.count} measurements"
        kept = ", not all public," if self.hidden else ""
        return f"refined by {what}{kept} of this engine on this device (×{self.rate:.2f})"


def refined(
    engine: str, facts: Facts, catalogue: Catalogue, near: Sequence[Measurement]
) -> Refined | None:
    """What the measurements of this engine say; None where none of them can be estimated. `near`
    are those of this machine, of whatever model."""
    kept = [m for m in near if m.engine == engine and not _unsure(m, catalogue)]
    told = [found for m in kept if (found := _ratios(m, facts, catalogue)) is not None]
    if not told:
        return None
    waits = [wait for _, wait in told if wait is not None]
    rate = _shrunk([rate for rate, _ in told])
    hidden = any(m.visibility != "public" for m in kept)
    return Refined(rate, _shrunk(waits) if waits else None, len(told), hidden)


def _unsure(measurement: Measurement, catalogue: Catalogue) -> bool:
    """Synthetic weights of a mixture choose their experts as no real ones do."""
    model = catalogue.models.get(measurement.model)
    return measurement.synthetic_weights and model is not None and model.experts is not None


def _shrunk(logs: Sequence[float]) -> float:
    pulled = sum(logs) / (len(logs) + DOUBT)
    return exp(max(-log(LIMIT), min(log(LIMIT), pulled)))


@lru_cache(maxsize=2048)
def _ratios(
    measurement: Measurement, facts: Facts, catalogue: Catalogue
) -> tuple[float, float | None] | None:
    """Logarithms of measured over estimated: of the pace and of the wait, medians over clients."""
    points = [p for p in measurement.points if p.stable and not p.disturbed]
    paces, waits = [], []
    for point, guess in zip(points, _estimates(measurement, facts, catalogue), strict=False):
        if point.tok_s_per_user_p50 and guess.tok_s_per_user.value:
            paces.append(log(point.tok_s_per_user_p50 / guess.tok_s_per_user.value))
        if point.ttft_p50_ms and guess.ttft_ms.value:
            waits.append(log(point.ttft_p50_ms / guess.ttft_ms.value))
    return (median(paces), median(waits) if waits else None) if paces else None


def _estimates(
    measurement: Measurement, facts: Facts, catalogue: Catalogue
) -> tuple[SpeedPoint, ...]:
    """For the very clients, lengths and slots that were measured; none where it cannot be said."""
    model = catalogue.models.get(measurement.model)
    quant = catalogue.quants.get(measurement.quant)
    clients = tuple(p.clients for p in measurement.points if p.stable and not p.disturbed)
    if model is None or quant is None or not clients or quant.variant(measurement.engine) is None:
        return ()
    engine = catalogue.engines[measurement.engine]
    slots = max(clients) if measurement.variant == "tuned" else engine.slots_as_shipped
    talk = Talk(measurement.prompt_tokens, measurement.output_tokens)
    case = measurement.engine, model, quant, facts, catalogue
    return speed.points(*case, slots=slots, clients=clients, talk=talk)


def applied(
    point: SpeedPoint, by: Refined | None, model: str, quant: str, facts: Facts, shelf: Catalogue
) -> SpeedPoint:
    """The estimate moved and surer; one user never gets more than the memory delivers."""
    if by is None:
        return point
    device = shelf.device(facts.device) if facts.device else None
    most, known = None, shelf.model(model)
    if device is not None and known is not None:
        most = hard_limit(device, known, shelf.quants[quant]) * (facts.gpus or 1)
    return replace(
        point,
        tok_s_per_user=_moved(point.tok_s_per_user, by.rate, by, most),
        total_tok_s=_moved(point.total_tok_s, by.rate, by, most and most * point.clients),
        ttft_ms=_moved(point.ttft_ms, by.wait, by),
    )


def _moved(figure: Figure, factor: float | None, by: Refined, most: float | None = None) -> Figure:
    if figure.value is None or factor is None:
        return figure
    value = figure.value * factor
    value = value if most is None else min(value, most)
    narrow = 1 - SURER * by.weight
    low, high = (_end(figure, end, value, narrow) for end in (figure.low, figure.high))
    high = high if most is None else min(high, most)
    note = f"{by.note[0].upper()}{by.note[1:]}. {figure.note}".strip()
    return replace(figure, value=value, low=low, high=high, basis=Basis.CALIBRATED, note=note)


def _end(figure: Figure, end: float | None, value: float, narrow: float) -> float:
    assert figure.value is not None
    return float(value * ((end or figure.value) / figure.value) ** narrow)
