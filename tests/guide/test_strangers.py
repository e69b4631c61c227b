"""The stranger walk: every address of the site as somebody who has no business there.

The list comes from the URL resolver. An address that `stranger_table.py` does not know fails the
walk by name, so that none is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection, models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.fixtures import Settings

from benchruns import api_tokens, audit
from benchruns.enrolment import make_code, revoke
from benchruns.models import (
    ApiToken,
    EnrolmentCode,
    Host,
    Membership,
    Result,
    Role,
    Run,
    Schedule,
    Scope,
    Team,
)
from benchruns.teams.invitations import invite
from tests.benchruns import people
from tests.benchruns.made import Machine, as_sent, document, event, queued
from tests.guide.stranger_table import (
    BODIES,
    OF_THE_DONE,
    TABLE,
    VIEWERS,
    VIEWERS_OWN,
    WRITES,
    Whose,
)

pytestmark = pytest.mark.django_db

MARK = "zebrafish"
"""In the name of everything the team has, so that a page which tells any of it is found out."""

METHODS = ("get", "post", "put", "patch", "delete")
OFFER = {
    "engine": "vllm",
    "provider": "cpu",
    "version": "0.32.0",
    "name": "vLLM",
    "minutes": 10,
    "disk_gib": 5,
}


# Every address there is


@dataclass(frozen=True, slots=True)
class Address:
    """`fields`: the names of what stands in its path."""

    name: str
    route: str
    fields: tuple[str, ...]


def addresses() -> tuple[Address, ...]:
    return tuple(_walked(get_resolver().url_patterns, "", ()))


def _walked(
    patterns: list[URLPattern | URLResolver], before: str, fields: tuple[str, ...]
) -> Iterator[Address]:
    for each in patterns:
        route = before + str(each.pattern)
        here = (*fields, *each.pattern.converters, *each.pattern.regex.groupindex)
        if isinstance(each, URLResolver):
            yield from _walked(each.url_patterns, route, here)
        else:
            yield Address(each.name or "", route, tuple(dict.fromkeys(here)))


def test_every_address_has_a_name_and_a_line_in_the_table() -> None:
    known = {address.name for address in addresses()}
    nameless = [address.route for address in addresses() if not address.name]
    assert not nameless, f"these have no name in their urls.py: {nameless}"
    missing, gone = sorted(known - set(TABLE)), sorted(set(TABLE) - known)
    assert not missing, f"say in tests/guide/stranger_table.py whose these are: {missing}"
    assert not gone, f"there are no such addresses any more: {gone}"
    of_teams = {name for name, whose in TABLE.items() if whose is Whose.TEAM}
    assert not (set(WRITES) | VIEWERS | VIEWERS_OWN | OF_THE_DONE) - of_teams


# The team whose business it is


@dataclass
class World:
    """A team with something of every kind, all of it marked."""

    team: Team
    owner: User
    viewer: User
    host: Host
    run: Run
    done: Run
    ids: dict[str, Any] = field(default_factory=dict)
    before: str = ""  # what it has, as the walk began


def world() -> World:
    acme = people.team(f"{MARK} team")
    owner = people.member(acme, Role.OWNER, f"{MARK}-owner")
    member = people.member(acme, Role.MEMBER, f"{MARK}-member")
    viewer = people.member(acme, Role.VIEWER, f"{MARK}-viewer")
    machine = Machine(f"{MARK}-host", team=acme)
    done = machine.claimed(team=acme, asked_by=owner, wanted_host=machine.row, note=MARK)
    machine.about(done, "events", events=[event(message=MARK)])
    machine.about(done, "result", document=as_sent(document()))
    Result.objects.filter(run=done).update(visibility="team")
    Host.objects.update(installs=[OFFER])  # each claim tells them anew
    waiting = queued(team=acme, asked_by=owner, wanted_host=machine.row, note=MARK, log=MARK)
    invitation, _ = invite(owner, acme, Role.MEMBER, f"{MARK}@example.org")
    make_code(acme, made_by=owner)
    what = {"engine": "llama.cpp", "model": "llama-3.2-1b", "quant": "Q8_0", "preset": "quick"}
    schedule = Schedule.objects.create(team=acme, host=machine.row, said=MARK, **what)
    token, _ = api_tokens.make(owner, MARK, list(Scope), None)
    audit.record(owner, acme, "host.renamed", MARK)
    made = World(acme, owner, viewer, machine.row, waiting, done)
    made.ids = {
        "slug": acme.slug,
        "host_id": machine.row.pk,
        "run_id": waiting.pk,
        "run": waiting.pk,
        "host": machine.row.pk,
        "code_id": EnrolmentCode.objects.get().pk,
        "schedule_id": schedule.pk,
        "token_id": token.pk,
        "member_id": Membership.objects.get(user=member).pk,
        "invitation_id": invitation.pk,
    }
    return made


NOWHERE: dict[str, Any] = {
    "slug": "no-such-thing",
    "host_id": 987_654,
    "run_id": uuid4(),
    "run": uuid4(),
    "host": 987_654,
    "code_id": 987_654,
    "schedule_id": 987_654,
    "token_id": 987_654,
    "member_id": 987_654,
    "invitation_id": 987_654,
}

ANYTHING: dict[str, Any] = {
    "token": "rgi_unknown",
    "key": "unknown",
    "uidb36": "1",
    "pk": 987_654,
    "metric": "ttft_ms",
    "form": "svg",
}
"""What stands in the path of addresses that are of no team; "vllm" where nothing else does."""


def path_of(address: Address, ids: dict[str, Any], of: World) -> str:
    ids = ids if TABLE[address.name] in (Whose.TEAM, Whose.HOST) else NOWHERE
    if address.name in OF_THE_DONE and ids is not NOWHERE:
        ids = ids | {"run_id": of.done.pk, "run": of.done.pk}
    given = {name: ids.get(name, ANYTHING.get(name, "vllm")) for name in address.fields}
    return reverse(address.name, kwargs=given)


def form(of: World, address: Address) -> dict[str, Any]:
    """Something sensible for every form there is: each takes the fields it knows.

    Only what goes to a team's own addresses is marked: the others may repeat what was typed.
    """
    if address.name in BODIES:
        return BODIES[address.name]
    own = TABLE[address.name] is Whose.TEAM
    return {
        "name": "renamed",
        "role": "admin",
        "email": "",
        "typed": of.team.name if own else "x",
        "username": f"{MARK}-member" if own else "x",
        "team": of.team.slug if own else "x",
        "host": of.host.pk,
        "engine": "vllm",
        "provider": "cpu",
        "model": "llama-3.2-1b",
        "quant": "Q8_0",
        "visibility": "public",
        "results": str(of.done.pk),
    }


def belongings(of: World) -> str:
    """Everything the team has, as text: the same text means that nothing was changed."""
    rows: dict[str, Any] = {}
    for model in apps.get_app_config("benchruns").get_models():
        if (found := _rows_of(model, of.team)) is not None:
            rows[model.__name__] = list(found.order_by("pk").values())
    return json.dumps(rows, default=str)


def _rows_of(model: type[models.Model], team: Team) -> models.QuerySet[Any] | None:
    if model is Team:
        return Team.objects.filter(pk=team.pk)
    if model is ApiToken:
        return ApiToken.objects.filter(name=MARK)
    names = {f.name: f for f in model._meta.get_fields() if f.many_to_one or f.one_to_one}
    for name, way in (("team", "team"), ("run", "run__team"), ("host", "host__team")):
        if name in names and names[name].concrete:
            return model._default_manager.filter(**{way: team})
    return None


# Who has no business there


def visitor(of: World) -> Client:
    return people.browser()


def rival(of: World) -> Client:
    """The owner of another team."""
    return people.browser(people.member(people.team("Rivals"), Role.OWNER, "rita"))


def former(of: World) -> Client:
    """Was a member, and asked for the runs."""
    fred = people.person("fred")
    Run.objects.filter(team=of.team).update(asked_by=fred, requester="")
    return people.browser(fred)


def revoked_host(of: World) -> Client:
    machine = Machine("gone", team=of.team)
    revoke(machine.row)
    return Client(headers={"Authorization": f"Bearer {machine.token}"})


def rivals_host(of: World) -> Client:
    machine = Machine("other", team=people.team("Rivals"))
    return Client(headers={"Authorization": f"Bearer {machine.token}"})


def rivals_program(of: World) -> Client:
    """With every scope there is."""
    rita = people.member(people.team("Rivals"), Role.OWNER, "rita")
    return program_of(rita)


STRANGERS = (visitor, rival, former, revoked_host, rivals_host, rivals_program)


def program_of(user: User) -> Client:
    """Signed in, and with a token: pages know one by the cookie, the API by the other."""
    _, secret = api_tokens.make(user, "all", list(Scope), None)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    client.force_login(user)
    return client


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    text: str
    changed: bool


def ask(client: Client, method: str, address: Address, ids: dict[str, Any], of: World) -> Said:
    """In a savepoint that is rolled back, so that every address finds the same world."""
    path, cookies = path_of(address, ids, of), client.cookies.copy()
    programs = address.route.startswith("api/")
    body: Any = None if programs and method == "get" else form(of, address)
    more: dict[str, Any] = {}
    if method not in ("get", "post") or (method == "post" and programs):
        body, more = json.dumps(body, default=str), {"content_type": "application/json"}
    cache.clear()  # no limit by the minute shall hide what is behind it
    written: list[str] = []
    of.before = of.before or belongings(of)
    with transaction.atomic(), connection.execute_wrapper(_noting(written)):
        point = transaction.savepoint()
        answer = getattr(client, method)(path, body, **more)
        changed = bool(written) and belongings(of) != of.before
        text = "" if answer.streaming else answer.content.decode(errors="replace")
        transaction.savepoint_rollback(point)
    client.cookies = cookies
    return Said(answer.status_code, text.replace(path, ""), changed)


def broke(said: Said) -> bool:
    """503 is what /readyz says where there is no broker, as in these tests."""
    return said.status >= 500 and said.status != 503


def _noting(written: list[str]) -> Any:
    """Notes what is written to the tables of hosts, runs and teams."""

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "benchruns_" in sql and not sql.lstrip().upper().startswith("SELECT"):
            written.append(sql)
        return execute(sql, params, many, context)

    return note


@pytest.fixture
def of(settings: Settings) -> World:
    settings.OPEN_RUNS = settings.OPEN_INSTALLS = True
    settings.SIGNUP = "invited"
    return world()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda who: who.__name__)
def test_a_stranger_gets_nothing_and_is_not_told_what_there_is(
    of: World, stranger: Any, method: str
) -> None:
    client = stranger(of)
    wrong = {
        address.name: said
        for address in addresses()
        if _goes(stranger, method, address)
        and (said := _told_too_much(client, method, address, of))
    }
    assert not wrong


def _goes(stranger: Any, method: str, address: Address) -> bool:
    """Machines and programs need no second look at pages for everybody: those ask who is signed in
    and read no token, so that they are a visitor there. Nor does every one of these methods."""
    if address.route.startswith("api/") or TABLE[address.name] is Whose.HOST:
        return True
    if method not in ("get", "post"):
        return stranger is rival
    return stranger in (visitor, rival) or TABLE[address.name] is Whose.TEAM


def _told_too_much(client: Client, method: str, address: Address, of: World) -> str:
    """What was wrong with the answer; "" when nothing was."""
    said = ask(client, method, address, of.ids, of)
    if broke(said):
        return f"broke with {said.status}"
    if MARK in said.text:
        return "tells of what the team has"
    if said.changed:
        return "changed what the team has"
    if TABLE[address.name] not in (Whose.TEAM, Whose.HOST):
        return ""
    if TABLE[address.name] is Whose.TEAM and said.status < 300:
        return f"answered {said.status}"
    nothing = ask(client, method, address, NOWHERE, of)
    if (said.status, said.text) != (nothing.status, nothing.text):
        return f"{said.status} for what is there, {nothing.status} for what is not, or other words"
    return ""


@pytest.mark.parametrize("method", METHODS)
def test_a_viewer_looks_and_changes_nothing(of: World, method: str) -> None:
    client, wrong = program_of(of.viewer), {}
    for address in addresses():
        said = ask(client, method, address, of.ids, of)
        if broke(said):
            wrong[address.name] = f"broke with {said.status}"
        if said.changed and address.name not in VIEWERS_OWN:
            wrong[address.name] = f"changed what the team has ({said.status})"
        sees, may = said.status == 200, method == "get" and address.name in VIEWERS
        if TABLE[address.name] is Whose.TEAM and sees != may:
            wrong[address.name] = f"answered {said.status}"
    assert not wrong


@pytest.mark.parametrize(("name", "method"), sorted(WRITES.items()))
def test_the_same_form_does_its_work_for_the_owner(of: World, name: str, method: str) -> None:
    """Else the walk would prove nothing."""
    (address,) = (each for each in addresses() if each.name == name)
    said = ask(program_of(of.owner), method, address, of.ids, of)
    assert said.changed, f"{said.status}: {said.text}"


@pytest.mark.parametrize("method", METHODS)
def test_visitors_are_asked_to_sign_in_where_something_is_their_own(of: World, method: str) -> None:
    for address in addresses():
        if TABLE[address.name] is Whose.OWN:
            status = ask(people.browser(), method, address, of.ids, of).status
            assert status in (302, 401, 403, 404, 405), (address.name, status)
