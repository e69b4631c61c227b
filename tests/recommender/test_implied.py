from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from recommender import domain
from recommender.answers import parse
from recommender.implied import Derived, derive
from recommender.rulebook import load
from tests.recommender.made import told


def facts(query: str) -> Derived:
    return derive(parse(parse_qsl(query)), load())


def test_what_was_said_is_known_and_typed() -> None:
    known = facts("users=50&memory_gb=24&needs=ide&tokens_per_user=12.5").known

    assert known.users == 50
    assert known.memory_gb == 24.0
    assert known.needs == frozenset({"ide"})
    assert known.tokens_per_user == 12.5


def test_what_was_not_said_is_not_known() -> None:
    known = facts("users=50").known

    assert known.hardware is None
    assert known.needs is None


def test_an_apple_machine_runs_macos_on_arm() -> None:
    known = facts("hardware=apple").known

    assert (known.os, known.arch) == ("macos", "arm64")


def test_a_device_tells_the_hardware_and_its_class() -> None:
    assert facts("device=rtx-4090").known.hardware == "nvidia"
    assert facts("device=rtx-4090").known.gpu_class == "consumer"
    assert facts("device=h100-sxm-80gb").known.gpu_class == "datacenter"


def test_assumptions_fill_every_deciding_fact_and_are_listed() -> None:
    derived = facts("purpose=production-api")

    assert derived.whole.users == 20
    assert derived.whole.os == "linux"
    assert {a.fact for a in derived.assumed} >= {"users", "os", "hardware", "needs"}
    assert derived.known.users is None


def test_nothing_is_assumed_of_what_was_said() -> None:
    assert "users" not in {a.fact for a in facts("users=3").assumed}


def test_macos_suggests_an_apple_machine() -> None:
    assert facts("os=macos").whole.hardware == "apple"
    assert facts("os=macos&arch=x86_64").whole.hardware == "cpu"


def test_contradictions_are_settled_and_told() -> None:
    derived = facts("hardware=apple&os=windows")

    assert derived.known.hardware == "cpu"
    assert [c.id for c in derived.contradictions] == ["contradiction.apple-windows"]


def test_a_machine_that_counts_as_another_keeps_nothing_of_the_device() -> None:
    known = facts("device=rtx-3090&gpus=2&memory_gb=24&os=macos").known

    assert known.hardware == "cpu"
    assert (known.device, known.gpus, known.memory_gb, known.gpu_class) == (None,) * 4


def test_a_contradiction_that_leaves_the_hardware_leaves_the_device() -> None:
    derived = facts("device=apple-m2&memory_gb=16&arch=x86_64")

    assert [c.id for c in derived.contradictions] == ["contradiction.apple-arch"]
    assert (derived.known.device, derived.known.memory_gb) == ("apple-m2", 16)


def test_a_device_not_as_its_maker_sells_it_is_told() -> None:
    odd = facts("device=apple-m2&memory_gb=17&gpus=2")
    texts = [c.text for c in odd.contradictions]

    assert texts[0].startswith("Apple M2 has 8, 16 or 24 GB; we count with the 17 GB")
    assert texts[1] == "A machine has one Apple M2: 2 of them are several machines. We count one."
    assert (odd.known.gpus, odd.known.memory_gb) == (None, 17)
    assert facts("device=apple-m2&memory_gb=16&gpus=1").contradictions == ()
    assert facts("device=rtx-4090&gpus=2").contradictions == ()


def test_every_contradiction_leaves_a_machine_that_exists() -> None:
    for hardware in ("none-yet", "cpu", "nvidia", "amd", "apple", "intel", "edge"):
        for os in ("linux", "macos", "windows"):
            for arch in ("x86_64", "arm64", "other"):
                whole = facts(f"hardware={hardware}&os={os}&arch={arch}").whole
                assert whole.hardware is not None


def test_assumptions_rest_on_nothing_outside_their_own_group() -> None:
    """What would flip the verdict is found group by group (`recommender.flips`)."""
    groups: tuple[set[str], ...] = (set(domain.MACHINE), {"purpose", "users"})
    for assumption in load().assumptions:
        group = next((g for g in groups if assumption.fact in g), set())
        assert {atom.fact for atom in assumption.when.atoms()} <= group


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("hardware=apple&device=rtx-4090", "is an NVIDIA GPU: we take the device"),
        ("hardware=nvidia&device=raspberry-pi-5", "is a small board"),
        ("hardware=nvidia&device=apple-m4-max", "is Apple silicon"),
    ],
)
def test_it_warns_where_the_device_is_of_other_hardware(query: str, said: str) -> None:
    assert said in " ".join(told(query).warnings)


@pytest.mark.parametrize("query", ["hardware=edge&device=jetson-thor", "hardware=nvidia&device=t4"])
def test_a_device_of_the_hardware_named_is_no_contradiction(query: str) -> None:
    assert told(query).warnings == ()
