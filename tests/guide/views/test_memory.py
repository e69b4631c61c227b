"""Memory on the recipe page: against each accelerator, for how many users, and the ways out."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
TOO_LARGE = "device=rtx-4090&model=llama-3.3-70b&quant=Q4_K_M"


def recipe(client: Client, query: str) -> str:
    response = client.get(f"/recipe/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_what_does_not_fit_says_by_how_much_and_three_ways_out(client: Client) -> None:
    page = recipe(client, TOO_LARGE)
    assert "42.5 GB" in page
    assert "It does not fit." in page
    ways = page.split('id="ways-out"')[1].split("</ul>")[0]
    assert ways.count("<li>") == 3
    assert "layers on the GPU" in ways


def test_a_way_out_leads_to_a_recipe_that_fits(client: Client) -> None:
    ways = recipe(client, TOO_LARGE).split('id="ways-out"')[1].split("</ul>")[0]
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="/recipe/\?([^"]+)"', ways)]
    assert len(links) == 2
    for query in links:
        page = recipe(client, query)
        assert "It does not fit." not in page
        assert 'id="commands"' in page


def test_several_accelerators_have_a_bar_each(client: Client) -> None:
    page = recipe(client, "device=rtx-4090&gpus=4&model=llama-3.3-70b&users=10")
    assert page.count('class="memory-bar"') == 4
    assert "Each of the 4 accelerators holds" in page


def test_it_says_how_many_users_have_room_at_which_length(client: Client) -> None:
    page = recipe(client, "device=rtx-4090&model=qwen3-8b&users=4&context=8192")
    table = page.split('class="holds"')[1].split("</table>")[0]
    assert '<td class="number held-asked">8,192</td>' in table
    users = [int(n.replace(",", "")) for n in re.findall(r"<b>([\d,]+)</b>", table)]
    assert users == sorted(users, reverse=True)
    assert users[0] > users[-1]


def test_where_the_machine_is_not_known_nobody_is_promised_room(client: Client) -> None:
    page = recipe(client, "hardware=none-yet&users=4")
    assert 'class="holds"' not in page
    assert "How much the machine has is not known yet" in page
