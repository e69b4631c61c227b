"""The cost of a million tokens: from the visitor's prices alone, kept where they are kept."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from recommender.price_list import read

pytestmark = pytest.mark.django_db
ANSWERS = "users=4&device=rtx-4090&model=qwen3-8b"
PRICES = "price=1800&currency=EUR&watts=450&electricity=0.30&years=3&utilisation=0.3"


def test_no_price_is_made_up(client: Client) -> None:
    page = client.get(f"/recipe/?{ANSWERS}").content.decode()
    assert "No price is made up here" in page
    assert "for a million output tokens" not in page
    assert not re.findall(r'<input id="price-[^>]*value="[^"]+"', page)


def test_prices_give_a_cost_with_its_formula(client: Client) -> None:
    page = client.get(f"/recipe/?{ANSWERS}&{PRICES}").content.decode()
    assert "EUR for a million output tokens" in page
    assert "1800 EUR / (3 years × 8766 h × 0.3)" in page
    assert "450 W / 1000 × 0.3 EUR" in page
    assert "× 3600 s) × 1,000,000" in page


def test_a_wrong_price_is_a_400_and_loses_nothing(client: Client) -> None:
    response = client.get(f"/recipe/?{ANSWERS}&price=1.800,00&currency=EUR&years=3")
    page = response.content.decode()
    assert response.status_code == 400
    assert (
        "“Price of the whole machine” is &#x27;1.800,00&#x27;, but it takes a number from" in page
    )
    assert "written with a point and no comma" in page
    assert 'value="1.800,00"' in page
    assert 'name="years" value="3"' in page
    assert 'name="device" value="rtx-4090"' in page
    assert 'id="commands"' in page, "the recipe is there all the same"


def test_half_of_what_belongs_together_is_asked_for(client: Client) -> None:
    response = client.get(f"/recipe/?{ANSWERS}&price=1800&currency=EUR&utilisation=0.3")
    assert response.status_code == 400
    assert "price needs years beside it" in response.content.decode()


def test_blank_fields_are_no_prices(client: Client) -> None:
    blank = "&".join(f"{name}=" for name in ("price", "currency", "years", "watts"))
    assert client.get(f"/recipe/?{ANSWERS}&{blank}").status_code == 200


def test_an_unknown_speed_has_no_cost(client: Client) -> None:
    page = client.get(f"/recipe/?users=4&hardware=none-yet&{PRICES}").content.decode()
    assert "The speed on this machine is not known" in page
    assert "for a million output tokens" not in page


def test_a_shared_link_keeps_the_cost_it_showed(client: Client) -> None:
    shown = client.get(f"/recipe/?{ANSWERS}&{PRICES}").content.decode()
    response = client.post("/share/", {"answers": f"{ANSWERS}&{PRICES}"})
    assert response.status_code == 303
    figure = re.search(r'cost-figures"><span><b>([^<]+)</b>', shown)
    page = client.get(response["Location"]).content.decode()
    assert figure is not None
    assert figure.group() in page
    assert "Enter your prices" not in page
    assert "Change the prices" not in page
    body = client.get(f"{response['Location']}.json").json()
    assert body["cost"]["prices"]["price"] == 1800
    assert "A million output tokens" in client.get(f"{response['Location']}.md").content.decode()


def test_sharing_with_a_wrong_price_says_so(client: Client) -> None:
    response = client.post("/share/", {"answers": f"{ANSWERS}&price=cheap"})
    assert response.status_code == 400
    assert "cheap" in response.content.decode()


def test_prices_stay_while_answers_are_changed(client: Client) -> None:
    page = client.get(f"/?{urlencode({'users': 4})}&{PRICES}").content.decode()
    assert '<input type="hidden" name="price" value="1800">' in page
    assert "price=1800" in page.split('class="verdict-go"')[1][:400]


def test_a_wrong_price_among_the_questions_is_said_and_left_out(client: Client) -> None:
    response = client.get("/?users=4&price=cheap")
    assert response.status_code == 400
    assert "cheap" in response.content.decode()


def test_nothing_bought_yet_gets_machines_and_what_does_not_fit_too(client: Client) -> None:
    assert (
        "/recipe/?users=4&amp;hardware=none-yet#machines"
        in client.get("/?hardware=none-yet&users=4").content.decode()
    )
    none = client.get("/recipe/?hardware=none-yet&users=4").content.decode()
    assert "Which machine to get" in none
    assert "Next smaller is" in none
    unfit = client.get("/recipe/?device=rtx-4090&model=llama-3.3-70b&quant=Q4_K_M").content.decode()
    assert "The smallest machines that would do" in unfit
    assert "48 GB" in unfit.split('class="machines"')[1]
    assert "Which machine to get" not in client.get(f"/recipe/?{ANSWERS}").content.decode()


def test_an_admin_may_say_what_machines_cost(client: Client, settings: Any) -> None:
    unfit = "device=rtx-4090&model=llama-3.3-70b&quant=Q4_K_M"
    families = client.get(f"/api/v1/recommendation?{unfit}").json()["machines"]["families"]
    smallest = next(f["smallest"]["device"] for f in families if f["id"] == "nvidia-one")
    settings.PRICE_LIST = read(
        'currency = "CHF"\nyears = 3\nutilisation = 0.5\n[machine.rtx-4090]\nprice = 2600\n'
        f"[machine.{smallest}]\nprice = 5200\n"
    )
    page = client.get(f"/recipe/?{ANSWERS}").content.decode()
    assert "CHF for a million output tokens" in page
    assert "this site's admin" in page
    own = client.get(f"/recipe/?{ANSWERS}&{PRICES}").content.decode()
    assert "EUR for a million output tokens" in own
    assert "this site's admin" not in own
    page = client.get(f"/recipe/?{unfit}").content.decode()
    assert "CHF for a million output tokens" in page.split('class="machines"')[1]
