"""Teams begin, are switched between, renamed, and end without taking history along."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from benchruns.enrolment import make_code
from benchruns.models import AuditEntry, EnrolmentCode, Host, Membership, Role, Run, Team
from benchruns.models.teams import NOBODY, teams_of
from benchruns.states import State
from benchruns.teams.lifecycle import MOST_OWNED
from tests.benchruns import people
from tests.benchruns.made import Machine, as_sent, document, queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga() -> User:
    return people.person("olga")


def make(user: User, name: str) -> object:
    return people.browser(user).post("/teams/", {"name": name})


def test_visitors_are_asked_to_sign_in() -> None:
    answer = people.browser().get("/teams/")
    assert (answer.status_code, answer.url) == (302, "/accounts/login/?next=/teams/")


def test_somebody_makes_a_team_and_owns_it(olga: User) -> None:
    answer = make(olga, "  Night \x00 Shift ")
    team = Team.objects.get()
    assert (team.name, answer.status_code, answer.url) == (
        "Night Shift",
        303,
        "/teams/night-shift/",
    )
    assert Membership.objects.get().role == Role.OWNER
    assert AuditEntry.objects.get().verb == "team.made"


def test_teams_of_one_name_have_addresses_of_their_own(olga: User) -> None:
    for _ in range(2):
        make(olga, "Acme")
    make(olga, "漢字")
    assert set(Team.objects.values_list("slug", flat=True)) == {"acme", "acme-2", "team"}


def test_nobody_takes_the_place_of_the_sites_own_team_before_it_is_there(olga: User) -> None:
    assert make(olga, "This site").url == "/teams/this-site-2/"
    assert Team.embedded() not in teams_of(olga)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_that_is_none_is_refused_and_kept_in_the_form(olga: User, name: str) -> None:
    answer = make(olga, name)
    assert answer.status_code == 400
    assert "A team&#x27;s name has 1 to 80 characters" in answer.text
    assert f'value="{name}"' in answer.text
    assert not Team.objects.exists()


def test_nobody_makes_teams_without_end(olga: User) -> None:
    for number in range(MOST_OWNED):
        people.join(olga, people.team(f"t{number}"), Role.OWNER)
    assert f"You own {MOST_OWNED} teams already" in make(olga, "One more").text


def test_it_lists_somebodys_teams_and_no_other(olga: User) -> None:
    people.join(olga, people.team("Acme"), Role.VIEWER)
    people.team("Zebra")
    text = people.browser(olga).get("/teams/").text
    assert "Acme" in text
    assert "Zebra" not in text


def test_somebody_switches_between_teams(olga: User) -> None:
    for name in ("Acme", "Other"):
        people.join(olga, people.team(name), Role.VIEWER)
    people.team("Zebra")
    client = people.browser(olga)
    assert client.get("/teams/").context["current"].name == "Acme"
    assert client.post("/teams/switch", {"team": "other"}).status_code == 303
    assert client.get("/teams/").context["current"].name == "Other"
    assert client.post("/teams/switch", {"team": "zebra"}).status_code == 404
    assert client.post("/teams/switch", {"team": "nothing"}).status_code == 404


def test_a_renamed_team_keeps_its_address(olga: User) -> None:
    make(olga, "Acme")
    answer = people.browser(olga).post("/teams/acme/rename", {"name": "Acme Labs"})
    assert (answer.status_code, answer.url) == (303, "/teams/acme/")
    assert Team.objects.get().name == "Acme Labs"


def test_a_deleted_team_takes_its_hosts_along_and_leaves_what_was_public(olga: User) -> None:
    acme = people.team()
    people.join(olga, acme, Role.OWNER)
    alice = Machine(team=acme)
    done = alice.claimed(team=acme, wanted_host=alice.row)
    alice.about(done, "result", document=as_sent(document()))
    done.result.__class__.objects.update(visibility="public")
    waiting = queued(team=acme)
    code = make_code(acme)

    client = people.browser(olga)
    assert client.post("/teams/acme/delete", {"typed": "Acme"}).status_code == 303

    assert client.get("/teams/acme/").status_code == 404
    assert not Host.objects.attached().filter(team=acme).exists()
    assert alice.claim().status_code == 401
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED
    assert list(Run.objects.visible_to(NOBODY)) == [done]
    assert list(Run.objects.visible_to(olga)) == [done]
    assert EnrolmentCode.objects.get().used_at is None
    enrol = {"protocol": 2, "code": code, "name": "late", "facts": alice.row.facts, "engines": []}
    assert alice.post("enrol", enrol).status_code == 403
    assert make(olga, "Acme").status_code == 303, "its name and address are free again"


def test_a_team_is_not_deleted_by_a_slip_of_the_hand(olga: User) -> None:
    people.join(olga, people.team(), Role.OWNER)
    answer = people.browser(olga).post("/teams/acme/delete", {"typed": "acme"})
    assert answer.status_code == 400
    assert "exactly as it stands here" in answer.text
    assert Team.objects.standing().exists()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_only_an_owner_deletes(role: Role) -> None:
    acme = people.team()
    client = people.browser(people.member(acme, role))
    assert client.post("/teams/acme/delete", {"typed": "Acme"}).status_code == 404
    assert Team.objects.standing().exists()


def test_the_team_of_this_site_stays(olga: User) -> None:
    people.join(olga, Team.embedded(), Role.OWNER)
    answer = people.browser(olga).post("/teams/this-site/delete", {"typed": "This site"})
    assert answer.status_code == 400
    assert "it cannot be deleted" in answer.text


def test_a_page_of_a_team_asks_the_database_little(
    olga: User, django_assert_max_num_queries: object
) -> None:
    acme = people.team()
    people.join(olga, acme, Role.OWNER)
    for number in range(12):
        people.member(acme, Role.MEMBER, f"m{number}")
        Machine(f"h{number}", team=acme)
    client = people.browser(olga)
    with django_assert_max_num_queries(9):
        client.get("/teams/acme/")


def test_forms_offer_the_team_one_works_for_first(olga: User) -> None:
    for name in ("Acme", "Other"):
        people.join(olga, people.team(name), Role.OWNER)
    client = people.browser(olga)
    for slug in ("other", "acme"):
        client.post("/teams/switch", {"team": slug})
        assert client.get("/hosts/attach/").context["teams"][0].slug == slug
        assert client.get("/schedules/").context["form"].initial["team"] == slug
