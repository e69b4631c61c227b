"""Saved pictures have the colours of the site, read from its own style sheet."""

from __future__ import annotations

import re

from benchruns.pictures import palette
from benchruns.pictures.marks import ENGINES
from recommender import rulebook

COLOUR = re.compile(r"#[0-9a-f]{6}")


def test_every_engine_of_the_rule_book_has_a_colour_and_a_shape_of_its_own() -> None:
    engines = set(rulebook.load().engines)
    assert engines <= set(palette.engines()) == set(ENGINES)
    assert len(set(palette.engines().values())) == len(palette.engines())
    assert len(set(ENGINES.values())) == len(ENGINES)


def test_what_pictures_need_is_there_as_a_colour_on_paper() -> None:
    needed = {"paper", "paper_sunk", "ink", "ink_soft", "line", "line_strong", "signal", "bad"}
    needed |= {f"memory_{number}" for number in (1, 2, 3, 4)}
    light = palette.light()
    assert needed <= set(light)
    assert all(COLOUR.fullmatch(light[name]) for name in needed)


def test_paper_is_light_and_ink_is_dark() -> None:
    light = palette.light()
    assert int(light["paper"][1:3], 16) > 200 > 60 > int(light["ink"][1:3], 16)
