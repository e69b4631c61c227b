"""What the owner of a machine lets a site ask of it."""

from __future__ import annotations

import pytest

from benchruns.host.limits import Limits
from tests.benchruns.host.instrument import plan

LLAMA = {"engine": "llama.cpp", "model": "llama-3.2-1b", "quant": "Q8_0"}


def test_it_lets_usual_plans_pass() -> None:
    assert Limits().refusal(plan(**LLAMA, time_limit_s=750)) is None


def test_it_refuses_what_takes_too_long() -> None:
    assert Limits(minutes=10).refusal(plan(**LLAMA, time_limit_s=601)) == (
        "This machine's owner lets it measure for 10 minutes at most; this was given 10.0167."
    )
    assert Limits(minutes=10).refusal(plan(**LLAMA, time_limit_s=600)) is None


def test_it_refuses_what_is_too_large() -> None:
    refused = Limits(weights_gib=1).refusal(plan(**LLAMA))
    assert refused == (
        "This machine's owner lets it load 1 GiB of weights at most; llama-3.2-1b Q8_0 has 1.2."
    )


@pytest.mark.parametrize("changes", [{"model": "unheard-of"}, {"quant": "Q1_X"}])
def test_it_leaves_what_cannot_be_measured_at_all_to_the_measuring(
    changes: dict[str, str],
) -> None:
    assert Limits().refusal(plan(**(LLAMA | changes))) is None
