"""The board of hosts: what each is like just now, what it does, and what waits for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet
from pydantic import ValidationError

from benchruns.host.schema.vitals import Vitals
from benchruns.models import Host, Run, Team, Visibility
from benchruns.models.teams import EMBEDDED_SLUG
from benchruns.sharing import decided
from benchruns.states import HELD, State

MOST: Final = 200
"""Hosts on one board; who has more sees those that were heard of last."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Of one team, in runs."""

    team: Team
    waiting: int
    held: int


@dataclass(frozen=True, slots=True)
class Card:
    """`runs`: those it has in hand which the reader may see; `others`: how many more it has."""

    host: Host
    runs: tuple[Run, ...]
    others: int
    waiting: int

    @property
    def vitals(self) -> Vitals | None:
        """None where it told nothing, or nothing that can be read."""
        return told(self.host) if self.host.live else None

    @property
    def busy(self) -> bool:
        return bool(self.runs or self.others)

    @property
    def presence(self) -> str:
        """For people who do not look. What it does is not said: that changes all the time."""
        if not self.host.live:
            return f"{self.host.name} does not answer."
        return f"{self.host.name} is paused." if self.host.paused else f"{self.host.name} answers."


@dataclass(frozen=True, slots=True)
class Board:
    cards: tuple[Card, ...]
    queues: tuple[Queue, ...]


def told(host: Host) -> Vitals | None:
    if not host.vitals:
        return None
    try:
        return Vitals.model_validate(host.vitals)
    except ValidationError:  # kept by another release of this site: as if it had told nothing
        return None


def visible_to_teams(teams: Collection[int]) -> QuerySet[Host]:
    """Attached hosts of these teams and those open to visitors: `Host.visible_to` by teams."""
    public = Q(team__slug=EMBEDDED_SLUG, accepts_visitors=True)
    return Host.objects.attached().filter(public | Q(team__in=teams))


def board_of(hosts: QuerySet[Host], teams: Collection[int]) -> Board:
    """`teams`: those whose members look at it. Four queries, however many hosts there are."""
    shown = list(hosts.select_related("team").order_by("-last_seen_at", "name")[:MOST])
    shown.sort(key=lambda host: (host.team.name, host.name, host.pk))
    held = _held(shown)
    waiting = _waiting(shown)
    cards = (_card(host, held.get(host.pk, ()), waiting.get(host.pk, 0), teams) for host in shown)
    return Board(tuple(cards), _queues({host.team for host in shown}))


def _card(host: Host, held: Iterable[Run], waiting: int, teams: Collection[int]) -> Card:
    runs = list(held)
    seen = tuple(run for run in runs if _is_for(run, host, teams))
    return Card(host, seen, len(runs) - len(seen), waiting)


def _is_for(run: Run, host: Host, teams: Collection[int]) -> bool:
    """`runs_for` without a person: one board is drawn for all members of the same teams, so what
    is private is on none."""
    who = decided(run, host)
    if run.team_id in teams:
        return who != Visibility.PRIVATE
    return who == Visibility.PUBLIC and run.team.slug == EMBEDDED_SLUG


def _held(hosts: Iterable[Host]) -> Mapping[int, list[Run]]:
    found: dict[int, list[Run]] = {}
    runs = Run.objects.filter(host__in=list(hosts), state__in=HELD).select_related("team")
    for run in runs.defer("log", "answers").order_by("claimed_at"):
        assert run.host_id is not None
        found.setdefault(run.host_id, []).append(run)
    return found


def _waiting(hosts: Iterable[Host]) -> Mapping[int, int]:
    runs = Run.objects.filter(state=State.QUEUED, wanted_host__in=list(hosts)).order_by()
    return dict(runs.values_list("wanted_host").annotate(Count("pk")))


def _queues(teams: Collection[Team]) -> tuple[Queue, ...]:
    runs = Run.objects.filter(team__in=teams, state__in=[State.QUEUED, *HELD]).order_by()
    waits = Count("pk", filter=Q(state=State.QUEUED))
    rows = runs.values("team").annotate(waits=waits, whole=Count("pk"))
    counted = {row["team"]: (row["waits"], row["whole"] - row["waits"]) for row in rows}
    ordered = sorted(teams, key=lambda team: team.name)
    return tuple(Queue(team, *counted.get(team.pk, (0, 0))) for team in ordered)
