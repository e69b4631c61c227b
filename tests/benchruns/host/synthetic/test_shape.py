from __future__ import annotations

from dataclasses import replace

import pytest

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import shape
from benchruns.host.synthetic.tokenizer import vocabulary, word
from recommender import catalogue
from tests.benchruns.host.instrument import TINY


@pytest.mark.parametrize("model", ["gemma-4-12b", "qwen3.5-9b", "deepseek-r1", "glm-4.5-air"])
def test_it_refuses_shapes_whose_tensors_it_does_not_know(model: str) -> None:
    with pytest.raises(CannotMeasure, match="has layers whose tensors are not known here"):
        shape.from_model(catalogue.load().models[model])


def test_a_shape_tells_only_what_applies_to_it() -> None:
    assert "experts" not in TINY.spec()
    assert "window" not in TINY.spec()
    assert replace(TINY, experts=4).spec()["experts"] == 4
    assert TINY.spec()["tied"] == 1


def test_words_are_letters_only_and_never_repeat() -> None:
    words = [word(i) for i in range(60_000)]
    assert len(set(words)) == len(words)
    assert all(w.isalpha() and w.isascii() for w in words)
    assert len(set(vocabulary(128_256))) == 128_256
