"""What a million tokens cost on a machine whose prices somebody gave.

    machine  = price / (years × 8766 h × utilisation)         for an hour under load
    rent     = rent / utilisation
    power    = watts / 1000 × electricity
    idle     = idle watts / 1000 × electricity × (1 − utilisation) / utilisation
    a million output tokens = their sum / (output tokens/s × 3600) × 1,000,000

The interval is the speed's. Prompts and answers together: the same hour over all its tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from recommender.prices import Cost, CostPart, CostPoint, Prices, Range
from recommender.recommendation import Figure, Recommendation, Speed, SpeedPoint

HOURS_OF_A_YEAR = 365.25 * 24
MILLION = 1e6
UNKNOWN = "The speed on this machine is not known: say what machine it is, or measure it."


def priced(rec: Recommendation, prices: Prices | None) -> Recommendation:
    """The same with its cost, where prices were given and an engine is left to run."""
    if prices is None or rec.engine is None:
        return rec
    return replace(rec, cost=cost(prices, rec.speed))


def cost(prices: Prices, speed: Speed | None) -> Cost:
    """At the clients that the speed is for, and over all that are known."""
    parts = tuple(_parts(prices))
    per_hour = hour(prices)
    points = _points(speed) if speed else {}
    here = points.get(speed.clients) if speed and speed.clients else None
    output = _range(per_hour, here.total_tok_s, 1.0) if here else None
    share = _tokens_of_one(speed) if speed else None
    known = here is not None and output is not None
    return Cost(
        prices=prices,
        parts=parts,
        per_hour=per_hour,
        clients=speed.clients if speed else None,
        tok_s=here.total_tok_s.value if here else None,
        prompt_tokens=speed.prompt_tokens if speed else None,
        output_tokens=speed.output_tokens if speed else None,
        output=output,
        both=_range(per_hour, here.total_tok_s, share) if here and share else None,
        points=tuple(_costs(per_hour, points)),
        basis=str(here.total_tok_s.basis) if here and known else "",
        why_not="" if known else UNKNOWN,
    )


def _parts(prices: Prices) -> Iterator[CostPart]:
    share, money = prices.utilisation or 1.0, prices.currency
    if prices.price is not None and prices.years is not None:
        hours = prices.years * HOURS_OF_A_YEAR * share
        how = f"{prices.price:g} {money} / ({prices.years:g} years × 8766 h × {share:g})"
        yield CostPart("machine", "The machine", prices.price / hours, how)
    if prices.rent is not None:
        how = f"{prices.rent:g} {money} / {share:g}"
        yield CostPart("rent", "Rent", prices.rent / share, how)
    if prices.watts is None or prices.electricity is None:
        return
    kwh = f"{prices.electricity:g} {money}"
    power = prices.watts / 1000 * prices.electricity
    yield CostPart("power", "Power under load", power, f"{prices.watts:g} W / 1000 × {kwh}")
    if prices.idle_watts is not None:
        idle = prices.idle_watts / 1000 * prices.electricity * (1 - share) / share
        how = f"{prices.idle_watts:g} W / 1000 × {kwh} × (1 − {share:g}) / {share:g}"
        yield CostPart("idle", "Power while idle", idle, how)


def _points(speed: Speed) -> dict[int, SpeedPoint]:
    """By clients: measured where it was, else estimated."""
    estimated = {point.clients: point for point in speed.estimated}
    measured = {p.clients: p for p in speed.measured if p.total_tok_s.value is not None}
    return {**estimated, **measured}


def _costs(per_hour: float, points: dict[int, SpeedPoint]) -> Iterator[CostPoint]:
    for clients, point in sorted(points.items()):
        found = _range(per_hour, point.total_tok_s, 1.0)
        if found is not None:
            yield CostPoint(clients, found)


def _range(per_hour: float, rate: Figure, tokens: float) -> Range | None:
    """`tokens`: how many are counted for each of the answers'. The fast end is the cheap one."""
    if not rate.value:
        return None
    value = per_million(per_hour, rate.value * tokens)
    slow, fast = rate.low or rate.value, rate.high or rate.value
    return Range(value, per_million(per_hour, fast * tokens), per_million(per_hour, slow * tokens))


def hour(prices: Prices) -> float:
    """Money for an hour under load."""
    return sum(part.per_hour for part in _parts(prices))


def per_million(per_hour: float, tok_s: float) -> float:
    """Money for a million tokens."""
    return per_hour / (tok_s * 3600) * MILLION


def _tokens_of_one(speed: Speed) -> float | None:
    """Tokens of prompt and answer for each token of the answer."""
    if speed.prompt_tokens is None or not speed.output_tokens:
        return None
    return (speed.prompt_tokens + speed.output_tokens) / speed.output_tokens
