"""Claims, rules and questions are told in our own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest

RUN = 8
ARTICLES = frozenset((Path(__file__).parent / "article_runs.txt").read_text().split())
"""Every run of eight words of the five articles as the beginning of its hash, made with `runs`.
The texts themselves are not ours to keep here."""

OURS = sorted(p.name for p in (Path(str(files("recommender"))) / "data").glob("*.toml"))


def runs(text: str) -> Iterator[str]:
    words = re.findall(r"[a-z0-9.%×]+", text.lower())
    for start in range(len(words) - RUN + 1):
        run = " ".join(words[start : start + RUN])
        yield sha256(run.encode()).hexdigest()[:10]


def sentences(text: str) -> list[str]:
    """What stands between quotation marks, where our words are."""
    return re.findall(r'"((?:[^"\\]|\\.)*)"', text)


@pytest.mark.parametrize("file", OURS)
def test_no_eight_words_in_a_row_are_an_articles(file: str) -> None:
    text = (files("recommender") / "data" / file).read_text("utf-8")
    copied = [s for s in sentences(text) if not s.startswith("http") and ARTICLES & set(runs(s))]
    assert [s for s in copied if not _is_title(s)] == []


def test_it_would_notice_a_copied_sentence() -> None:
    title = "vLLM vs Ollama vs llama.cpp: Picking a Local Inference Engine in 2026"
    assert ARTICLES & set(runs(title))


def _is_title(sentence: str) -> bool:
    """Titles are quoted as they are: that is how one names a source."""
    from recommender import rulebook

    return sentence in {source.title for source in rulebook.load().sources.values()}
