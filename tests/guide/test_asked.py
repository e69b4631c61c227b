"""Answers are read from the address; what is right survives what is wrong beside it."""

from __future__ import annotations

from django.http import QueryDict

from guide.asked import is_canonical, read


def pairs(query: str) -> tuple[tuple[str, str], ...]:
    return read(QueryDict(query)).answers.pairs()


def test_it_ignores_what_was_left_blank() -> None:
    assert pairs("users=&hardware=nvidia&memory_gb=") == (("hardware", "nvidia"),)


def test_it_takes_the_number_beside_exactly() -> None:
    assert pairs("users=exact&users_exact=30") == (("users", "30"),)


def test_it_takes_a_number_typed_without_choosing_exactly() -> None:
    assert pairs("users_exact=30") == (("users", "30"),)


def test_it_takes_the_suggestion_when_a_suggestion_is_chosen() -> None:
    assert pairs("users=5&users_exact=30") == (("users", "5"),)


def test_it_takes_exactly_without_a_number_as_not_known() -> None:
    assert pairs("users=exact&users_exact=") == ()


def test_it_keeps_the_rest_when_one_answer_is_wrong() -> None:
    asked = read(QueryDict("users=many&hardware=nvidia&os=linux"))
    assert asked.answers.pairs() == (("hardware", "nvidia"), ("os", "linux"))
    assert list(asked.errors) == ["users"]
    assert "many" in asked.errors["users"]


def test_it_names_every_wrong_answer() -> None:
    asked = read(QueryDict("users=0&hardware=toaster&nonsense=1&os=linux"))
    assert set(asked.errors) == {"users", "hardware", "nonsense"}
    assert asked.answers.pairs() == (("os", "linux"),)


def test_it_takes_out_only_the_wrong_one_of_several() -> None:
    asked = read(QueryDict("needs=metrics&needs=wings&needs=ide"))
    assert set(asked.answers.pairs()) == {("needs", "metrics"), ("needs", "ide")}


def test_it_knows_an_address_that_a_form_left_untidy() -> None:
    assert is_canonical(QueryDict("users=30&hardware=nvidia"))
    assert is_canonical(QueryDict(""))
    assert not is_canonical(QueryDict("users=&hardware=nvidia"))
    assert not is_canonical(QueryDict("users=exact&users_exact=30"))
