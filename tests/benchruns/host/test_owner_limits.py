"""What an owner lets a site do: refused with the reason, and told with every claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from benchruns.host import limits as limits_module
from benchruns.host.accepts import Accepts
from benchruns.host.hours import local_now
from benchruns.host.limits import GIB, Limits, weights_gib
from tests.benchruns.host.instrument import plan

LLAMA = {"engine": "llama.cpp", "model": "llama-3.2-1b", "quant": "Q8_0"}
NOON = local_now().replace(hour=12, minute=0, second=0, microsecond=0)


def test_it_starts_only_the_engines_its_owner_names() -> None:
    only = Limits(engines=("vllm", "ollama"))
    assert only.refusal(plan(**LLAMA)) == (
        "This machine's owner lets it start vllm, ollama only, not llama.cpp."
    )
    assert only.allowed(["llama.cpp", "ollama"]) == ["ollama"]
    assert Limits().allowed(["llama.cpp", "ollama"]) == ["llama.cpp", "ollama"]


@pytest.mark.parametrize(
    ("model", "kind"),
    [("synthetic:config.json", "synthetic weights of a config.json"), ("m.gguf", "files of")],
)
def test_it_loads_only_models_from_where_its_owner_says(model: str, kind: str) -> None:
    refused = Limits().refusal(plan(**LLAMA | {"model": model}))
    assert refused is not None
    assert "models of the catalogue, as synthetic weights only" in refused
    assert kind in refused
    assert Limits(models=()).refusal(plan(**LLAMA)) is not None


def test_weights_and_engines_together_stay_within_the_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits_module, "_engines_gib", lambda: 3.0)
    assert Limits(disk_gib=5).refusal(plan(**LLAMA)) is None
    refused = Limits(disk_gib=4).refusal(plan(**LLAMA))
    assert refused == (
        "This machine's owner lets RigGuide take 4 GiB of disk at most, of which engines leave 1.0 "
        "for weights; llama-3.2-1b Q8_0 has 1.2."
    )
    assert Limits(disk_gib=4, keep_gib=20).keep_bytes() == 1.0 * GIB
    assert Limits(keep_gib=20).keep_bytes() == 20 * GIB


def test_other_weights_make_room_for_those_of_the_plan(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr(limits_module, "_engines_gib", lambda: 0.0)
    trimmed: list[tuple[Path, float]] = []
    monkeypatch.setattr(
        limits_module.shelf, "trim", lambda where, most: trimmed.append((where, most))
    )
    Limits(disk_gib=2).make_room(plan(**LLAMA))
    [(where, most)] = trimmed
    assert where == tmp_path / "weights"
    assert most == pytest.approx((2 - (weights_gib("llama-3.2-1b", "Q8_0") or 0)) * GIB)

    Limits().make_room(plan(**LLAMA))
    Limits(disk_gib=2).make_room(plan(**LLAMA | {"model": "unheard-of"}))
    assert len(trimmed) == 1


def window(begins: timedelta, ends: timedelta) -> str:
    return f"{NOON + begins:%H:%M}-{NOON + ends:%H:%M}"


def asked(hours: str, now: datetime = NOON, **changes: object) -> str | None:
    return Limits(hours=hours).refusal(plan(**LLAMA | changes), now)


def test_out_of_hours_it_measures_nothing_and_says_when() -> None:
    hours = window(timedelta(hours=2), timedelta(hours=4))
    assert asked(hours) == "This machine's owner lets it measure from 14:00 to 16:00 only."
    assert asked(hours, NOON + timedelta(hours=3)) is None


def test_it_begins_nothing_that_outlasts_its_hours() -> None:
    hours = window(timedelta(hours=-1), timedelta(minutes=10))
    assert asked(hours, time_limit_s=500) is None
    assert "which leaves 10 minutes; this was given 15" in str(asked(hours, time_limit_s=900))


def test_what_was_claimed_just_before_the_end_or_the_beginning_is_begun() -> None:
    closing = window(timedelta(hours=-1), timedelta(0))
    assert asked(closing, NOON + timedelta(seconds=20), time_limit_s=30) is None
    opening = window(timedelta(0), timedelta(hours=1))
    assert asked(opening, NOON + timedelta(seconds=5)) is None


def told(limits: Limits, engines: Sequence[str] = ("llama.cpp", "vllm")) -> Accepts:
    return limits.told(engines, NOON)


def test_the_site_hears_the_limits_and_what_is_left_of_them() -> None:
    hours = window(timedelta(hours=-1), timedelta(minutes=20))
    accepts = told(Limits(minutes=45, engines=("llama.cpp",), hours=hours))
    assert accepts.measures == ("llama.cpp",)
    assert (accepts.minutes, accepts.most_minutes, accepts.open) == (45, 20, True)
    assert Accepts.model_validate_json(accepts.model_dump_json()) == accepts


def test_out_of_hours_it_still_says_what_it_can() -> None:
    accepts = told(Limits(hours=window(timedelta(hours=1), timedelta(hours=2))))
    assert not accepts.open
    assert accepts.measures == ("llama.cpp", "vllm")
    assert accepts.minutes_to_change == 60
    assert accepts.most_minutes == accepts.minutes


def test_limits_survive_the_way_to_the_measuring_process() -> None:
    limits = Limits(engines=("vllm",), disk_gib=9, hours="22-06")
    assert Limits(**asdict(limits)) == limits
