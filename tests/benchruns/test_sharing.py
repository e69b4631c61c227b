"""Who sees a result: said by a run, a host or a team, and changed afterwards."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from benchruns.installs import request_install
from benchruns.models import AuditEntry, Host, Result, Run, Team, Visibility
from benchruns.permits import Act, may
from benchruns.seeing import seen_by
from benchruns.services import request_plan
from benchruns.states import State
from tests.benchruns.made import Machine, as_sent, document, plan, queued
from tests.benchruns.people import browser, join, member, person, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Team:
    return team("acme")


def measured(of: Team, **columns: object) -> Run:
    machine = Machine(f"host of {of.slug}", team=of, accepts_visitors=False)
    run = machine.claimed(team=of, by_visitor=False, **columns)
    assert machine.about(run, "result", document=as_sent(document())).status_code == 200
    run.refresh_from_db()
    return run


def status(run: Run, who: Client) -> int:
    return int(who.get(run.get_absolute_url()).status_code)


def shared(run: Run, who: Client, to: str) -> int:
    return int(who.post(f"/runs/{run.pk}/sharing", {"visibility": to}).status_code)


# What decides


def test_a_new_team_keeps_what_it_measures_to_itself_and_this_site_shares_it(acme: Team) -> None:
    assert measured(acme).result.visibility == Visibility.TEAM
    assert measured(Team.embedded()).result.visibility == Visibility.PUBLIC


def test_a_host_comes_before_its_team_and_a_run_before_its_host(acme: Team) -> None:
    run = measured(acme)
    Host.objects.update(default_visibility=Visibility.PUBLIC)
    machine = Machine("second", team=acme, default_visibility=Visibility.PUBLIC)
    other = machine.claimed(team=acme)
    machine.about(other, "result", document=as_sent(document(itl_s=0.06)))
    third = machine.claimed(team=acme, visibility=Visibility.PRIVATE)
    machine.about(third, "result", document=as_sent(document(itl_s=0.07)))
    found = {r.run_id: r.visibility for r in Result.objects.all()}
    assert found == {run.pk: "team", other.pk: "public", third.pk: "private"}


def test_an_uploaded_result_is_seen_as_its_host_and_team_say(acme: Team) -> None:
    machine = Machine("bob", team=acme)
    machine.post("results", {"document": as_sent(document())})
    assert Result.objects.get().visibility == Visibility.TEAM


# Who sees it


@pytest.mark.parametrize(
    ("visibility", "seen"),
    [
        ("public", {"visitor", "stranger", "viewer", "asker", "admin"}),
        ("team", {"viewer", "asker", "admin"}),
        ("private", {"asker", "admin"}),
    ],
)
def test_it_is_there_for_whom_it_is_meant(acme: Team, visibility: str, seen: set[str]) -> None:
    people = {
        "visitor": None,
        "stranger": person("stranger"),
        "viewer": member(acme, "viewer"),
        "asker": member(acme, "member", "asker"),
        "admin": member(acme, "admin"),
    }
    run = measured(acme, asked_by=people["asker"], visibility=visibility)
    assert {name for name, who in people.items() if status(run, browser(who)) == 200} == seen


def test_whoever_leaves_a_team_no_longer_sees_what_they_asked_for_there(acme: Team) -> None:
    anna = member(acme, "member", "anna")
    run = measured(acme, asked_by=anna, visibility="private")
    anna.memberships.all().delete()
    assert status(run, browser(anna)) == 404


def test_a_run_that_is_private_is_so_before_it_has_a_result(acme: Team) -> None:
    anna = member(acme, "member", "anna")
    run = Machine("bob", team=acme).claimed(team=acme, asked_by=anna, visibility="private")
    viewer = member(acme, "viewer")
    assert run in seen_by("", Run.objects.all(), anna)
    assert run not in seen_by("", Run.objects.all(), viewer)


@pytest.mark.parametrize("says", ["host", "team"])
def test_a_run_that_says_nothing_is_hidden_before_it_has_a_result_as_host_and_team_say(
    says: str,
) -> None:
    host = Machine().row
    (host if says == "host" else host.team).default_visibility = Visibility.PRIVATE
    run = request_plan(plan(), host)
    assert run.visibility == Visibility.PRIVATE
    assert status(run, Client()) == 404
    Run.objects.update(state=State.FAILED)
    assert status(run, Client()) == 404


def test_an_installation_is_hidden_as_its_host_says(settings: Settings) -> None:
    settings.OPEN_INSTALLS = True
    offer = {"engine": "vllm", "provider": "cpu", "version": "0.32.0", "name": "vLLM"}
    offer |= {"disk_gib": 6.0, "minutes": 3.0}
    host = Machine(installs=[offer], default_visibility=Visibility.PRIVATE).row
    assert status(request_install(host, "vllm", "cpu"), Client()) == 404


def test_what_is_said_when_a_run_is_asked_for_stays() -> None:
    machine = Machine(default_visibility=Visibility.PRIVATE)
    run = request_plan(plan(), machine.row)
    Host.objects.update(default_visibility=Visibility.PUBLIC)
    machine.claim()
    assert machine.about(run, "result", document=as_sent(document())).status_code == 200
    assert Result.objects.get().visibility == Visibility.PRIVATE


def test_runs_of_earlier_releases_are_as_their_host_or_team_had_it(acme: Team) -> None:
    shy, open_ = Machine("shy", default_visibility="private").row, Machine("open").row
    runs = [
        queued(wanted_host=shy),
        queued(host=shy, state=State.FAILED),
        queued(wanted_host=open_),
        queued(wanted_host=shy, team=acme),
        queued(wanted_host=shy, visibility="team"),
        queued(),
    ]
    kept = measured(acme)
    import_module("benchruns.migrations.0010_visibility_of_runs").fill(apps, connection)
    found = dict(Run.objects.values_list("pk", "visibility"))
    expected = ["private", "private", "public", "team", "team", "public"]
    assert [found[run.pk] for run in runs] == expected
    assert found[kept.pk] == ""


def test_an_admin_of_one_team_is_none_of_another(acme: Team) -> None:
    """A role is looked for together with its team."""
    viewer = member(acme, "viewer")
    join(viewer, team("beta"), "owner")
    assert status(measured(acme, visibility="private"), browser(viewer)) == 404
    assert not may(viewer, acme, Act.MANAGE)


# Changing it


def test_an_admin_shares_and_withdraws_and_both_are_written_down(acme: Team) -> None:
    run, admin = measured(acme), browser(member(acme, "admin"))
    assert shared(run, admin, "public") == 303
    assert status(run, Client()) == 200
    assert shared(run, admin, "private") == 303
    assert status(run, Client()) == 404
    said = [(e.verb, e.target, e.detail) for e in AuditEntry.objects.filter(verb__startswith="res")]
    assert said == [
        ("result.withdrawn", str(run.pk), {"before": "public", "now": "private"}),
        ("result.shared", str(run.pk), {"before": "team", "now": "public"}),
    ]


def test_whoever_asked_for_it_says_so_too(acme: Team) -> None:
    anna = member(acme, "member", "anna")
    assert shared(measured(acme, asked_by=anna), browser(anna), "public") == 303


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_others_of_the_team_do_not(acme: Team, role: str) -> None:
    run = measured(acme)
    assert shared(run, browser(member(acme, role)), "public") == 404
    assert status(run, Client()) == 404


def test_strangers_do_not_whether_or_not_they_see_it(acme: Team) -> None:
    hidden, public = measured(acme), measured(Team.embedded())
    for run in (hidden, public):
        assert shared(run, browser(person(f"stranger {run.pk}")), "private") == 404
        assert shared(run, Client(), "private") == 404


def test_it_says_what_is_allowed(acme: Team) -> None:
    answer = browser(member(acme, "owner")).post(
        f"/runs/{measured(acme).pk}/sharing", {"visibility": "everybody"}
    )
    assert answer.status_code == 400
    assert "none of private, team, public" in answer.text


def test_an_admin_changes_the_defaults_and_what_is_stored_stays(acme: Team) -> None:
    run, admin = measured(acme), browser(member(acme, "admin"))
    host = Host.objects.get(team=acme)
    answer = admin.post(f"/hosts/{host.pk}/sharing", {"visibility": "private"})
    assert answer.status_code == 303
    assert admin.post("/teams/acme/sharing", {"visibility": "public"}).status_code == 303
    host.refresh_from_db()
    acme.refresh_from_db()
    assert (host.default_visibility, acme.default_visibility) == ("private", "public")
    assert Result.objects.get(run=run).visibility == "team"
    assert admin.post(f"/hosts/{host.pk}/sharing", {"visibility": ""}).status_code == 303
    host.refresh_from_db()
    assert host.default_visibility == ""


def test_nobody_changes_the_default_of_a_revoked_host(acme: Team) -> None:
    host = Machine("bob", team=acme, revoked_at=timezone.now()).row
    admin = browser(member(acme, "admin"))
    assert admin.post(f"/hosts/{host.pk}/sharing", {"visibility": "public"}).status_code == 404
    host.refresh_from_db()
    assert host.default_visibility == ""


def test_members_do_not_change_the_defaults(acme: Team) -> None:
    host = Machine("bob", team=acme).row
    for who in (None, person("stranger"), member(acme, "member")):
        for path in (f"/hosts/{host.pk}/sharing", "/teams/acme/sharing"):
            assert browser(who).post(path, {"visibility": "public"}).status_code == 404
    acme.refresh_from_db()
    assert acme.default_visibility == "team"


# On the pages


def test_a_runs_page_says_how_far_it_is_borne_out_and_who_sees_it(acme: Team) -> None:
    run = measured(acme)
    text = browser(member(acme, "viewer")).get(run.get_absolute_url()).text
    assert "Unverified: measured once, on one machine; measured by your team, not public." in text
    assert "Seen by the team." in text
    assert f"/runs/{run.pk}/sharing" not in text
    assert (
        f"/runs/{run.pk}/sharing" in browser(member(acme, "admin")).get(run.get_absolute_url()).text
    )


def test_a_members_recipe_rests_on_what_the_team_keeps_to_itself_and_says_so(acme: Team) -> None:
    measured(acme)
    query = "privacy=auditable&hardware=cpu&memory_gb=16&users=2&model=llama-3.2-1b&quant=Q8_0"
    own = browser(member(acme, "viewer")).get(f"/recipe/?{query}").text
    assert "measured by your team, not public" in own
    assert "what only your team may see is left out" in own
    public = Client().get(f"/recipe/?{query}").text
    assert "host of acme" not in public
    assert "host of acme" in own


def test_a_link_made_by_a_member_tells_nothing_of_it(acme: Team) -> None:
    measured(acme)
    query = "privacy=auditable&hardware=cpu&memory_gb=16&users=2&model=llama-3.2-1b&quant=Q8_0"
    made = browser(member(acme, "owner")).post("/share/", {"answers": query})
    assert made.status_code == 303
    for end in ("", ".json", ".md"):
        text = Client().get(f"{made.headers['Location'].partition('?')[0]}{end}").text
        assert "host of acme" not in text
        assert "not public" not in text


def test_a_page_says_what_counts_as_evidence() -> None:
    text = Client().get("/evidence/").text
    for part in (
        "another machine of this kind measured the same",
        "5 %",
        "8 %",
        "a single upload overturns no",
    ):
        assert part in text.lower()
