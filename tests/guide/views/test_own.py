"""A model or device that is in no list becomes an answer, and nothing typed is lost on the way."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from guide.views import own
from recommender.own.config import MOST_BYTES
from tests.recommender.own.configs import PLAIN
from tests.recommender.own.test_gguf_file import written

pytestmark = pytest.mark.django_db
CONFIG = json.dumps(PLAIN)


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    cache.clear()


def post(client: Client, what: str, **fields: object) -> HttpResponse:
    said = {"answers": "users=4&hardware=nvidia&needs=metrics&needs=ide", **fields}
    return client.post(f"/own/{what}/", said)  # type: ignore[return-value]


def answers(response: HttpResponse) -> dict[str, list[str]]:
    assert response.status_code == 303, response.content.decode()[:2000]
    return parse_qs(urlsplit(response["Location"]).query)


def test_a_pasted_config_is_answered_beside_the_other_answers(client: Client) -> None:
    response = post(client, "model", config=CONFIG, name="acme/Fine-8B")

    said = answers(response)
    assert said["model"][0].startswith("custom:acme/Fine-8B;")
    assert (said["users"], said["needs"]) == (["4"], ["ide", "metrics"])
    assert response["Location"].endswith("#q-model")


def test_the_page_shows_it_as_the_chosen_model(client: Client) -> None:
    response = post(client, "model", config=CONFIG, name="acme/Fine-8B")
    page = client.get(response["Location"]).content.decode()

    assert "Fine-8B, your own (8.03 billion parameters)" in page
    option = page.index('<option value="custom:acme/Fine-8B')
    assert " selected" in page[option : page.index(">", option)]
    recipe = client.get(response["Location"].replace("/?", "/recipe/?")).content.decode()
    assert "Fine-8B, your own" in recipe


def test_it_can_be_shared(client: Client) -> None:
    query = urlsplit(post(client, "model", config=CONFIG, name="Mine")["Location"]).query
    link = client.post("/share/", {"answers": query})["Location"]
    assert "Mine" in client.get(link).content.decode()
    assert client.get(f"{link}.json").json()["model_name"] == "Mine"


def test_the_api_takes_it(client: Client) -> None:
    query = urlsplit(post(client, "model", config=CONFIG, name="Mine")["Location"]).query
    assert client.get(f"/api/v1/recommendation?{query}").json()["model_name"] == "Mine"


def test_an_uploaded_config_goes_before_what_was_pasted(client: Client) -> None:
    file = SimpleUploadedFile("config.json", CONFIG.encode())
    said = answers(post(client, "model", file=file, config="{ nonsense"))
    assert said["model"][0].startswith("custom:llama;")


def test_the_head_of_a_gguf_file_says_its_bits_as_well(client: Client, tmp_path: Path) -> None:
    head = written(tmp_path / "small.gguf").read_bytes()
    said = answers(post(client, "model", file=SimpleUploadedFile("small.gguf", head)))
    assert said["model"][0].startswith("custom:Small but real;")
    assert said["quant"] == ["F16"]


def test_what_is_uncertain_is_said_once(client: Client) -> None:
    strange = json.dumps(PLAIN | {"model_type": "brand_new"})
    response = post(client, "model", config=strange, name="New")
    assert (
        "brand_new is read as others are built" in client.get(response["Location"]).content.decode()
    )
    assert "brand_new is read" not in client.get(response["Location"]).content.decode()


def test_what_is_wrong_is_said_and_what_was_pasted_is_kept(client: Client) -> None:
    response = post(client, "model", config='{"hidden_size": 64, "x": "<b>"}', name="Mine")
    page = response.content.decode()

    assert response.status_code == 400
    assert "does not say num_hidden_layers" in page
    assert "&lt;b&gt;" in page
    assert 'value="Mine"' in page
    assert '<details class="fold" id="own-model" open>' in page
    users = page.index('name="users"')
    assert 'value="4"' in page[users : users + 2000] or 'value="4"' in page
    assert "users=4&amp;hardware=nvidia&amp;needs=ide&amp;needs=metrics" in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, own.NOTHING),
        ({"config": "   "}, own.NOTHING),
        ({"config": "[1, 2"}, "This is not JSON"),
        ({"config": "[" * 90_000}, "This is not JSON"),
    ],
)
def test_nothing_and_nonsense_get_a_sentence(
    client: Client, fields: dict[str, object], says: str
) -> None:
    response = post(client, "model", **fields)
    assert response.status_code == 400
    assert says in response.content.decode()


def test_a_file_of_something_else_gets_a_sentence(client: Client) -> None:
    response = post(client, "model", file=SimpleUploadedFile("cat.png", b"\x89PNG" + bytes(99)))
    assert response.status_code == 400
    assert "This is not JSON" in response.content.decode()
    assert "codec" not in response.content.decode()


def test_what_is_called_a_gguf_file_and_is_none_is_told_so(client: Client) -> None:
    junk = SimpleUploadedFile("Model.GGUF", b"\xff\xfe junk")
    response = post(client, "model", file=junk)
    assert response.status_code == 400
    assert "This is no GGUF file" in response.content.decode()
    assert "JSON:" not in response.content.decode()


def test_too_long_a_paste_is_told_the_limit_and_not_cut_to_something_broken(
    client: Client,
) -> None:
    config = json.dumps(PLAIN | {"filler": "x" * MOST_BYTES})
    page = (response := post(client, "model", config=config)).content.decode()
    assert response.status_code == 400
    assert "A config.json has at most 4 MiB; this is larger." in page
    assert "not JSON" not in page
    assert "xxxxxxxx" not in page


def test_a_paste_longer_than_anything_the_site_reads_is_told_that_limit(client: Client) -> None:
    response = post(client, "model", config="x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))
    assert response.status_code == 400
    assert "longer than 8 MB" in response.content.decode()


@pytest.mark.parametrize(
    ("what", "fields"), [("model", {"config": "{"}), ("device", {"bandwidth": "x", "memory": "1"})]
)
def test_the_form_leads_to_what_was_wrong_without_javascript(
    client: Client, what: str, fields: dict[str, object]
) -> None:
    page = post(client, what, **fields).content.decode()
    assert f'action="/own/{what}/#own-{what}-error"' in page
    assert f'role="alert" id="own-{what}-error" tabindex="-1"' in page
    assert f'<details class="fold" id="own-{what}" open>' in page
    assert page.index(f'<a href="#own-{what}-error">') < page.index('<form id="questions"')


def test_broken_answers_beside_it_are_left_out(client: Client) -> None:
    said = answers(post(client, "model", config=CONFIG, answers="users=nobody&hardware=amd"))
    assert "users" not in said
    assert said["hardware"] == ["amd"]


def test_another_device_is_answered(client: Client) -> None:
    fields = {"name": "Prototype X1", "bandwidth": "1008", "memory": "24", "tflops": "165.2"}
    response = post(client, "device", **fields)
    assert answers(response)["device"] == ["custom:Prototype X1;1008;24;165.2"]
    page = client.get(response["Location"]).content.decode()
    assert "Prototype X1, your own (1008 GB/s, 24 GB)" in page


def test_a_device_without_a_name_or_arithmetic_will_do(client: Client) -> None:
    said = answers(post(client, "device", name="", bandwidth="500", memory="16", tflops=""))
    assert said["device"] == ["custom:My device;500;16"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "GB/s of memory bandwidth: a number"),
        ({"bandwidth": "fast", "memory": "8"}, "not &#x27;fast&#x27;"),
        ({"bandwidth": "100", "memory": "0"}, "GiB of memory: a number from 0.25"),
        ({"bandwidth": "100", "memory": "8 9"}, "GiB of memory"),
    ],
)
def test_what_is_wrong_with_a_device_is_said(
    client: Client, fields: dict[str, str], says: str
) -> None:
    response = post(client, "device", name="X", **fields)
    page = response.content.decode()
    assert response.status_code == 400
    assert says in page
    assert '<details class="fold" id="own-device" open>' in page
    assert all(f'value="{value}"' in page for value in fields.values())


def test_forgery_loops_and_other_methods_are_refused(client: Client) -> None:
    assert (
        Client(enforce_csrf_checks=True).post("/own/model/", {"config": CONFIG}).status_code == 403
    )
    assert client.get("/own/model/").status_code == 405
    codes = {post(client, "device").status_code for _ in range(own.A_MINUTE + 1)}
    assert codes == {400, 429}


def test_what_is_too_large_says_how_to_cut_it(client: Client) -> None:
    response = client.get("/too-large/")
    assert response.status_code == 413
    assert "head -c 24M" in response.content.decode()
