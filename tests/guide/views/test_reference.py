"""Articles and engines: every rule of the rule book can be read and linked to."""

from __future__ import annotations

import pytest
from django.test import Client

from recommender import rulebook
from recommender.ledger.load import load

pytestmark = pytest.mark.django_db
BOOK = rulebook.load()


@pytest.mark.parametrize("article", BOOK.articles)
def test_it_shows_every_rule_of_the_article_under_its_id(client: Client, article: str) -> None:
    page = client.get(f"/articles/{article}/").content.decode()
    assert all(page.count(f'id="{rule.id}"') == 1 for rule in BOOK.of_article(article))
    assert BOOK.sources[article].url in page


@pytest.mark.parametrize("engine", BOOK.engines)
def test_it_shows_every_limit_of_the_engine_with_its_source(client: Client, engine: str) -> None:
    page = client.get(f"/engines/{engine}/").content.decode()
    for limit in (row for row in BOOK.limits if row.engine == engine):
        assert f'id="{limit.id}"' in page
        assert BOOK.sources[limit.source].url in page


@pytest.mark.parametrize("engine", BOOK.engines)
def test_it_names_the_engine_where_a_rule_speaks_of_several(client: Client, engine: str) -> None:
    assert "{engine}" not in client.get(f"/engines/{engine}/").content.decode()


def test_it_lists_all_of_them(client: Client) -> None:
    engines = client.get("/engines/").content.decode()
    articles = client.get("/articles/").content.decode()
    assert all(f'href="/engines/{engine}/"' in engines for engine in BOOK.engines)
    assert all(f'href="/articles/{article}/"' in articles for article in BOOK.articles)


def test_it_says_which_there_are(client: Client) -> None:
    engine, article = client.get("/engines/toaster/"), client.get("/articles/a9/")
    assert (engine.status_code, article.status_code) == (404, 404)
    assert "vllm" in engine.content.decode()
    assert "a1, a2, a3, a4, a5" in article.content.decode()


def test_an_article_leads_to_its_claims_with_their_verdicts(client: Client) -> None:
    page = client.get("/articles/a2/").content.decode()
    listed = page[page.index('id="claims"') :]
    own = [claim.id for claim in load().claims.values() if claim.article == "a2"]
    assert own
    for claim in own:
        assert f'href="/claims/#{claim}"' in listed
    assert listed.count('class="verdict-mark"') == len(own)
    assert "/claims/#a1." not in listed


def test_an_engine_leads_to_the_claims_that_name_it(client: Client) -> None:
    text = client.get("/engines/ollama/").content.decode()

    assert 'href="/claims/#a1.c2"' in text
    assert "data-verdict" in text


def test_an_engine_that_no_claim_names_has_no_such_list(client: Client) -> None:
    named = {e.id for e in BOOK.engines.values() if load().of_engine(e.id, e.name)}
    for engine in set(BOOK.engines) - named:
        assert "what came of it" not in client.get(f"/engines/{engine}/").content.decode()
    assert named >= {"ollama", "llama.cpp", "vllm"}
