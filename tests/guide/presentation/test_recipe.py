"""What the recipe page says beside the recommendation."""

from __future__ import annotations

from guide.presentation.recipe import Warned, warnings
from tests.guide.made import recommendation

SLOWER = "Measured slower than estimated"


def test_it_says_once_what_is_wrong_in_several_places() -> None:
    rec = recommendation(
        warnings=(f"{SLOWER}: 3 at 1 client.", "Repeat it.", f"{SLOWER}: 2 at 4 clients.")
    )
    assert warnings(rec) == (
        Warned(f"{SLOWER}:", ("3 at 1 client.", "2 at 4 clients.")),
        Warned("Repeat it.", ()),
    )


def test_it_leaves_a_single_warning_as_it_is() -> None:
    line = f"{SLOWER}: 3 at 1 client."
    assert warnings(recommendation(warnings=(line,))) == (Warned(line, ()),)
