"""The glossary is data: short, each word once, no number without a source."""

from __future__ import annotations

import pytest

from recommender import catalogue, glossary
from recommender.glossary import MOST_WORDS, GlossaryError, build

GROUPS = '[groups]\nspeed = "Speed"\n'
TTFT = """
[[term]]
id = "ttft"
group = "speed"
names = ["first token", "TTFT"]
text = "How long somebody waits until the first text arrives."
"""


def test_every_definition_is_one_short_reading() -> None:
    found = glossary.load()
    assert len(found.terms) > 40
    assert all(len(term.text.split()) <= MOST_WORDS for term in found.terms.values())
    assert all(term.text.endswith(".") for term in found.terms.values())


def test_every_group_has_words_and_every_word_a_group() -> None:
    found = glossary.load()
    assert all(found.of_group(group) for group in found.groups)
    assert sum(len(found.of_group(group)) for group in found.groups) == len(found.terms)


@pytest.mark.parametrize("name", ["ttft", "TTFT", "first token", "FIRST TOKEN"])
def test_a_word_is_found_by_id_and_by_any_name(name: str) -> None:
    found = build(GROUPS + TTFT).find(name)
    assert found is not None
    assert (found.anchor, found.name) == ("ttft", "first token")


def test_what_nobody_explained_is_not_found() -> None:
    assert glossary.load().find("flux compensator") is None


def test_every_quantisation_of_the_catalogue_is_explained() -> None:
    found = glossary.load()
    for quant in catalogue.load().quants:
        word = found.find(quant)
        assert word is not None, quant
        assert "bits per weight" in word.text or quant.lower() in found.words
    anchors = [word.anchor for word in found.quants]
    assert len({*anchors}) == len(anchors)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (TTFT.replace("until", "until " + "word " * 25), "ttft: .*at most 25"),
        (TTFT.replace("text arrives", "text arrives, 0.4 s later"), "needs a `source`"),
        (TTFT + TTFT.replace('"ttft"', '"tt"').replace("first token", "TTFT 2"), "ttft twice"),
        (TTFT + TTFT, "an id twice"),
        (TTFT.replace('group = "speed"', 'group = "haste"'), "ttft in a group that is none of"),
        (TTFT.replace("text =", "words ="), "ttft: text"),
        (TTFT.replace('id = "ttft"', 'id = "T T"'), "T T: id"),
    ],
)
def test_what_is_wrong_with_the_data_is_said(data: str, says: str) -> None:
    with pytest.raises(GlossaryError, match=says):
        build(GROUPS + data)


def test_a_number_with_a_source_is_a_claim_that_may_stand() -> None:
    source = 'source = { url = "https://example.org/", cite = "Example" }\n'
    data = TTFT.replace("text arrives", "text arrives, 0.4 s later") + source
    assert build(GROUPS + data).terms["ttft"].source is not None
