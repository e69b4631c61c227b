"""What the recipe page says beside the recommendation."""

from __future__ import annotations

from guide.presentation.recipe import Warned, first_token_sentence, warnings
from tests.guide.made import recommendation
from tests.recommender.made import told

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


def test_a_figure_that_is_flat_because_people_queue_says_how_long_they_wait() -> None:
    queue = told("device=rtx-3060&model=qwen3-8b&users=1").speed
    assert queue is not None
    rates = {point.tok_s_per_user.value for point in queue.estimated}
    waits = [point.ttft_ms.value or 0.0 for point in queue.estimated]

    assert len(rates) == 1
    assert waits == sorted(waits)
    assert f"{waits[-1] / 1000:.0f} s with {queue.estimated[-1].clients}" in first_token_sentence(
        queue
    )


def test_where_nobody_waits_nothing_is_said_of_it() -> None:
    speed = told("hardware=none-yet&users=4&model=qwen3-8b").speed
    assert speed is not None
    assert first_token_sentence(speed) == ""
