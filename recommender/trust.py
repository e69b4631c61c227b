"""How far a measurement is borne out by others of the same work, and what that lets it decide.

Three tiers: measured once (unverified), repeated on its machine, reproduced on another machine of
the same kind. Whether two measurements agree rests on their intervals and on allowances with
sources (`data/trust.toml`). The rule of what decides is ADR 0015.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recommender.evidence import MeasuredPoint, Measurement, Tier

__all__ = ["Standing", "Tier", "Witness", "agree", "hidden", "load", "short", "standing", "words"]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Row):
    id: str
    title: str
    url: str
    checked: date


class Allowance(_Row):
    share: Annotated[float, Field(gt=0, lt=0.5)]
    source: str
    text: str


class Allowances(_Row):
    """One without a source that is listed does not load."""

    between_runs: Allowance
    between_hosts: Allowance
    source: tuple[Source, ...]

    @model_validator(mode="after")
    def _has_its_sources(self) -> Allowances:
        known = {source.id for source in self.source}
        missing = {self.between_runs.source, self.between_hosts.source} - known
        if missing:
            raise ValueError(f"trust.toml names a source that it does not list: {missing}")
        return self


@cache
def load() -> Allowances:
    """The shipped allowances.

    Raises:
        pydantic.ValidationError: the data is wrong.
    """
    text = (files("recommender") / "data" / "trust.toml").read_text("utf-8")
    return Allowances.model_validate(tomllib.loads(text))


@dataclass(frozen=True, slots=True)
class Witness:
    """A measurement, and who brought it. `samples`: the same for the same raw samples."""

    measurement: Measurement
    host: int
    team: int
    samples: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """`backed`: borne out well enough to decide for people who do not own the machine."""

    tier: Tier
    backed: bool
    disputed: bool


def standing(mine: Witness, others: Iterable[Witness]) -> Standing:
    """Where a measurement stands among others of the same work, newest first.

    Of another machine its newest speaks for it. A copy of the same samples is no second opinion.
    """
    rest = [other for other in others if not other.samples or other.samples != mine.samples]
    newest = {other.host: other for other in reversed(rest)}
    runs, hosts = load().between_runs.share, load().between_hosts.share
    here = [o for o in rest if o.host == mine.host and _agree(mine, o, runs)]
    there = [o for host, o in newest.items() if host != mine.host and _agree(mine, o, hosts)]
    against = [o for o in newest.values() if _contradicts(mine, o, runs, hosts)]
    disputed = len(against) > len(there)
    tier = Tier.REPRODUCED if there else Tier.REPEATED if here else Tier.UNVERIFIED
    return Standing(tier, _backed(mine, here, there) and not disputed, disputed)


def _backed(mine: Witness, here: Sequence[Witness], there: Sequence[Witness]) -> bool:
    """By somebody else's machine; or repeated, and not only in files that were brought."""
    watched = any(not one.measurement.uploaded for one in (mine, *here))
    return any(one.team != mine.team for one in there) or bool(here and watched)


def _agree(one: Witness, other: Witness, share: float) -> bool:
    return agree(one.measurement, other.measurement, share) is True


def _contradicts(mine: Witness, other: Witness, runs: float, hosts: float) -> bool:
    """Another version of the engine may be faster: that is no contradiction."""
    if mine.measurement.engine_version != other.measurement.engine_version:
        return False
    share = runs if mine.host == other.host else hosts
    return agree(mine.measurement, other.measurement, share) is False


def agree(one: Measurement, other: Measurement, share: float) -> bool | None:
    """Whether their medians agree at every load that both measured undisturbed: their intervals,
    each `share` wider on both sides, overlap. None: there is no such load."""
    told = [_overlap(*pair, share) for pair in _pairs(one, other)]
    known = [met for met in told if met is not None]
    return all(known) if known else None


Interval = tuple[float, float]


def _pairs(
    one: Measurement, other: Measurement
) -> Iterator[tuple[Interval | None, Interval | None]]:
    """Of every common load the pace of each user and the wait for the first token."""
    found = {point.clients: point for point in other.points if not point.disturbed}
    for point in one.points:
        same = found.get(point.clients)
        if same is not None and not point.disturbed:
            yield _pace(point), _pace(same)
            yield _wait(point), _wait(same)


def _pace(point: MeasuredPoint) -> Interval | None:
    return _interval(point.tok_s_per_user_p50, point.tok_s_per_user_low, point.tok_s_per_user_high)


def _wait(point: MeasuredPoint) -> Interval | None:
    return _interval(point.ttft_p50_ms, point.ttft_low_ms, point.ttft_high_ms)


def _interval(median: float | None, low: float | None, high: float | None) -> Interval | None:
    """Without an interval only the allowance is left."""
    if median is None:
        return None
    return (median if low is None else low, median if high is None else high)


def _overlap(one: Interval | None, other: Interval | None, share: float) -> bool | None:
    if one is None or other is None:
        return None
    wider, narrower = 1 + share, 1 - share
    return one[0] * narrower <= other[1] * wider and other[0] * narrower <= one[1] * wider


MEANINGS = {
    Tier.UNVERIFIED: "measured once, on one machine",
    Tier.REPEATED: "measured again on the same machine, and the runs agree",
    Tier.REPRODUCED: "another machine of this kind measured the same",
}
DISPUTED = "disputed: other measurements of the same work contradict it"
SEEN_BY = {
    "team": "measured by your team, not public",
    "private": "measured for you or your team's admins, not public",
}
ALONE = "It decides nothing until this site has it repeated or another team reproduces it."


def hidden(measurement: Measurement) -> tuple[str, ...]:
    """What a reader should know who might show the page to others; nothing of what is public."""
    said = SEEN_BY.get(measurement.visibility)
    return (f"This rests on what was {said}: others may be told otherwise.",) if said else ()


def short(measurement: Measurement) -> str:
    """The same in a few words, beside a name and a day."""
    parts = [str(measurement.tier)]
    parts += ["disputed"] if measurement.disputed else []
    parts += ["not public"] if measurement.visibility in SEEN_BY else []
    return ", ".join(parts)


def words(measurement: Measurement) -> str:
    """What a reader should know of who stands behind it: "Unverified: measured once, …"."""
    parts = [f"{measurement.tier.capitalize()}: {MEANINGS[Tier(measurement.tier)]}"]
    parts += [DISPUTED] if measurement.disputed else []
    parts += ["uploaded by its owner"] if measurement.uploaded else []
    parts += [SEEN_BY[measurement.visibility]] if measurement.visibility in SEEN_BY else []
    return "; ".join(parts) + "." + ("" if measurement.bears else f" {ALONE}")
