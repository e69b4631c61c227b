"""A model of one's own as an answer: it means the same wherever it is read, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import catalogue
from recommender.answers import AnswerError, parse
from recommender.own import model
from recommender.own.errors import OwnError
from recommender.recommend import recommend

SMALL = (
    "custom:acme/Tiny-3B;family-llama;params3212749824;layers28;hidden3072;heads24;kv8;dim128;"
    "ffn8192;vocab128256;context131072;tied;plain"
)
PLACES = {"hf_id", "native", "repositories", "gated"}  # where its weights lie and as what
KEPT = {"id", "name", "family", "aliases", "sources", "note"} | PLACES


def refused(answer: str) -> str:
    with pytest.raises(OwnError) as caught:
        model.decode(answer)
    return str(caught.value)


def with_word(word: str) -> str:
    return f"{SMALL};{word}"


@pytest.mark.parametrize("model_id", catalogue.load().models)
def test_every_model_of_the_catalogue_can_be_said_that_way(model_id: str) -> None:
    known = catalogue.load().models[model_id]
    again = model.decode(model.encode(known))

    assert again.model_dump(exclude=KEPT) == known.model_dump(exclude=KEPT | {"released"}) | {
        "released": ""
    }
    assert len(again.id) < model.MOST_LETTERS


def test_it_is_an_answer_with_a_canonical_form() -> None:
    name, *words = SMALL.split(";")
    shuffled = "; ".join([name, *reversed(words)])

    assert parse([("model", shuffled)]).pairs() == (("model", SMALL),)


def test_the_answer_survives_a_link() -> None:
    from urllib.parse import parse_qsl

    answers = parse([("model", SMALL), ("users", "4")])
    assert parse(parse_qsl(answers.urlencode())) == answers


def test_a_recommendation_is_about_that_model() -> None:
    said = [("model", SMALL), ("hardware", "nvidia"), ("device", "rtx-4090"), ("users", "4")]
    rec = recommend(parse(said))

    assert rec.model is not None
    assert (rec.model.name, rec.model.url) == ("Tiny-3B", "https://huggingface.co/acme/Tiny-3B")
    assert rec.engine is not None
    assert rec.memory is not None
    known = [("model", "llama-3.2-3b"), *said[1:], ("quant", "Q4_K_M")]
    mine = recommend(parse([*said, ("quant", "Q4_K_M")])).memory
    theirs = recommend(parse(known)).memory
    assert mine is not None
    assert theirs is not None
    assert mine.parts[0].gib == theirs.parts[0].gib


def test_no_file_is_taken_for_published_but_those_anybody_can_make() -> None:
    said = [("model", SMALL), ("hardware", "apple"), ("memory_gb", "32")]
    assert recommend(parse(said)).quant is not None
    named = recommend(parse([("model", SMALL), ("device", "rtx-4090"), ("quant", "AWQ")]))
    assert named.quant is not None
    assert named.quant.id == "AWQ"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("custom:", "The name '' cannot be used"),
        ("custom:<script>", "cannot be used"),
        ("custom:Mine", "does not say params, layers"),
        ("custom:" + "x" * 700, "at most 600 letters"),
        (with_word("layers9"), "layers is said twice"),
        (with_word("wheels4"), "'wheels4' is no part of a model"),
        (with_word("quick"), "'quick' is no part of a model"),
        (with_word("LAYERS"), "is no part of a model"),
        (with_word("experts8;chosen2;effn64;active9999999999"), "More parameters are active"),
        (with_word("experts8;chosen9;effn64;active9999999"), "9 experts are chosen of 8"),
        (with_word("active2000000000"), "With active go all of active, experts, chosen, effn"),
        (with_word("sliding"), "sliding attention needs"),
        (with_word("sliding;hybrid"), "sliding or hybrid, not both"),
        (with_word("sliding;full29;window8"), "More layers of one kind"),
        (with_word("experts0"), "from 1 to"),
        (SMALL.replace("kv8", "kv7"), "cannot share kv7"),
        (SMALL.replace("layers28", "layers9999999"), "layers is 9,999,999"),
        (SMALL.replace("vocab128256", "vocab4000000"), "Its vocabulary alone"),
        (with_word("tables9000000000000"), "Its vocabulary alone"),
    ],
)
def test_it_says_what_is_wrong(answer: str, says: str) -> None:
    assert says in refused(answer)
    with pytest.raises(AnswerError, match=r"^model: "):
        parse([("model", answer)])


def test_the_catalogue_does_not_stumble_over_a_broken_one() -> None:
    assert catalogue.load().model("custom:Mine;layers") is None


@settings(deadline=None)  # the first call loads the catalogue
@given(st.text(max_size=30))
def test_a_name_is_made_fit_for_an_answer(name: str) -> None:
    tidy = model.tidy(name)
    assert tidy == "" or model.checked_name(tidy) == tidy


@settings(deadline=None)  # the first call loads the catalogue
@given(st.lists(st.sampled_from(SMALL.split(";")[1:]) | st.text(max_size=9), max_size=12))
def test_it_answers_any_nonsense_with_a_sentence(words: list[str]) -> None:
    assert outcome(";".join(["custom:Any", *words])).endswith(".")


def outcome(answer: str) -> str:
    try:
        found = model.decode(answer)
    except OwnError as error:
        return str(error)
    return "the same." if model.decode(found.id) == found else "something else"
