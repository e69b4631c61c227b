"""What the load options of `rigguide bench` make of a plan, and back."""

from __future__ import annotations

import shlex
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchruns.host.adapters import endpoint
from benchruns.host.command_line import reproduce
from benchruns.host.commands import bench, bench_plan
from benchruns.host.lengths import Lengths, Listed, Lognormal, Uniform
from benchruns.host.plan import Plan, Targets
from benchruns.host.presets import PRESETS, named
from tests.benchruns.host.instrument import mock


def made(*words: str) -> Plan:
    """The plan of `rigguide bench --target … words`; nothing is asked of any server."""
    line = ["--target", "http://127.0.0.1:9", "--model", "mock", *words]
    options = bench.command.make_context("bench", line).params
    return bench_plan.plan_of(options, "endpoint", "mock", "none")


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_plan_with_a_name_needs_nothing_else(name: str) -> None:
    plan = made("--plan", name)
    assert plan.name == name
    assert plan.clients == PRESETS[name].fields["clients"]


def test_an_option_changes_the_plan_which_is_then_no_longer_that_plan() -> None:
    plan = made("--plan", "quick", "--clients", "3")
    assert (plan.name, plan.clients, plan.prompt_tokens) == (None, (3,), 32)
    assert made("--plan", "quick", "--clients", "1,4").name == "quick"
    assert made("--plan", "quick", "--seed", "7").name == "quick"


def test_nobody_knows_how_a_server_of_somebody_else_is_set_up_unless_told() -> None:
    assert made().variant == "as-served"
    assert made("--variant", "as-shipped").variant == "as-shipped"


def test_a_server_that_goes_on_running_gets_new_prompts_each_time_unless_told() -> None:
    """Else the second measurement finds the prompts of the first in its prefix cache."""
    first, second = made(), made()
    assert first.seed != second.seed
    assert made("--seed", "7").seed == 7
    with mock() as (_, address):
        again = shlex.split(reproduce(first, endpoint.connect(address, "mock", None)))
    assert again[again.index("--seed") + 1] == str(first.seed)


def test_rates_targets_and_lengths_are_said_as_people_say_them() -> None:
    plan = made(
        *("--rate", "0.5,2.5", "--goodput", "ttft_ms=500,tokens_per_user=20"),
        *("--prompt-lengths", "uniform:10:30", "--api", "chat"),
    )
    assert plan.rates_per_s == (0.5, 2.5)
    assert plan.goodput == Targets(ttft_ms=500, tokens_per_user=20)
    assert plan.prompt_lengths == Uniform(low=10, high=30)
    assert (plan.prompt_tokens, plan.api) == (20, "chat")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--plan", "huge"), "there is no plan 'huge'; there are quick, standard, thorough"),
        (("--rate", "0"), "--rate 0.0: Input should be greater than 0"),
        (("--rate", "fast"), "--rate 'fast': numbers above 0 with commas between them"),
        (("--goodput", "speed=7"), "ttft_ms=500,tokens_per_user=20, or one of the two"),
        (("--goodput", "ttft_ms=x"), "numbers above 0"),
        (("--goodput", "ttft_ms=-1"), "numbers above 0"),
        (("--prompt-lengths", "short"), "Allowed are uniform:LOW:HIGH"),
        (("--prompt-tokens", "8", "--prompt-lengths", "list:8"), "Say either --prompt-tokens or"),
        (("--half-width", "0.9"), "--half-width 0.9: Input should be less than"),
        (("--ramp", "-1"), "--ramp -1.0: Input should be greater than"),
    ],
)
def test_what_makes_no_plan_is_refused_with_a_sentence(
    words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(click.UsageError, match=sentence):
        made(*words)


lengths: st.SearchStrategy[Lengths] = st.one_of(
    st.builds(Uniform, low=st.integers(1, 9), high=st.integers(9, 900)),
    st.builds(
        Lognormal,
        median=st.integers(9, 90),
        sigma=st.sampled_from([0.3, 0.8, 1.25]),
        low=st.integers(1, 9),
        high=st.integers(90, 900),
    ),
    st.builds(Listed, values=st.lists(st.integers(1, 99), min_size=1, max_size=4).map(tuple)),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    base: dict[str, Any] = {"engine": "endpoint", "model": "mock", "quant": "none"}
    base["variant"] = draw(st.sampled_from(["as-served", "as-shipped", "tuned"]))
    if draw(st.booleans()):
        return named(draw(st.sampled_from(list(PRESETS))), **base)
    return Plan(
        **base,
        clients=draw(st.lists(st.integers(1, 64), min_size=1, max_size=4).map(tuple)),
        rates_per_s=draw(st.lists(st.sampled_from([0.5, 2.5, 12.0]), max_size=2).map(tuple)),
        rate_s=draw(st.sampled_from([30, 60])),
        goodput=draw(st.none() | st.builds(Targets, ttft_ms=st.sampled_from([500.0, 0.5]))),
        prompt_lengths=draw(st.none() | lengths),
        output_lengths=draw(st.none() | st.just(Listed(values=(4, 8)))),
        api=draw(st.sampled_from([None, "chat", "completions"])),
        ramp_s=draw(st.sampled_from([0.0, 2.5])),
        half_width=draw(st.sampled_from([0.05, 0.02])),
        request_limit_s=draw(st.none() | st.integers(1, 99)),
        seed=draw(st.integers(0, 99)),
    )


@given(plans())
@settings(max_examples=60, deadline=None)
def test_the_command_of_a_result_makes_the_very_plan_again(plan: Plan) -> None:
    server = endpoint.Endpoint("http://127.0.0.1:9", "mock")
    program, name, *words = shlex.split(reproduce(plan, server))
    assert (program, name) == ("rigguide", "bench")
    options = bench.command.make_context("bench", words).params
    assert bench_plan.plan_of(options, "endpoint", "mock", "none") == plan
