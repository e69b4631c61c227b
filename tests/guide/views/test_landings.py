"""`/q/`: common questions."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from recommender import landings

pytestmark = pytest.mark.django_db


def test_it_lists_every_question_with_todays_answer(client: Client) -> None:
    text = client.get("/q/").content.decode()
    for one in landings.load().values():
        assert f'href="/q/{one.slug}/"' in text
        assert escape(landings.answer(one).sentence) in text


@pytest.mark.parametrize("slug", landings.load())
def test_each_question_has_a_page_that_is_answered_live(client: Client, slug: str) -> None:
    response = client.get(f"/q/{slug}/")
    text = response.content.decode()
    found = landings.answer(landings.load()[slug])
    assert response.status_code == 200
    assert escape(found.sentence) in text
    for one in found.answered:
        assert f'href="/?{escape(one.query)}"' in text
        assert f'href="/recipe/?{escape(one.query)}"' in text


def test_it_shows_the_rules_and_claims_behind_it(client: Client) -> None:
    text = client.get("/q/vllm-always-faster/").content.decode()
    assert 'href="/articles/a1/#a1.r7"' in text
    assert 'href="/claims/#a1.c3"' in text
    assert 'data-verdict="refuted"' in text


def test_the_prefilled_questionnaire_opens(client: Client) -> None:
    one = landings.answer(landings.load()["which-runtime"]).answered[1]
    assert client.get(f"/?{one.query}").status_code == 200


def test_an_unknown_question_says_which_there_are(client: Client) -> None:
    response = client.get("/q/why/")
    assert response.status_code == 404
    assert "which-runtime" in response.content.decode()
