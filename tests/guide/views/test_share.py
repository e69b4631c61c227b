"""A shared link shows what was shared, for good."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from guide.models import SharedIsImmutable, SharedRecommendation
from recommender.answers import parse
from recommender.recipe import with_forms
from recommender.recommend import recommend

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).parents[1] / "fixtures"
ANSWERS = "users=50&hardware=nvidia&os=linux&purpose=production-api"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def shared(client: Client, answers: str = ANSWERS) -> str:
    response = client.post("/share/", {"answers": answers})
    assert response.status_code == 303
    return str(response["Location"])


def test_it_leads_to_an_unguessable_permanent_link(client: Client) -> None:
    first, second = shared(client), shared(client)
    assert re.fullmatch(r"/r/[A-Za-z0-9_-]{22}", first)
    assert first != second


def test_alice_shares_and_bob_reads_without_an_account(client: Client) -> None:
    link = shared(client)
    bob = Client()
    page = bob.get(link).content.decode()
    assert 'data-engine="vllm"' in page
    assert "Continue from these answers" in page
    go_on = page[: page.index("Continue from these answers")].rpartition('href="')[2]
    assert go_on.startswith(
        "/?purpose=production-api&amp;users=50&amp;hardware=nvidia&amp;os=linux"
    )
    assert not bob.cookies


def test_it_says_that_today_answers_the_same(client: Client) -> None:
    assert "give the same answer" in client.get(shared(client)).content.decode()


def test_it_shows_what_was_kept_when_the_rules_answer_differently(client: Client) -> None:
    kept = SharedRecommendation.of(recommend(parse([("users", "1"), ("hardware", "cpu")])))
    before = kept.recommendation().engine
    assert before is not None
    SharedRecommendation.objects.bulk_create(
        [
            SharedRecommendation(
                slug="old",
                answers=[["users", "50"], ["hardware", "nvidia"], ["os", "linux"]],
                snapshot=kept.snapshot,
                rulebook_version="2020.1",
                created_at=datetime(2020, 1, 1, tzinfo=UTC),
            )
        ]
    )
    page = client.get("/r/old").content.decode()
    assert f"The engine would be vLLM today; it was {before.name}." in page
    assert "rule book 2020.1" in page


def test_it_says_when_an_answer_is_no_longer_understood(client: Client) -> None:
    kept = SharedRecommendation.of(recommend(parse([("users", "1")])))
    SharedRecommendation.objects.bulk_create(
        [
            SharedRecommendation(
                slug="older",
                answers=[["gone", "yes"]],
                snapshot=kept.snapshot,
                rulebook_version="2019.1",
            )
        ]
    )
    response = client.get("/r/older")
    assert response.status_code == 200
    assert "no longer take one of these answers" in response.content.decode()


def test_it_is_never_changed(client: Client) -> None:
    shared(client)
    kept = SharedRecommendation.objects.get()
    kept.rulebook_version = "another"
    with pytest.raises(SharedIsImmutable):
        kept.save()
    with pytest.raises(SharedIsImmutable):
        SharedRecommendation.objects.update(rulebook_version="another")
    kept.refresh_from_db()
    assert kept.rulebook_version != "another"


def test_it_keeps_everything_the_recommendation_said(client: Client) -> None:
    shared(client)
    kept = SharedRecommendation.objects.get()
    assert kept.recommendation() == with_forms(recommend(parse(kept.pairs())))


def test_it_gives_json(client: Client) -> None:
    link = shared(client)
    body = json.loads(client.get(f"{link}.json").content)
    assert body["engine"] == "vllm"
    assert body["shared"]["url"] == f"http://testserver{link}"


def test_it_gives_markdown(client: Client) -> None:
    link = shared(client)
    response = client.get(f"{link}.md")
    text = response.content.decode()
    assert response["Content-Type"].startswith("text/markdown")
    assert "vLLM" in text
    assert f"http://testserver{link}" in text


def test_it_may_be_kept_by_caches_and_is_not_sent_twice(client: Client) -> None:
    link = shared(client)
    for kind in (".json", ".md"):
        response = client.get(link + kind)
        assert "immutable" in response["Cache-Control"]
        again = client.get(link + kind, headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304
    bob = Client()  # its maker sees the key of the link besides, which nobody keeps
    page = bob.get(link)
    assert bob.get(link, headers={"If-None-Match": page["ETag"]}).status_code == 304


def test_it_says_when_nothing_was_shared(client: Client) -> None:
    for address in ("/r/nothing", "/r/nothing.json", "/r/nothing.md"):
        response = client.get(address)
        assert response.status_code == 404
        assert "Nothing was shared under this address" in response.content.decode()
    assert list(client.get("/r/nothing.json").json()) == ["error"]
    assert client.get("/r/nothing.md")["Content-Type"] == "text/plain; charset=utf-8"


def test_it_keeps_nothing_malformed(client: Client) -> None:
    response = client.post("/share/", {"answers": "users=many"})
    assert response.status_code == 400
    assert "at the same time?” takes a whole number" in response.content.decode()
    assert not SharedRecommendation.objects.exists()


def test_it_rejects_get(client: Client) -> None:
    assert client.get("/share/").status_code == 405


def test_it_wants_the_token_of_its_own_form() -> None:
    response = Client(enforce_csrf_checks=True).post("/share/", {"answers": ANSWERS})
    assert response.status_code == 403
    assert not SharedRecommendation.objects.exists()


def test_it_slows_down_a_loop_and_nobody_else(client: Client) -> None:
    answers = [client.post("/share/", {"answers": "users=1"}).status_code for _ in range(21)]
    assert answers == [303] * 20 + [429]
    refused = client.post("/share/", {"answers": "users=1"})
    assert refused["Retry-After"] == "60"
    assert "Wait a minute" in refused.content.decode()
    bob = Client(REMOTE_ADDR="192.0.2.7")
    assert bob.post("/share/", {"answers": "users=1"}).status_code == 303


# What was kept long ago

FORMAT_1 = json.loads((FIXTURES / "snapshot_format_1.json").read_text("utf-8"))


def kept_as(document: dict[str, Any], **columns: Any) -> str:
    kept = SharedRecommendation(
        slug="long-ago", answers=[["users", "50"]], snapshot=document, **columns
    )
    SharedRecommendation.objects.bulk_create([kept])
    return kept.get_absolute_url()


@pytest.mark.parametrize(
    "document", [FORMAT_1, {k: v for k, v in FORMAT_1.items() if k != "format"}]
)
def test_it_reads_what_the_first_format_kept(client: Client, document: dict[str, Any]) -> None:
    link = kept_as(document)
    assert FORMAT_1["headline"] in client.get(link).text
    assert client.get(f"{link}.json").json()["engine"] == "vllm"
    assert FORMAT_1["headline"] in client.get(f"{link}.md").text


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"format": 99}, "The snapshot is of format 99; formats 1 to"),
        ({"format": "one"}, "The snapshot is of format &#x27;one&#x27;"),
        ({"headline": None}, "1 of its fields are not as kept"),
    ],
)
def test_it_says_when_what_was_kept_can_no_longer_be_read(
    client: Client, changes: dict[str, Any], why: str
) -> None:
    document = FORMAT_1 | changes
    link = kept_as(document, markdown="# As it read then")
    page, data = client.get(link), client.get(f"{link}.json")
    assert (page.status_code, data.status_code) == (410, 410)
    assert why in page.text
    assert f'href="{link}.json"' in page.text
    assert data.json()["snapshot"] == document
    assert client.get(f"{link}.md").text.startswith("# As it read then")


def test_it_says_so_as_plain_text_where_no_document_was_kept(client: Client) -> None:
    response = client.get(kept_as(FORMAT_1 | {"format": 99}) + ".md")
    assert response.status_code == 410
    assert response["Content-Type"].startswith("text/plain")
    assert "format 99" in response.text


def test_its_document_is_the_one_of_that_day(client: Client) -> None:
    link = kept_as(FORMAT_1, markdown="# As it read then")
    response = client.get(f"{link}.md")
    assert response.text.startswith("# As it read then\n")
    assert "immutable" in response["Cache-Control"]


def test_a_document_made_today_is_not_kept_for_a_year(client: Client) -> None:
    assert "Cache-Control" not in client.get(kept_as(FORMAT_1) + ".md")
