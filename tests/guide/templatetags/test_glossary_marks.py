"""Words of the field in a page."""

from __future__ import annotations

import pytest
from django.template import Context, Template


def shown(template: str, **told: str) -> str:
    return Template("{% load glossary_marks %}" + template).render(Context(told))


def test_a_term_is_a_link_that_carries_its_definition() -> None:
    page = shown('{% term "ttft" "TTFT" %}')
    assert page.startswith('<a class="term" href="/glossary/#ttft" data-term="Time to first token')
    assert page.endswith(">TTFT</a>")


def test_a_page_cannot_use_a_word_that_nobody_explained() -> None:
    with pytest.raises(KeyError):
        shown('{% term "flux-compensator" %}')


def test_words_of_the_data_are_explained_where_they_can_be() -> None:
    assert 'href="/glossary/#kv-cache"' in shown("{{ w|explained }}", w="KV cache")
    assert 'href="/glossary/#quant-q4-k-m"' in shown("{{ w|explained }}", w="Q4_K_M")


def test_other_words_stand_as_they_are() -> None:
    assert shown("{{ w|explained }}", w="<b>mine</b>") == "&lt;b&gt;mine&lt;/b&gt;"


def test_prose_explains_its_jargon_where_it_first_stands() -> None:
    page = shown("{{ w|prose }}", w="Tokens & more tokens; a KV cache, no tokenizer.")
    assert page.count('class="term"') == 2
    assert page.startswith('<a class="term" href="/glossary/#token"')
    assert ">Tokens</a> &amp; more tokens; a <a" in page
    assert page.endswith(", no tokenizer.")


def test_prose_escapes_what_it_does_not_explain() -> None:
    assert shown("{{ w|prose }}", w="<i>plain</i>") == "&lt;i&gt;plain&lt;/i&gt;"
