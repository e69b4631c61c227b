"""Words of the field in a page: a link to the glossary that also carries the definition.

Without a script it is a link; `static/js/terms.js` shows the definition on the spot.
"""

from __future__ import annotations

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from recommender import glossary
from recommender.glossary import Word

register = template.Library()


@register.simple_tag
def term(name: str, words: str = "") -> SafeString:
    """Raises KeyError for a term that nobody explained: a page must not use it."""
    found = glossary.load().find(name)
    if found is None:
        raise KeyError(name)
    return _link(found, words or found.name)


@register.filter
def explained(words: str) -> SafeString:
    """Words of the data, such as "KV cache": a link where they are a term, else as they are."""
    found = glossary.load().find(words)
    return _link(found, words) if found else format_html("{}", words)


@register.filter
def prose(text: str) -> SafeString:
    """A sentence of the data with its jargon explained, each word where it first stands."""
    known, told, parts, end = glossary.load(), set[str](), list[SafeString](), 0
    for match in known.jargon.finditer(text):
        word = known.find(match[0])
        if word is None or word.anchor in told:
            continue
        told.add(word.anchor)
        parts += [escape(text[end : match.start()]), _link(word, match[0])]
        end = match.end()
    return SafeString("".join([*parts, escape(text[end:])]))


def _link(word: Word, shown: str) -> SafeString:
    link = '<a class="term" href="/glossary/#{}" data-term="{}">{}</a>'
    return format_html(link, word.anchor, word.text, shown)
