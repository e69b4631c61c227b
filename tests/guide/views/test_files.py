"""The files of a recipe: for answers, and as they were when somebody shared them."""

from __future__ import annotations

import re

import pytest
import yaml
from django.test import Client

from guide.models import SharedRecommendation
from tests.guide.made import recommendation

pytestmark = pytest.mark.django_db
ANSWERS = "users=50&hardware=nvidia&os=linux&purpose=production-api&device=rtx-4090"
MAC = "users=1&hardware=apple&os=macos&device=apple-m4-max&memory_gb=64"
NOTHING_FITS = "users=1&hardware=nvidia&os=linux&memory_gb=8&model=llama-3.3-70b"


def shared(client: Client, query: str = ANSWERS) -> str:
    return client.post("/share/", {"answers": query})["Location"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("install.sh", "text/plain; charset=utf-8"),
        ("docker-compose.yml", "application/yaml"),
        ("rigguide-vllm.service", "text/plain; charset=utf-8"),
        ("kubernetes.yaml", "application/yaml"),
    ],
)
def test_each_file_comes_as_a_download(client: Client, name: str, media_type: str) -> None:
    for address in (f"/recipe/files/{name}?{ANSWERS}", f"{shared(client)}/{name}"):
        response = client.get(address)
        assert response.status_code == 200
        assert response["Content-Type"] == media_type
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert "made by RigGuide" in response.content.decode()


def test_a_shared_file_stays_what_it_was(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"{shared(client)}/docker-compose.yml"
    before = client.get(address)
    monkeypatch.setattr("recommender.recipe.compose.NAME", "other.yml")
    again = client.get(address)
    assert again.content == before.content
    assert "immutable" in again["Cache-Control"]


def test_a_file_that_this_recipe_has_not_is_a_404_that_says_which_there_are(client: Client) -> None:
    response = client.get(f"/recipe/files/docker-compose.yml?{MAC}")
    said = response.content.decode()
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/plain")
    assert "there is install.sh" in said
    assert "macOS" in said


def test_no_file_where_nothing_fits(client: Client) -> None:
    response = client.get(f"/recipe/files/install.sh?{NOTHING_FITS}")
    assert response.status_code == 404
    assert "nothing fits" in response.content.decode()


def test_wrong_answers_are_a_400_with_a_sentence(client: Client) -> None:
    response = client.get("/recipe/files/install.sh?users=many")
    assert response.status_code == 400
    assert "takes a whole number" in response.content.decode()


def test_what_was_shared_before_there_were_files_says_so(client: Client) -> None:
    kept = SharedRecommendation.of(recommendation())
    response = client.get(f"{kept.get_absolute_url()}/install.sh")
    assert response.status_code == 404
    assert "shared before there were any" in response.content.decode()


def test_an_unknown_link_is_a_404(client: Client) -> None:
    assert client.get("/r/nobody/install.sh").status_code == 404


@pytest.mark.parametrize("query", [ANSWERS, MAC])
def test_the_page_shows_each_form_or_says_why_there_is_none(client: Client, query: str) -> None:
    for address in (f"/recipe/?{query}", shared(client, query)):
        page = client.get(address).content.decode()
        for form in ("shell", "script", "compose", "service", "kubernetes"):
            assert f'id="form-{form}"' in page
            assert f'id="panel-{form}"' in page


def test_every_download_on_the_page_works(client: Client) -> None:
    for address in (f"/recipe/?{ANSWERS}", shared(client)):
        page = client.get(address).content.decode()
        links = re.findall(r'href="([^"]+)" download>', page)
        assert len(links) == 4
        for link in links:
            assert client.get(link.replace("&amp;", "&")).status_code == 200


def test_the_page_shows_the_file_it_offers(client: Client) -> None:
    page = client.get(f"/recipe/?{ANSWERS}").content.decode()
    shown = re.search(r'<code id="file-compose">(.*?)</code>', page, re.DOTALL)
    assert shown is not None
    assert "127.0.0.1:8000:8000" in shown.group(1)
    text = client.get(f"/recipe/files/docker-compose.yml?{ANSWERS}").content.decode()
    assert yaml.safe_load(text)["services"]["engine"]["image"].startswith("vllm/")


def test_the_page_says_what_a_switch_would_change(client: Client) -> None:
    page = client.get(f"/recipe/?{ANSWERS}").content.decode()
    section = page[page.index('aria-labelledby="switches"') :]
    assert "--max-num-seqs" in section
    assert "http://127.0.0.1:30000/v1" in section


def test_the_shared_documents_name_the_files_and_the_switches(client: Client) -> None:
    link = shared(client)
    markdown = client.get(f"{link}.md").content.decode()
    assert "- Docker Compose: `docker-compose.yml`." in markdown
    assert "## Switching to another engine" in markdown
    data = client.get(f"{link}.json").json()
    assert [form["id"] for form in data["forms"]] == ["script", "compose", "service", "kubernetes"]
    assert (
        data["forms"][1]["file"]["text"]
        == client.get(f"{link}/docker-compose.yml").content.decode()
    )
    assert data["switches"][0]["rows"][0]["what"] == "Base URL"
