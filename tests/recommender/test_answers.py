from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.answers import AnswerError, Answers, parse, questions
from recommender.questions import Kind


def refused(*pairs: tuple[str, str]) -> AnswerError:
    with pytest.raises(AnswerError) as caught:
        parse(pairs)
    return caught.value


def test_it_reads_answers_like_a_mapping() -> None:
    answers = parse(
        [("hardware", "nvidia"), ("users", "50"), ("needs", "ide"), ("needs", "metrics")]
    )

    assert answers["users"] == "50"
    assert answers["needs"] == ("ide", "metrics")
    assert "os" not in answers
    assert answers.get("os") is None


def test_it_writes_them_in_the_order_of_the_questions() -> None:
    one = parse([("hardware", "nvidia"), ("users", "50"), ("purpose", "chat")])
    other = parse([("purpose", "chat"), ("users", "50"), ("hardware", "nvidia")])

    assert one == other
    assert one.urlencode() == "purpose=chat&users=50&hardware=nvidia"


def test_it_takes_an_empty_field_as_not_answered() -> None:
    assert parse([("users", ""), ("os", "  "), ("hardware", "cpu")]).pairs() == (
        ("hardware", "cpu"),
    )


def test_it_knows_nothing_special_from_not_asked() -> None:
    assert parse([("needs", "none")])["needs"] == ()
    assert "needs" not in parse([])
    assert parse([("needs", "none")]).pairs() == (("needs", "none"),)


def test_it_says_which_questions_there_are() -> None:
    error = refused(("usrs", "5"))

    assert error.question == "usrs"
    assert "Did you mean users?" in str(error)
    assert all(question.id in str(error) for question in questions())


def test_it_says_which_values_are_allowed() -> None:
    error = refused(("hardware", "nvida"))

    assert (error.question, error.given) == ("hardware", "nvida")
    assert "Did you mean nvidia?" in str(error)
    assert "none-yet, cpu, nvidia, amd, apple, intel or edge" in str(error)


@pytest.mark.parametrize(
    "value", ["0", "-3", "abc", "1.5", "1e3", "nan", "inf", "٣", "100001", "1" * 40]
)
def test_it_refuses_what_is_not_a_number_of_people(value: str) -> None:
    error = refused(("users", value))

    assert "users" in str(error)
    assert "a whole number from 1 to 100000" in str(error)


def test_it_takes_decimals_where_they_make_sense() -> None:
    assert parse([("memory_gb", "7.5"), ("tokens_per_user", "12.0")]).pairs() == (
        ("memory_gb", "7.5"),
        ("tokens_per_user", "12"),
    )


def test_it_refuses_two_answers_to_one_question() -> None:
    assert "one answer" in str(refused(("os", "linux"), ("os", "windows")))


def test_it_forgives_the_same_answer_twice() -> None:
    assert parse([("os", "linux"), ("os", "linux")]).pairs() == (("os", "linux"),)


def test_it_refuses_nothing_special_together_with_something() -> None:
    assert "one or the other" in str(refused(("needs", "none"), ("needs", "ide")))


def test_it_suggests_catalogue_entries_with_a_similar_name() -> None:
    error = refused(("model", "llama-3.1-8"))

    assert "Did you mean" in str(error)
    assert "llama-3.1-8b" in str(error)


def test_it_takes_a_catalogue_entry_by_any_of_its_names() -> None:
    (device,) = parse([("device", "NVIDIA GeForce RTX 4090")]).pairs()

    assert device == ("device", "rtx-4090")


def test_it_changes_one_answer_and_keeps_the_others() -> None:
    answers = parse([("users", "50"), ("hardware", "nvidia"), ("device", "rtx-4090")])

    changed = answers.replaced(("hardware", "apple"), ("device", ""))

    assert changed.pairs() == (("users", "50"), ("hardware", "apple"))
    assert answers["hardware"] == "nvidia"
    assert changed.without("users").pairs() == (("hardware", "apple"),)


def test_every_question_has_words_and_something_to_choose() -> None:
    for question in questions():
        assert question.text.endswith("?")
        assert question.help
        if question.kind is Kind.NUMBER:
            assert question.minimum is not None
            assert question.maximum is not None
        else:
            assert len(question.options) > 1


def test_every_suggestion_is_an_answer() -> None:
    for question in questions():
        for option in question.options:
            assert parse([(question.id, option.value)]).pairs() == ((question.id, option.value),)


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=4))
def test_it_answers_any_nonsense_with_a_sentence(pairs: list[tuple[str, str]]) -> None:
    assert outcome(pairs).endswith(".")


@given(st.text(max_size=12))
def test_it_answers_any_value_of_a_question_with_a_sentence_or_takes_it(value: str) -> None:
    for question in ("users", "hardware", "needs", "model", "memory_gb"):
        assert outcome([(question, value)]).endswith(".")


def outcome(pairs: list[tuple[str, str]]) -> str:
    """The sentence of a refusal; of answers taken, that they come out as they went in."""
    try:
        answers = parse(pairs)
    except AnswerError as error:
        return str(error)
    return "the same." if parse(answers.pairs()) == answers else "something else"


def test_no_answers_are_answers() -> None:
    assert parse([]) == Answers()
    assert parse([]).urlencode() == ""
