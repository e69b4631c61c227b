"""What is said of rounds whose truth is known."""

from __future__ import annotations

from benchruns.host.compare.verdict import compared, how_judged, sentences
from tests.benchruns.host.compare.made import document, several

FAST, SLOW = [131.0, 128.0, 133.0, 130.0, 135.0], [100.0, 99.0, 101.0, 100.0, 102.0]


def said(*, metric: str = "output_tok_s", **arms: list[object]) -> str:
    found = compared(arms)  # type: ignore[arg-type]
    (sentence,) = sentences([one for one in found if one.metric.id == metric])
    return sentence


def test_it_says_how_many_times_as_fast_and_how_sure_that_is() -> None:
    sentence = said(one=[*several(4, FAST)], two=[*several(4, SLOW)])
    assert sentence == ("one has 1.31× (95 %: 1.29–1.32) the tokens/s in all of two at 4 clients.")


def test_the_better_one_comes_first_whichever_was_named_first() -> None:
    sentence = said(two=[*several(4, SLOW)], one=[*several(4, FAST)])
    assert sentence.startswith("one has 1.31× (95 %: 1.29–1.32) the tokens/s in all of two")


def test_what_it_is_better_in_is_said_once() -> None:
    one = [document({2: rate, 4: rate}) for rate in FAST]
    two = [document({2: rate, 4: rate}) for rate in SLOW]
    assert said(one=[*one], two=[*two]).endswith(
        "one has 1.31× (95 %: 1.29–1.32) the tokens/s in all of two at 2 clients "
        "and 1.31× (95 %: 1.29–1.32) at 4."
    )


def test_of_times_less_is_better() -> None:
    slow, quick = [*several(2, SLOW, ttft_ms=200.0)], [*several(2, SLOW, ttft_ms=100.0)]
    sentence = said(metric="ttft_ms", slow=slow, quick=quick)
    assert (
        "quick has 0.50× (95 %: 0.50–0.50) the time to the first token of slow at 2 clients"
        in sentence
    )


def test_where_it_sees_no_difference_it_says_what_it_looked_at() -> None:
    alone, as_well = [98, 103, 100, 97, 104], [101, 99, 102, 100, 98]
    noisy = [document({1: alone[turn], 4: FAST[turn]}) for turn in range(5)]
    plain = [document({1: as_well[turn], 4: SLOW[turn]}) for turn in range(5)]
    sentence = said(one=[*noisy], two=[*plain])
    assert "1.31× (95 %" in sentence
    assert "at 4 clients; no difference that this data shows at 1." in sentence


def test_what_only_an_interval_alone_would_show_is_no_difference_among_many() -> None:
    nearly, plain = [103.0, 104.0, 101.0, 105.0, 102.0], [100.0] * 5
    sentence = said(one=[*several(4, nearly)], two=[*several(4, plain)])
    assert sentence == (
        "Tokens/s in all of one and two: too little to be sure among so many comparisons at "
        "4 (1.03× (95 %: 1.01–1.05))."
    )
    found = compared({"one": several(4, nearly), "two": several(4, plain)})
    (one,) = (each for each in found if each.metric.id == "output_tok_s")
    assert one.ratio.p is not None
    assert one.ratio.p < 0.05 < (one.p_adjusted or 0.0)


def test_it_says_how_many_were_judged_together() -> None:
    found = compared({name: several(2, SLOW) for name in ("a", "b", "c")})
    assert how_judged(found) == (
        "The 12 comparisons are judged together (Holm's step-down procedure): were all alike, the "
        "chance that even one difference is named would be 5 % at most."
    )
    assert how_judged(found[:1]) == ""
    assert how_judged(compared({"a": several(2, SLOW[:3]), "b": several(2, SLOW[:3])})) == ""


def test_too_few_rounds_cannot_tell() -> None:
    sentence = said(one=[*several(4, FAST[:3])], two=[*several(4, SLOW[:3])])
    assert sentence == (
        "Tokens/s in all of one and two: 3 rounds of each cannot tell at 4, 5 are needed."
    )


def test_only_numbers_of_clients_that_both_have_are_compared() -> None:
    found = compared({"one": [document({1: 10.0, 2: 20.0})], "two": [document({2: 20.0, 4: 40.0})]})
    assert {one.clients for one in found} == {2}


def test_a_figure_that_was_not_measured_is_compared_with_nothing() -> None:
    found = compared({"one": several(2, [None]), "two": several(2, [20.0])})
    assert "output_tok_s" not in {one.metric.id for one in found}


def test_several_are_compared_pair_by_pair() -> None:
    arms = {name: several(2, SLOW) for name in ("a", "b", "c")}
    assert {(one.of, one.to) for one in compared(arms)} == {("a", "b"), ("a", "c"), ("b", "c")}
