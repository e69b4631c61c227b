"""Which results belong together, what they are called, and when a verdict may be told."""

from __future__ import annotations

from typing import Any

import pytest

from benchruns.comparing.arms import Shown, comparison
from tests.benchruns.comparing.shown import THROUGHPUT, shown
from tests.benchruns.host.compare.made import document


def turns(fast: list[float], slow: list[float]) -> list[Shown]:
    """Two engines in turns, a minute apart."""
    return [
        one
        for turn, (quick, plain) in enumerate(zip(fast, slow, strict=True))
        for one in (
            shown(f"f{turn}", {4: quick}, after_s=120 * turn, engine="vllm"),
            shown(f"s{turn}", {4: plain}, after_s=120 * turn + 60),
        )
    ]


FAST, SLOW = [131.0, 128.0, 133.0, 130.0, 135.0], [100.0, 99.0, 101.0, 100.0, 102.0]


def test_rounds_of_the_same_become_one_arm() -> None:
    made = comparison(turns(FAST, SLOW))
    assert [(arm.name, len(arm.shown)) for arm in made.arms] == [("vllm", 5), ("llama.cpp", 5)]
    value = made.arms[0].values(THROUGHPUT)[0]
    assert (value.value, value.low, value.high) == (131.0, 128.0, 135.0)


def test_what_was_measured_in_turns_gets_a_verdict() -> None:
    made = comparison(turns(FAST, SLOW))
    assert made.in_turns
    assert (
        "vllm has 1.31× (95 %: 1.29–1.32) the tokens/s in all of llama.cpp at 4 clients"
        in made.verdict[0]
    )


def test_machines_of_two_teams_with_one_name_are_two_arms() -> None:
    made = comparison([shown("a", {4: 1.0}), shown("b", {4: 1.0}, host_id=2)])
    assert [arm.name for arm in made.arms] == ["llama.cpp (A)", "llama.cpp (B)"]
    assert not made.in_turns


def test_what_was_measured_one_after_the_other_gets_none() -> None:
    one = [shown(f"f{i}", {4: r}, after_s=60 * i, engine="vllm") for i, r in enumerate(FAST)]
    two = [shown(f"s{i}", {4: r}, after_s=60 * (i + 5)) for i, r in enumerate(SLOW)]
    made = comparison([*one, *two])
    assert (made.in_turns, made.verdict) == (False, ())


@pytest.mark.parametrize("more", [{"host": "bob"}, {"host_id": 2}, {"output_tokens": 64}])
def test_other_machines_and_other_loads_get_no_verdict(more: dict[str, Any]) -> None:
    made = comparison([shown("a", {4: 1.0}), shown("b", {4: 1.0}, engine="vllm", **more)])
    assert (made.in_turns, made.verdict) == (False, ())


def test_arms_are_named_by_no_more_than_tells_them_apart() -> None:
    plain, shipped = shown("a", {1: 1.0}), shown("b", {1: 1.0}, variant="as-shipped")
    made = comparison([plain, shipped, shown("c", {1: 1.0}, engine="vllm")])
    assert [arm.name for arm in made.arms] == [
        "llama.cpp (set for the load)",
        "llama.cpp (as shipped)",
        "vllm",
    ]


def test_versions_and_machines_tell_apart_too() -> None:
    versions = comparison(
        [shown("a", {1: 1.0}), shown("b", {1: 1.0}, engine_facts={"version": "2"})]
    )
    assert [arm.name for arm in versions.arms] == ["llama.cpp (1)", "llama.cpp (2)"]
    hosts = comparison([shown("a", {1: 1.0}), shown("b", {1: 1.0}, host="bob")])
    assert [arm.name for arm in hosts.arms] == ["llama.cpp (alice)", "llama.cpp (bob)"]


def test_what_only_flags_tell_apart_is_told_apart_by_its_letter() -> None:
    made = comparison(
        [shown("a", {1: 1.0}), shown("b", {1: 1.0}, engine_facts={"argv": ("x", "--flash-attn")})]
    )
    assert [arm.name for arm in made.arms] == ["llama.cpp (A)", "llama.cpp (B)"]
    assert [(row.name, row.values) for row in made.differing] == [("Flags", ("", "x --flash-attn"))]


def test_ports_and_paths_of_a_start_are_no_difference() -> None:
    argv = ("llama-server", "--port", "41233", "--model", "/home/x/weights/tiny.gguf")
    other = ("llama-server", "--port", "50001", "--model", "/home/x/weights/tiny.gguf")
    made = comparison(
        [
            shown("a", {1: 1.0}, engine_facts={"argv": argv}),
            shown("b", {1: 2.0}, engine_facts={"argv": other}),
        ]
    )
    assert len(made.arms) == 1


def test_it_says_what_differs_and_what_does_not() -> None:
    made = comparison([shown("a", {1: 1.0}), shown("b", {1: 1.0}, quant="Q4_0", engine="vllm")])
    differing = {row.name for row in made.differing}
    assert "Engine" in differing
    assert {"Machine", "Model", "Tokens"} <= {row.name for row in made.same}
    assert not differing & {row.name for row in made.same}


def test_a_figure_that_nobody_measured_is_not_there() -> None:
    made = comparison([shown("a", {1: None, 2: 5.0})])
    assert [value.clients for value in made.arms[0].values(THROUGHPUT)] == [2]


def test_it_says_what_synthetic_weights_leave_out() -> None:
    spec = {"layers": 4, "layers_of": 48, "experts": 128}
    part = document({1: 1.0})
    part = part.model_copy(update={"model": part.model.model_copy(update={"spec": spec})})
    (row,) = [row for row in comparison([Shown("a", "alice", part)]).same if row.name == "Weights"]
    assert row.values == ("synthetic, 4 of 48 layers, a random router",)
