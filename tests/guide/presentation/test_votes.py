"""Five opinions, sorted to the sides they take; nobody is averaged away."""

from __future__ import annotations

from guide.presentation.votes import sides
from tests.guide.made import opinion, recommendation


def test_it_puts_the_verdict_first_and_the_silent_last() -> None:
    found = sides(recommendation())
    assert [side.engine for side in found] == ["vllm", "ollama", "llama.cpp", None]
    assert [o.article for o in found[0].opinions] == ["a2", "a3"]
    assert found[0].is_verdict


def test_it_shows_the_verdict_even_when_no_article_takes_it() -> None:
    found = sides(recommendation(opinions=(opinion("a1", "ollama"),)))
    assert [(side.engine, len(side.opinions)) for side in found] == [("vllm", 0), ("ollama", 1)]


def test_it_says_when_an_article_takes_an_engine_that_cannot_run() -> None:
    out = {side.engine: side.is_out for side in sides(recommendation())}
    assert out == {"vllm": False, "ollama": False, "llama.cpp": True, None: False}


def test_it_has_every_article_exactly_once() -> None:
    shown = [o.article for side in sides(recommendation()) for o in side.opinions]
    assert sorted(shown) == ["a1", "a2", "a3", "a4", "a5"]
