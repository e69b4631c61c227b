"""The questions and the verdict beside them, with and without JavaScript."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from recommender.answers import questions

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_it_asks_every_question(client: Client) -> None:
    page = client.get("/").content.decode()
    assert all(f'id="q-{question.id}"' in page for question in questions())


def test_it_answers_with_three_answers_and_no_javascript(client: Client) -> None:
    response = client.get("/?users=50&hardware=nvidia&os=linux&purpose=production-api")
    page = response.content.decode()
    assert response.status_code == 200
    assert '<form id="questions"' in page
    assert 'method="get"' in page
    assert 'type="submit"' in page
    assert 'data-engine="vllm"' in page


def test_it_keeps_the_answers_in_the_form(client: Client) -> None:
    page = client.get("/?users=30&hardware=nvidia&needs=metrics").content.decode()
    assert 'name="users_exact"' in page
    assert 'value="30"' in page
    for chosen in ("hardware", "needs"):
        name = page.index(
            f'name="{chosen}" value="{ {"hardware": "nvidia", "needs": "metrics"}[chosen] }"'
        )
        assert "checked" in page[name : page.index(">", name)]


def test_it_tidies_the_address_of_a_plain_form(client: Client) -> None:
    response = client.get("/?purpose=&users=exact&users_exact=30&hardware=nvidia&os=")
    assert response.status_code == 302
    assert response["Location"] == "/?users=30&hardware=nvidia"


def test_it_sends_only_the_live_part_to_htmx(client: Client) -> None:
    response = client.get("/?users=exact&users_exact=30&hardware=", headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.lstrip().startswith('<div id="live"')
    assert "<html" not in page
    assert response["HX-Push-Url"] == "/?users=30"


def test_it_sends_the_whole_page_when_the_back_button_restores_it(client: Client) -> None:
    headers = {**HTMX, "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/?users=30", headers=headers).content.decode()


def test_it_tells_caches_that_both_live_at_one_address(client: Client) -> None:
    assert "HX-Request" in client.get("/")["Vary"]


def test_it_answers_400_with_the_sentence_and_keeps_the_rest(client: Client) -> None:
    response = client.get("/?users=many&hardware=nvidia&os=linux")
    page = response.content.decode()
    assert response.status_code == 400
    assert "at the same time?” takes a whole number from 1 to 100000" in page
    assert 'value="many"' in page
    assert 'aria-invalid="true"' in page
    assert "/recipe/?hardware=nvidia&amp;os=linux" in page


def test_it_pushes_the_address_of_what_was_used(client: Client) -> None:
    response = client.get("/?users=many&hardware=cpu", headers=HTMX)
    assert response.status_code == 400
    assert response["HX-Push-Url"] == "/?hardware=cpu"


def test_it_says_which_answer_the_verdict_leaves_out(client: Client) -> None:
    page = client.get("/?users=-4&hardware=cpu").content.decode()
    verdict = page[page.index('id="verdict"') :]
    assert "Left out of this verdict" in verdict
    assert '<a href="#q-users">How many people' in verdict
    assert "without what was not understood" in verdict
    assert "Left out of this verdict" not in client.get("/?hardware=cpu").content.decode()


def test_it_names_a_question_nobody_asks(client: Client) -> None:
    response = client.get("/?colour=red")
    assert response.status_code == 400
    assert "There is no question &#x27;colour&#x27;" in response.content.decode()


def test_it_escapes_what_was_typed(client: Client) -> None:
    page = client.get("/?users=%3Cscript%3Ealert(1)%3C/script%3E").content.decode()
    assert "<script>alert" not in page


def test_it_shows_every_article_once(client: Client) -> None:
    page = client.get("/?users=30&hardware=nvidia").content.decode()
    assert [page.count(f'id="mark-a{n}"') for n in range(1, 6)] == [1] * 5


def test_it_marks_the_question_that_decides_next(client: Client) -> None:
    assert client.get("/").content.decode().count('class="decides"') == 1


def test_it_offers_only_accelerators_of_the_hardware_named(client: Client) -> None:
    page = client.get("/?hardware=apple").content.decode()
    devices = page[page.index('name="device"') : page.index("</select>")]
    assert "Apple" in devices
    assert "RTX" not in devices


def test_it_opens_the_thorough_part_once_it_holds_an_answer(client: Client) -> None:
    assert '<details id="thorough" class="thorough">' in client.get("/").content.decode()
    page = client.get("/?privacy=auditable").content.decode()
    assert '<details id="thorough" class="thorough" open>' in page


def test_it_rejects_post(client: Client) -> None:
    assert client.post("/").status_code == 405


def test_it_asks_the_database_at_most_once(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(1):
        client.get("/?users=30&hardware=nvidia")


def test_it_promises_no_recipe_where_nothing_fits(client: Client) -> None:
    query = "users=1&hardware=nvidia&os=linux&memory_gb=8&model=llama-3.3-70b"
    page = client.get(f"/?{query}").content.decode()
    assert "See what has to give" in page
    assert "See the recipe" not in page
