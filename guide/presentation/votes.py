"""The five opinions, sorted to the sides they take."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.recommendation import Opinion, Recommendation


@dataclass(frozen=True, slots=True)
class Side:
    """The articles that would take `engine`; None: those that say nothing of these answers."""

    engine: str | None
    opinions: tuple[Opinion, ...]
    is_verdict: bool
    is_out: bool


def sides(rec: Recommendation) -> tuple[Side, ...]:
    """The verdict's side first, then by votes, the silent ones last."""
    chosen = rec.engine.id if rec.engine else None
    voted = dict.fromkeys(o.engine for o in rec.opinions if o.engine)
    engines = dict.fromkeys([*([chosen] if chosen else []), *voted])
    found = [_side(rec, engine, chosen) for engine in engines]
    found.sort(key=lambda side: (not side.is_verdict, -len(side.opinions)))
    silent = _side(rec, None, chosen)
    return (*found, silent) if silent.opinions else tuple(found)


def _side(rec: Recommendation, engine: str | None, chosen: str | None) -> Side:
    return Side(
        engine=engine,
        opinions=tuple(o for o in rec.opinions if o.engine == engine),
        is_verdict=engine is not None and engine == chosen,
        is_out=engine in {rejection.engine for rejection in rec.rejected},
    )
