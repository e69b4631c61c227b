"""`/rulebook/`: version, change log, sources."""

from __future__ import annotations

from django.test import Client
from django.utils.html import escape

from recommender import freshness, rulebook


def test_it_says_its_version_hash_and_changes(client: Client) -> None:
    text = client.get("/rulebook/").content.decode()
    book = rulebook.load()
    assert book.version in text
    assert book.digest in text
    assert all(escape(change.text) in text for change in freshness.changes())


def test_it_lists_every_source_with_its_date(client: Client) -> None:
    text = client.get("/rulebook/").content.decode()
    for source in freshness.sources():
        if source.where != "catalogue":
            assert f'id="source-{source.id}"' in text
            assert escape(source.title) in text
