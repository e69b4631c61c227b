"""The recipe page: everything the recommendation says, with where each figure comes from."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from benchruns.models import Host
from guide.presentation.recipe import LATER_STEPS
from recommender.answers import parse
from recommender.recipe import with_forms
from recommender.recommend import recommend
from tests.benchruns.made import NO_VLLM, Machine

pytestmark = pytest.mark.django_db
PRODUCTION = "users=50&hardware=nvidia&os=linux&purpose=production-api&device=rtx-4090"
NOTHING_FITS = "users=1&hardware=nvidia&os=linux&memory_gb=8&model=llama-3.3-70b"


def recipe(client: Client, query: str = PRODUCTION) -> str:
    response = client.get(f"/recipe/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_every_part_of_the_recommendation(client: Client) -> None:
    page = recipe(client)
    for part in ("memory", "speed", "commands", "why", "opinions", "rejected", "flips", "measure"):
        assert f'id="{part}"' in page, part


def test_its_memory_adds_up(client: Client) -> None:
    page = recipe(client)
    table = page[page.index('class="memory-table"') :]
    shown = [
        float(n) for n in re.findall(r'class="number">(\d+\.\d\d)', table.split("</table>")[0])
    ]
    *parts, total, _free = shown
    assert len(parts) >= 2
    assert sum(parts) == pytest.approx(total, abs=0.001)


def test_it_shows_each_command_to_copy(client: Client) -> None:
    rec = recommend(parse([tuple(p.split("=")) for p in PRODUCTION.split("&")]))  # type: ignore[misc]
    page = recipe(client)
    assert len(rec.commands) >= 3
    files = [form for form in with_forms(rec).forms if form.file]
    assert page.count("data-copy=") == len(rec.commands) + len(files)
    assert re.search(r"<button[^>]*data-copy=[^>]*hidden>", page), "no dead button without JS"


def test_steps_for_when_it_runs_are_folded_and_those_before_are_not(client: Client) -> None:
    rec = recommend(parse([tuple(p.split("=")) for p in PRODUCTION.split("&")]))  # type: ignore[misc]
    steps = recipe(client).split('<li class="step">')[1:]
    folded = [one.step for one in rec.commands if one.step in LATER_STEPS]
    assert folded
    for command, step in zip(rec.commands, steps, strict=True):
        assert ("<summary>" in step.split("<pre")[0]) == (command.step in LATER_STEPS)


def test_a_form_that_is_not_to_be_had_says_why_without_a_click(client: Client) -> None:
    page = recipe(client, "users=1&hardware=apple&os=macos")
    before = page[page.index('id="commands"') : page.index('id="panel-shell"')]
    assert "<strong>Docker Compose:</strong> Containers on macOS" in before


def test_it_says_the_basis_of_its_figures_in_words(client: Client) -> None:
    page = recipe(client)
    assert re.search(r'class="basis"[^>]*>.*?(estimated|calibrated)', page, re.DOTALL)
    assert "</svg>measured" not in page


def test_it_links_every_rule_to_its_article(client: Client) -> None:
    page = recipe(client)
    linked = set(re.findall(r'href="/articles/(a\d)/#(a\d\.r\d+)"', page))
    assert linked
    for article, rule in linked:
        assert f'id="{rule}"' in client.get(f"/articles/{article}/").content.decode()


def test_it_leads_to_what_would_change_it(client: Client) -> None:
    page = recipe(client, "users=1&hardware=cpu&os=linux")
    changes = page[page.index('class="changes"') :].split("</ul>")[0]
    addresses = re.findall(r'href="([^"]+)"', changes)
    assert addresses
    for address in addresses:
        assert client.get(address.replace("&amp;", "&")).status_code == 200


def test_it_answers_400_and_leads_back_with_what_was_right(client: Client) -> None:
    response = client.get("/recipe/?users=many&hardware=nvidia")
    assert response.status_code == 400
    page = response.content.decode()
    assert "at the same time?” takes a whole number" in page
    assert 'href="/?hardware=nvidia"' in page


def test_it_says_when_nothing_can_be_measured(client: Client) -> None:
    page = recipe(client)
    assert "No machine that takes visitors" in page
    assert "Measure on this machine" not in page


def test_it_offers_the_run_that_an_attached_machine_can_do(client: Client) -> None:
    host = Machine("forge").row
    page = recipe(client, "users=1&hardware=cpu&os=linux&privacy=auditable")
    form = page[page.index("offer-first") :].split("</form>")[0]
    assert 'name="engine" value="llama.cpp"' in form
    assert f'name="host" value="{host.pk}"' in form
    assert "hardware=cpu" in form
    assert "forge" in form


def test_its_offer_is_taken_by_the_runs_page(client: Client) -> None:
    Machine("forge")
    page = recipe(client, "users=1&hardware=cpu&os=linux&privacy=auditable")
    form = page[page.index("offer-first") :].split("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    fields["answers"] = fields["answers"].replace("&amp;", "&")
    response = client.post("/runs/", fields)
    assert response.status_code == 303
    assert response["Location"].startswith("/runs/")


def test_it_says_that_another_kind_of_machine_measures_for_itself(client: Client) -> None:
    Machine("forge")
    page = recipe(client)
    assert "No attached machine is of the kind you named" in page
    assert "vLLM cannot be measured on any of them" in page


def test_it_offers_nothing_on_a_machine_without_engines(client: Client) -> None:
    Machine("empty", engines=[NO_VLLM], measures=[])
    assert Host.objects.count() == 1
    assert "Measure on this machine" not in recipe(client)


def test_it_explains_and_offers_nothing_where_nothing_fits(client: Client) -> None:
    Machine("forge")
    page = recipe(client, NOTHING_FITS)
    assert "Nothing fits" in page
    for part in ("why", "measure"):
        assert f'id="{part}"' not in page, part
    assert "button-next" not in page
    assert 'aria-labelledby="rejected" open' in page


def test_it_folds_the_depth_away_and_keeps_it_in_the_page(client: Client) -> None:
    page = recipe(client)
    for part in ("advice", "rejected", "answers", "speed-table"):
        assert re.search(rf'<details[^>]*aria-labelledby="{part}"', page), part
    rec = recommend(parse([tuple(p.split("=")) for p in PRODUCTION.split("&")]))  # type: ignore[misc]
    assert all(f">{reason.rule}<" in page.replace("<wbr>", "") for reason in rec.because)
