"""`/claims/`: every claim under its id, with verdict, evidence and a way to test it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from benchruns.host.presets import PRESETS
from benchruns.models import Run
from recommender.ledger.finding import Status
from recommender.ledger.load import load
from recommender.ledger.verdict import judge
from tests.benchruns.made import Machine

pytestmark = pytest.mark.django_db
LEDGER = load()


def page(client: Client) -> str:
    response = client.get("/claims/")
    assert response.status_code == 200
    return response.content.decode()


def claim_of(text: str, claim: str) -> str:
    """What the page says of one claim."""
    return text.split(f'<article class="claim" id="{claim}">')[1].split("</article>")[0]


def test_every_claim_has_its_anchor_once(client: Client) -> None:
    anchors = re.findall(r'<article class="claim" id="([^"]+)">', page(client))
    assert sorted(anchors) == sorted(LEDGER.claims)


def test_every_claim_shows_its_verdict_and_who_says_it(client: Client) -> None:
    text = page(client)
    for claim in LEDGER.claims.values():
        said = claim_of(text, claim.id)
        assert f'data-verdict="{judge(claim.id).status}"' in said, claim.id
        assert LEDGER.sources[claim.source].url in said, claim.id


def test_it_shows_the_numbers_that_make_a_claim_impossible(client: Client) -> None:
    said = claim_of(page(client), "a2.c1").replace("\N{NO-BREAK SPACE}", " ")
    assert "at most 63 tok/s without speculation" in said
    assert "yet 71 is claimed" in said


def test_it_links_to_whoever_contradicts_a_claim(client: Client) -> None:
    said = claim_of(page(client), "a5.c1")
    assert 'href="/claims/#a3.c2"' in said
    assert 'href="/articles/a3/#a3.r3"' in said


def test_it_shows_every_contradiction_with_all_its_sides(client: Client) -> None:
    text = page(client)
    assert text.index('id="contradictions"') < text.index('<article class="claim"')
    for topic in LEDGER.contradictions:
        assert f'id="topic-{topic.id}"' in text
        for side in topic.sides:
            assert all(f">{who}</a>" in text for who in side.who)


def test_published_evidence_is_linked_with_its_conditions(client: Client) -> None:
    said = claim_of(page(client), "a1.c2")
    assert "https://getlocalia.com/en/blog/vllm-vs-ollama-production-benchmark-2026" in said
    assert "Llama 3.3 70B, 4 bits on 2× RTX 5090 with 4 clients" in said


def test_a_claim_nobody_ran_says_so(client: Client) -> None:
    assert "Not measured here yet." in claim_of(page(client), "a1.c2")
    assert "No machine that takes visitors' runs is attached." in page(client)


def test_it_counts_the_verdicts(client: Client) -> None:
    found = page(client)
    for status in Status:
        number = sum(judge(claim).status is status for claim in LEDGER.claims)
        pattern = rf'data-verdict="{status}">.*?</span>(?:</a>)? <b>{number}</b>'
        assert re.search(pattern, found, re.DOTALL), status


def test_pictures_have_a_name_and_a_table(client: Client) -> None:
    text = page(client)
    assert text.count('<svg class="claims-chart plot-picture"') == 3
    assert text.count('<details><summary class="small">As a table</summary>') == 3
    assert "71 tok/s claimed, at most 67 tok/s are possible" in text


def test_a_machine_that_can_test_gets_a_button(client: Client) -> None:
    alice = Machine("alice")
    said = claim_of(page(client), "a4.c5")
    assert 'action="/claims/a4.c5/test/"' in said
    assert f'name="host" value="{alice.row.pk}"' in said
    assert "Test on alice" in said


def test_a_machine_that_cannot_test_says_what_is_missing(client: Client) -> None:
    Machine("alice")
    said = claim_of(page(client), "a1.c2")
    assert "<form" not in said
    assert "vLLM is not installed on alice. Ollama is not installed on alice." in said


def test_a_machine_that_can_test_a_part_is_told_so(client: Client) -> None:
    Machine("alice")
    assert "Test what alice can" in claim_of(page(client), "a5.c1")


def test_a_site_that_lets_nobody_measure_shows_no_button(
    client: Client, settings: pytest.FixtureRequest
) -> None:
    settings.OPEN_RUNS = False
    Machine("alice")
    said = claim_of(page(client), "a4.c5")
    assert "<form" not in said
    assert "This site does not let visitors start measurements." in said


def test_the_button_starts_the_run(client: Client) -> None:
    alice = Machine("alice")
    response = client.post("/claims/a4.c5/test/", {"host": alice.row.pk})
    run = Run.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/runs/{run.pk}/")
    assert (run.engine, run.what.clients) == ("llama.cpp", (1, 4))


@pytest.mark.parametrize(
    ("given", "preset"), [("quick", "quick"), ("", "standard"), ("thorough", "thorough")]
)
def test_a_plan_says_how_closely_the_claim_is_looked_at(
    client: Client, given: str, preset: str
) -> None:
    alice = Machine("alice")
    client.post("/claims/a4.c5/test/", {"host": alice.row.pk, "plan": given})
    what = Run.objects.get().what
    limit_s = PRESETS[preset].fields["time_limit_s"]
    assert (what.name, what.clients, what.time_limit_s) == ("a4.c5", (1, 4), limit_s)


def test_there_is_no_plan_of_another_name(client: Client) -> None:
    alice = Machine("alice")
    answer = client.post("/claims/a4.c5/test/", {"host": alice.row.pk, "plan": "eternal"})
    assert answer.status_code == 400
    assert not Run.objects.exists()


def test_asking_twice_gives_the_run_that_is_waiting(client: Client) -> None:
    alice = Machine("alice")
    for _ in range(2):
        client.post("/claims/a4.c5/test/", {"host": alice.row.pk})
    assert Run.objects.count() == 1


def test_what_cannot_be_started_is_refused_in_words(client: Client) -> None:
    alice = Machine("alice")
    response = client.post("/claims/a1.c2/test/", {"host": alice.row.pk})
    assert response.status_code == 409
    assert "vLLM is not installed on alice." in response.content.decode()
    assert not Run.objects.exists()


@pytest.mark.parametrize("host", ["", "alice", "-1", "²", "9" * 5000], ids=lambda host: host[:9])
def test_a_machine_must_be_named(client: Client, host: str) -> None:
    assert client.post("/claims/a4.c5/test/", {"host": host}).status_code == 400


def test_unknown_machines_and_claims_are_not_found(client: Client) -> None:
    assert client.post("/claims/a4.c5/test/", {"host": "999"}).status_code == 404
    unknown = client.post("/claims/a9.c9/test/", {"host": "1"})
    assert unknown.status_code == 404
    assert "a4.c5" in unknown.content.decode()


def test_only_a_post_starts_a_test(client: Client) -> None:
    assert client.get("/claims/a4.c5/test/").status_code == 405


def test_it_asks_the_database_a_few_times_only(
    client: Client, django_assert_max_num_queries: object
) -> None:
    Machine("alice")
    with django_assert_max_num_queries(12):
        page(client)


@pytest.mark.parametrize("status", Status)
def test_it_shows_the_claims_of_one_verdict_alone(client: Client, status: Status) -> None:
    wanted = [claim for claim in LEDGER.claims if judge(claim).status is status]

    response = client.get("/claims/", {"verdict": status})

    shown = re.findall(r'<article class="claim" id="([^"]+)">', response.content.decode())
    assert sorted(shown) == sorted(wanted)


def test_it_says_which_verdicts_there_are(client: Client) -> None:
    response = client.get("/claims/", {"verdict": "maybe"})

    assert response.status_code == 400
    assert "<h1>There is no such verdict.</h1>" in response.content.decode()
    for status in Status:
        assert status in response.content.decode()
