"""From when to when the load was full, and how clients leave."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from benchruns.host.document import Sample
from benchruns.host.load.closed_loop import ClosedLoop, Sender, Tally
from benchruns.host.load.dialect import NATIVE
from benchruns.host.load.prompts import Prompts
from benchruns.host.load.request import Target
from benchruns.host.load.window import full, parted
from benchruns.host.statistics import summarise
from tests.benchruns.host.instrument import answer, mock


@dataclass
class Wavering:
    """Says "enough" once, then takes it back."""

    asked: int = 0
    said: list[bool] = field(default_factory=list)

    def __call__(self, samples: Sequence[Sample], elapsed_s: float) -> bool:
        del samples, elapsed_s
        self.asked += 1
        self.said.append(self.asked != 9 and self.asked < 40)
        return self.said[-1]


def test_the_first_enough_is_for_all_clients() -> None:
    """Else one has left and the others are measured as if it were still there."""
    go_on, tally = Wavering(), Tally()
    with mock(ttft_ms=5, itl_ms=1, slots=4) as (_, address):
        target = Target(address, "mock", NATIVE, 4, 20.0)
        loop = ClosedLoop(Sender(target, Prompts(1, words=8), "0"), 4, go_on)
        asyncio.run(loop.run(tally))
    assert go_on.said == [True] * 8 + [False]
    assert len(tally.samples) == 4 + 8
    assert {s.client for s in tally.samples} == {0, 1, 2, 3}


def test_the_load_is_full_until_the_first_client_leaves() -> None:
    """Client 0 left after 2 s; the three others made so many requests that it does not show in
    the order in which requests ended.
    """
    early = [answer(start_s=i, ttft_s=0.5, gap_s=0.125, client=0) for i in range(2)]
    others = [
        answer(start_s=i, ttft_s=0.5, gap_s=0.125, client=client)
        for client in (1, 2, 3)
        for i in range(19)
    ]
    assert full([*early, *others], clients=4) == pytest.approx((0.0, 2.0))
    after = [s for s in parted([*early, *others], 4) if s.start_s >= 2]
    assert {s.part for s in after} == {"cool-down"}


def test_samples_that_do_not_say_whose_they_are_are_read_as_before() -> None:
    quick, slow = answer(ttft_s=0.1, gap_s=0.225), answer(ttft_s=0.1, gap_s=0.725)
    assert full([quick, slow], clients=2) == pytest.approx((0.0, 1.0))


@pytest.mark.parametrize("named", [True, False])
def test_failures_that_end_at_once_do_not_end_the_load(named: bool) -> None:
    """Three of five were served: they had a rate, and it was not nought."""
    good = [answer(ttft_s=0.2, gap_s=0.2, client=i if named else None) for i in range(3)]
    failed = [
        answer(
            start_s=0.01 * i, ttft_s=0.01, tokens=0, outcome="failed", client=3 if named else None
        )
        for i in range(2)
    ]
    found = summarise([*good, *failed], clients=4)
    assert found.output_tok_s == pytest.approx(15.0)
    assert found.not_ok == 2


def test_where_no_token_came_while_the_load_was_full_there_is_no_rate() -> None:
    """One client fails and leaves before anybody has had a token."""
    left = answer(ttft_s=0.01, tokens=1, client=0)
    waiting = [answer(ttft_s=5.0, gap_s=0.1, client=1)]
    found = summarise([left.model_copy(update={"token_times_s": ()}), *waiting], clients=2)
    assert found.output_tok_s is None
