"""The board of hosts, watched: a part for each host, the same for all with the same teams."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

from benchruns.board import Board, board_of, visible_to_teams
from benchruns.live.news import News
from benchruns.live.picture import Picture
from benchruns.models import Team
from benchruns.permits import person, teams_of


@dataclass(frozen=True, slots=True)
class HostsScene:
    """`teams`: whose member the watcher is. `site`: the embedded team, whose hosts are public."""

    teams: tuple[int, ...]
    site: int
    language: str

    pause_s = 1.0
    refresh_s = 15.0

    def concerned_by(self, news: News) -> bool:
        return news.team == self.site or news.team in self.teams

    def drawn(self) -> Picture:
        with translation.override(self.language):
            return _picture(self.board())

    def board(self) -> Board:
        return board_of(visible_to_teams(self.teams), self.teams)


def scene_for(request: HttpRequest) -> HostsScene:
    teams = teams_of(person(request)).values_list("pk", flat=True)
    return HostsScene(tuple(sorted(teams)), Team.embedded().pk, translation.get_language() or "en")


def state_of(board: Board) -> str:
    """Which hosts there are, and in which order."""
    names = ",".join(str(card.host.pk) for card in board.cards)
    return hashlib.blake2b(names.encode(), digest_size=6).hexdigest()


def _picture(board: Board) -> Picture:
    parts = {
        f"host-{card.host.pk}": render_to_string("benchruns/_host_card.html", {"card": card})
        for card in board.cards
    }
    parts["queues"] = render_to_string("benchruns/_queues.html", {"board": board})
    return Picture(state_of(board), parts)
