"""`/models/` and `/devices/`: everything the catalogue knows, narrowed, with its sources."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from recommender import catalogue

pytestmark = pytest.mark.django_db


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize("what", ["models", "devices"])
def test_it_lists_everything_with_its_sources(client: Client, what: str) -> None:
    text = page(client, f"/{what}/")
    for entry in getattr(catalogue.load(), what).values():
        assert f'<tr id="{entry.id}">' in text
        assert escape(entry.name) in text
        assert escape(entry.sources[0].url or entry.sources[0].cite) in text


def test_a_row_leads_to_the_questions_with_it_answered(client: Client) -> None:
    text = page(client, "/devices/?q=4090")
    assert 'href="/?hardware=nvidia&amp;device=rtx-4090"' in text
    assert client.get("/?hardware=nvidia&device=rtx-4090").status_code == 200


def test_words_and_kinds_narrow_it(client: Client) -> None:
    text = page(client, "/models/?q=qwen3+30b&kind=mixture")
    assert '<tr id="qwen3-30b-a3b">' in text
    assert '<tr id="qwen3-8b">' not in text
    assert '<option value="mixture" selected>' in text
    assert 'value="qwen3 30b"' in text


def test_what_nobody_knows_is_said(client: Client) -> None:
    assert "not known" in page(client, "/devices/?q=apple+m5")


def test_nothing_of_that_name_leads_to_describing_it(client: Client) -> None:
    text = page(client, "/devices/?q=<b>abacus")
    assert "None is called that" in text
    assert "&lt;b&gt;abacus" in text
    assert 'href="/#own"' in text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("kind=steam", "one of: dense, mixture, embedding"),
        ("q=" + "x" * 61, "at most 60"),
        ("size=huge", "takes a number above 0"),
        ("size=-4", "takes a number above 0"),
        ("size=nan", "takes a number above 0"),
    ],
)
def test_what_it_cannot_be_asked_is_said(client: Client, query: str, says: str) -> None:
    response = client.get(f"/models/?{query}")
    assert response.status_code == 400
    assert says in response.content.decode()


def test_each_figure_carries_the_name_of_its_column_for_narrow_screens(client: Client) -> None:
    said = page(client, "/devices/?q=4090")
    assert 'data-head="Memory, GB" class="number">24</td>' in said
    assert 'data-head="Bandwidth, GB/s" class="number">1,008</td>' in said


def test_they_stand_in_groups_that_are_folded_until_something_is_asked(client: Client) -> None:
    text = page(client, "/devices/")
    assert text.count('<details class="shelf-group') > 6
    assert " open>" not in text
    assert "Open every group" in text
    found = page(client, "/devices/?q=4090")
    assert '<details class="shelf-group fold" id="group-nvidia-0" open>' in found
    assert "Open every group" not in found


def test_every_group_opens_without_a_script(client: Client) -> None:
    text = page(client, "/devices/?kind=amd&all=1")
    assert text.count('<details class="shelf-group') == text.count(" open>") > 0


@pytest.mark.parametrize("what", ["models", "devices"])
def test_each_entry_is_in_one_group(client: Client, what: str) -> None:
    text = page(client, f"/{what}/")
    known = getattr(catalogue.load(), what)
    assert text.count('<tr id="') == len(known)
    assert f"{len(known)} of {len(known)}." in text


def test_memory_narrows_devices_and_size_narrows_models(client: Client) -> None:
    text = page(client, "/devices/?size=80&kind=nvidia")
    assert '<tr id="h100-sxm-80gb">' in text
    assert '<tr id="rtx-4090">' not in text
    text = page(client, "/models/?size=8,5")
    assert '<tr id="llama-3.1-8b">' in text
    assert '<tr id="llama-3.1-70b">' not in text
    assert 'value="8.5"' in text


def test_a_machine_with_as_much_memory_as_is_built_in_may_have_enough(client: Client) -> None:
    built_in = [d for d in catalogue.load().devices.values() if not d.memory_gib]
    named = next(device for device in built_in if not device.memory_options_gib)
    assert f'<tr id="{named.id}">' in page(client, "/devices/?size=500")
