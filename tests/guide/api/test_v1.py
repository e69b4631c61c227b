"""The API answers what the pages answer."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.test import Client

from guide.api.urls import route, urlpatterns
from recommender.answers import questions
from recommender.prices import NAMES
from recommender.questions import Kind

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


def test_it_recommends_with_reasons_and_sources(client: Client) -> None:
    query = "users=50&hardware=nvidia&os=linux&purpose=production-api"
    response = client.get(f"{BASE}/recommendation?{query}")
    body = response.json()
    assert response.status_code == 200
    assert body["engine"] == "vllm"
    assert body["because"]
    assert all(reason["rule"] and reason["source"] for reason in body["because"])


@pytest.mark.parametrize(
    ("query", "engines"),
    [
        ("users=1&hardware=apple", {"ollama", "llama.cpp", "mlx-lm"}),
        ("privacy=auditable&hardware=cpu", {"llama.cpp"}),
    ],
)
def test_it_recommends_only_what_can_run(client: Client, query: str, engines: set[str]) -> None:
    assert client.get(f"{BASE}/recommendation?{query}").json()["engine"] in engines


def test_it_says_what_was_wrong_and_what_is_allowed(client: Client) -> None:
    response = client.get(f"{BASE}/recommendation?hardware=toaster")
    assert response.status_code == 400
    assert list(response.json()) == ["error"]
    assert "toaster" in response.json()["error"]
    assert "nvidia" in response.json()["error"]


def test_it_lists_the_questions(client: Client) -> None:
    body = client.get(f"{BASE}/questions").json()
    assert [q["id"] for q in body["questions"]] == [q.id for q in questions()]
    assert body["rulebook_version"]


def test_its_document_has_every_question_and_its_values(client: Client) -> None:
    body = client.get(f"{BASE}/openapi.json").json()
    get = body["paths"]["/api/v1/recommendation"]["get"]
    described = {parameter["name"]: parameter["schema"] for parameter in get["parameters"]}
    asked = [q.id for q in questions()]
    assert list(described)[: len(asked)] == asked
    assert set(described) - set(asked) == set(NAMES)  # prices, which decide nothing
    for question in questions():
        if question.kind is Kind.CHOICE:
            listed = described[question.id]
            if question.id in ("model", "device"):  # or one's own, described in the answer
                listed, own = listed["anyOf"]
                assert own["pattern"] == "^custom:.+$"
            assert listed["enum"] == [o.value for o in question.options]
        if question.kind is Kind.NUMBER:
            assert described[question.id]["type"] == "number"


@pytest.mark.parametrize("query", ["", "users=1&hardware=apple", "users=900&hardware=amd&os=linux"])
def test_its_answers_have_what_its_document_promises(client: Client, query: str) -> None:
    document = client.get(f"{BASE}/openapi.json").json()
    promised = document["components"]["schemas"]["Recommendation"]["required"]
    answer = client.get(f"{BASE}/recommendation?{query}").json()
    assert set(promised) <= set(answer)


def test_it_rejects_post(client: Client) -> None:
    response = client.post(f"{BASE}/recommendation")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert response.json() == {
        "error": "POST is not allowed here: this API is only read, with GET."
    }


def test_it_says_which_addresses_there_are(client: Client) -> None:
    response = client.get(f"{BASE}/foo")
    assert response.status_code == 404
    said = response.json()["error"]
    assert said.startswith("There is no /api/v1/foo.")
    assert "/api/v1/recommendation" in said


def test_it_says_in_json_that_something_outside_it_is_not_there(client: Client) -> None:
    response = client.get("/api/v9/questions")
    assert (response.status_code, response.json()) == (
        404,
        {"error": "There is nothing at this address."},
    )


def test_its_document_has_every_address(client: Client) -> None:
    served = {str(p.pattern) for p in urlpatterns if str(p.pattern).startswith("api/v1/")}
    body = client.get(f"{BASE}/openapi.json").json()
    assert {route(path) for path in body["paths"]} == served - {"api/v1/<path:rest>"}
    operations = [one for path in body["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for answer in (answer for one in operations for answer in one["responses"].values()):
        name = answer.get("$ref", "").rpartition("/")[2]
        assert not name or name in body["components"]["responses"]


def test_it_says_in_json_that_it_broke() -> None:
    client = Client(raise_request_exception=False)
    with patch("guide.api.v1.recommend", side_effect=RuntimeError("broken for the story")):
        response = client.get(f"{BASE}/recommendation")
    assert response.status_code == 500
    assert list(response.json()) == ["error"]


def test_it_says_which_machine_to_get_where_there_is_none(client: Client) -> None:
    body = client.get(f"{BASE}/recommendation?hardware=none-yet&users=4").json()
    smallest = next(f["smallest"] for f in body["machines"]["families"] if f["smallest"])
    assert smallest["device"]
    assert {margin["what"] for margin in smallest["margins"]} >= {"memory"}


def test_prices_add_a_cost_and_change_nothing_else(client: Client) -> None:
    answers = "device=rtx-4090&users=4&model=qwen3-8b"
    plain = client.get(f"{BASE}/recommendation?{answers}").json()
    prices = "price=1800&currency=EUR&years=3&utilisation=0.3"
    dear = client.get(f"{BASE}/recommendation?{answers}&{prices}").json()
    assert plain.pop("cost") is None
    assert dear.pop("cost")["output"]["value"] > 0
    assert dear == plain


def test_a_wrong_price_is_a_400_that_says_what_is_allowed(client: Client) -> None:
    response = client.get(f"{BASE}/recommendation?users=4&price=cheap&currency=EUR")
    assert response.status_code == 400
    assert "price is 'cheap', but it takes a number" in response.json()["error"]
