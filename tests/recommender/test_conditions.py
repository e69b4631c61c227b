from __future__ import annotations

from itertools import product

import pytest

from recommender.conditions import All, Either, Not, parse
from recommender.facts import Facts

FACTS = Facts(users=8, hardware="nvidia", needs=frozenset({"metrics"}))


def truth(raw: object, facts: Facts = FACTS) -> bool | None:
    return parse(raw, {"several": parse({"users": ">=2"}, {})}).truth(facts)


def test_it_compares_numbers() -> None:
    assert truth({"users": ">=8"}) is True
    assert truth({"users": "<8"}) is False


def test_it_compares_words() -> None:
    assert truth({"hardware": "nvidia"}) is True
    assert truth({"hardware": ["amd", "apple"]}) is False


def test_it_looks_into_the_needs() -> None:
    assert truth({"needs": "metrics"}) is True
    assert truth({"needs": ["ide", "metrics"]}) is True
    assert truth({"needs": "ide"}) is False
    assert truth({"needs": "ide"}, Facts(needs=frozenset())) is False


def test_what_is_not_known_is_neither_true_nor_false() -> None:
    assert truth({"os": "linux"}) is None
    assert truth({"needs": "ide"}, Facts()) is None
    assert truth({"not": {"os": "linux"}}) is None


def test_entries_of_a_table_must_all_hold() -> None:
    assert truth({"users": ">=2", "hardware": "nvidia"}) is True
    assert truth({"users": ">=2", "hardware": "amd"}) is False


def test_the_empty_condition_always_holds() -> None:
    assert truth({}, Facts()) is True


def test_it_takes_named_conditions() -> None:
    assert truth({"term": "several"}) is True


@pytest.mark.parametrize(("a", "b"), list(product([True, False, None], repeat=2)))
def test_it_follows_kleene(a: bool | None, b: bool | None) -> None:
    known = {True: {"users": ">=1"}, False: {"users": "<1"}, None: {"os": "linux"}}
    parts = (parse(known[a], {}), parse(known[b], {}))
    order = {False: 0, None: 1, True: 2}

    assert All(parts).truth(FACTS) is min(a, b, key=order.__getitem__)
    assert Either(parts).truth(FACTS) is max(a, b, key=order.__getitem__)
    assert Not(parts[0]).truth(FACTS) is (None if a is None else not a)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("always", "a condition is a table"),
        ({"colour": "red"}, "there is no fact 'colour'"),
        ({"users": 5}, 'users is compared as ">=5" or "<5"'),
        ({"users": ">5"}, 'users is compared as ">=5" or "<5"'),
        ({"hardware": []}, "a word or a list of words"),
        ({"term": "nobody"}, "there is no term 'nobody'; there are several"),
        ({"all": {"os": "linux"}}, "there is no fact 'all'"),
    ],
)
def test_it_says_what_it_does_not_understand(raw: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        truth(raw)


def test_it_tells_which_facts_it_reads() -> None:
    condition = parse({"any": [{"os": "linux"}, {"not": {"users": ">=5"}}]}, {})

    assert [atom.fact for atom in condition.atoms()] == ["os", "users"]
