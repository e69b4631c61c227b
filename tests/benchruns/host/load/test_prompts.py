from __future__ import annotations

from benchruns.host.load.prompts import WARM_UP, Prompts, words_for


def test_it_makes_the_same_prompt_for_the_same_place_only() -> None:
    prompts = Prompts(seed=1, words=64)
    places = [(p, c, r) for p in (WARM_UP, 0, 1) for c in range(8) for r in range(8)]
    texts = {prompts.prompt(*place) for place in places}
    assert len(texts) == len(places)
    assert prompts.prompt(0, 1, 2) == prompts.prompt(0, 1, 2)
    assert Prompts(seed=2, words=64).prompt(0, 1, 2) not in texts


def test_no_two_prompts_share_a_beginning_that_a_cache_could_use() -> None:
    prompts = Prompts(seed=1, words=64)
    starts = [
        prompts.prompt(p, c, r).split()[:3] for p in (0, 1) for c in range(8) for r in range(8)
    ]
    assert len({tuple(start) for start in starts}) == len(starts)


def test_it_learns_how_many_words_make_the_wanted_tokens() -> None:
    assert words_for(wanted_tokens=64, words_sent=64, tokens_seen=64) == 64
    assert words_for(wanted_tokens=64, words_sent=64, tokens_seen=128) == 32
    assert words_for(wanted_tokens=64, words_sent=64, tokens_seen=None) == 64
    assert words_for(wanted_tokens=1, words_sent=4, tokens_seen=400) == 1
