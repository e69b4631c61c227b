"""`/api/v1/hosts`: attached machines, and what their team's admins change of them."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from benchruns import host_life
from benchruns.enrolment import revoke
from benchruns.models import Host, Scope
from benchruns.permits import Act, may
from benchruns.sharing import share_by_default
from guide.api import shapes
from guide.api.edge import Refusal, not_found
from guide.api.operations import Answer, Call, Operation
from guide.api.paging import cut, decoded, link, row_id


def visible(call: Call) -> QuerySet[Host]:
    return Host.objects.visible_to(call.caller.person).select_related("team")


def one(call: Call, pk: int) -> Host:
    """Raises Refusal, for what is not there and what is somebody else's alike."""
    found = visible(call).filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


def shown(host: Host, call: Call) -> shapes.Host:
    mine = may(call.caller.person, host.team, Act.VIEW)
    return _shown(host, call, mine)


def _shown(host: Host, call: Call, mine: bool) -> shapes.Host:
    engines = [engine for engine in host.engines if engine["provider"]]
    return shapes.Host.model_validate(
        {
            **{name: getattr(host, name) for name in _SAME},
            "team": host.team.slug,
            "machine": host.summary,
            "engines": [{name: engine[name] for name in _OF_ENGINE} for engine in engines],
            "default_visibility": host.default_visibility if mine else None,
            "page": call.request.build_absolute_uri(host.get_absolute_url()),
        }
    )


_SAME: Final = (
    "id", "name", "measures", "live", "paused", "accepts_visitors", "attached_at", "last_seen_at",
    "revoked_at",
)  # fmt: skip
_OF_ENGINE: Final = ("id", "provider", "version")


def listed(call: Call) -> Answer:
    """By id, the oldest first."""
    query: shapes.HostQuery = call.query
    hosts = visible(call).order_by("pk")
    hosts = hosts.filter(team__slug=query.team) if query.team else hosts
    after = decoded(query.after, (row_id,))
    hosts = hosts.filter(pk__gt=after[0]) if after else hosts
    rows, more = cut(list(hosts[: query.limit + 1]), query.limit)
    mine = {team for team in {row.team for row in rows} if may(call.caller.person, team, Act.VIEW)}
    told = tuple(_shown(row, call, row.team in mine) for row in rows)
    next_page = link(call.request, [rows[-1].pk]) if more else None
    return Answer(shapes.HostPage(hosts=told, next=next_page))


def detail(call: Call) -> Answer:
    return Answer(shown(one(call, call.path["host"]), call))


def change(call: Call) -> Answer:
    host, said = _managed(call), call.body
    if host.revoked_at is not None:
        raise Refusal(409, f"{host.name} is revoked: nothing of it changes any more.")
    with transaction.atomic():
        _rename(host, said, call)
        _pause(host, said, call)
        if said.default_visibility is not None:
            share_by_default(host, said.default_visibility or None, call.caller.person)
    return Answer(shown(one(call, host.pk), call))


def _rename(host: Host, said: shapes.HostChange, call: Call) -> None:
    if said.name is None:
        return
    try:
        host_life.rename(host, said.name, call.caller.person)
    except host_life.NameTaken as error:
        taken = f"name: {host.team} has a host called {said.name} already."
        raise Refusal(409, taken) from error


def _pause(host: Host, said: shapes.HostChange, call: Call) -> None:
    if said.paused is not None:
        change = host_life.pause if said.paused else host_life.resume
        change(host, call.caller.person)


def remove(call: Call) -> Answer:
    """A repeat changes nothing and gets the same answer."""
    host = _managed(call)
    if host.revoked_at is None:
        revoke(host, call.caller.person)
    return Answer(shown(one(call, host.pk), call))


def _managed(call: Call) -> Host:
    host = one(call, call.path["host"])
    if not may(call.caller.person, host.team, Act.ATTACH):
        raise Refusal(403, f"Only admins of {host.team} change {host.name}.")
    return host


OPERATIONS: Final = (
    Operation(
        "get", "/api/v1/hosts", "hosts", "hosts", "Hosts that are public or your teams'",
        Scope.READ, shapes.HostPage, listed, query=shapes.HostQuery,
    ),
    Operation(
        "get", "/api/v1/hosts/{host}", "host", "hosts", "One host",
        Scope.READ, shapes.Host, detail,
    ),
    Operation(
        "patch", "/api/v1/hosts/{host}", "change-host", "hosts",
        "Rename it, pause it, say who sees what it will measure",
        Scope.HOSTS, shapes.Host, change, needs=True, body=shapes.HostChange,
        refusals={409: "the name is taken, or the host is revoked"},
    ),
    Operation(
        "delete", "/api/v1/hosts/{host}", "revoke-host", "hosts",
        "Revoke it: its token stops working at once, its history stays and bears nothing out",
        Scope.HOSTS, shapes.Host, remove, needs=True,
    ),
)  # fmt: skip
