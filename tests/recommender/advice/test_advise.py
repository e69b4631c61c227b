"""Somebody has bought nothing yet and asks what would do."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import catalogue
from recommender.advice import attach, words
from recommender.advice.advise import advise
from recommender.advice.bounds import bounds
from recommender.advice.builds import Build, builds
from recommender.advice.judge import judge
from recommender.advice.need import need
from recommender.advice.shape import Advice, Family
from recommender.answers import Answers, parse
from recommender.recommend import recommend

CATALOGUE = catalogue.load()
SEVENTY_FOR_TEN = "hardware=none-yet&model=llama-3.3-70b&users=10&tokens_per_user=15&ttft_ms=1000"


def asked(query: str) -> Answers:
    return parse(parse_qsl(query))


def advice(query: str) -> Advice:
    found = advise(asked(query))
    assert found is not None
    return found


def family(query: str, wanted: str) -> Family:
    return next(f for f in advice(query).families if f.id == wanted)


def test_a_small_model_for_one_person_fits_a_small_card() -> None:
    found = family("hardware=none-yet&model=qwen3-8b", "nvidia-one").smallest
    assert found is not None
    assert found.count == 1
    assert found.memory_gib == 8
    assert found.engine == "ollama"


def test_the_order_is_by_size_with_those_that_cannot_last() -> None:
    families = advice(SEVENTY_FOR_TEN).families
    sizes = [f.smallest.memory_gib for f in families if f.smallest]
    assert sizes == sorted(sizes)
    assert [bool(f.smallest) for f in families] == sorted(
        (bool(f.smallest) for f in families), reverse=True
    )


@pytest.mark.parametrize(
    "query",
    [
        SEVENTY_FOR_TEN,
        "hardware=none-yet",
        "model=qwen3-8b&users=30&purpose=production-api&ttft_ms=500",
        "model=gpt-oss-20b&users=4&priority=latency",
        "users=2&purpose=agents&model=qwen3-8b",
        "os=windows&model=llama-3.1-8b&users=3",
    ],
)
def test_each_machine_has_the_engine_and_speed_its_own_recommendation_gives(query: str) -> None:
    found = advice(query)
    said = asked(query).without("hardware", "model")
    for machine in (f.smallest for f in found.families if f.smallest):
        rec = recommend(said.replaced(("model", found.model), *machine.answers))
        assert rec.engine is not None, machine.name
        assert (rec.engine.id, rec.quant and rec.quant.id) == (machine.engine, machine.quant)
        assert rec.memory is not None
        assert rec.memory.fits is True
        pace = next((m for m in machine.margins if m.what == "tokens-per-user"), None)
        assert rec.speed is not None
        if pace is not None:
            assert pace.value == pytest.approx(rec.speed.tok_s_per_user.value)


def test_the_next_smaller_one_really_lacks_something() -> None:
    found = family("model=llama-3.3-70b", "nvidia-one")
    assert found.smallest is not None
    assert found.smaller is not None
    assert found.smaller.memory_gib <= found.smallest.memory_gib
    assert found.smaller.text


def test_what_does_not_fit_says_by_how_much() -> None:
    found = family("model=llama-3.3-70b&quant=Q4_K_M", "nvidia-one")
    assert found.smaller is not None
    assert "GiB are needed in Q4_K_M" in found.smaller.text
    assert "GiB short" in found.smaller.text


def test_memory_margin_is_what_stays_free() -> None:
    machine = advice("model=qwen3-8b&users=1").smallest
    assert machine is not None
    found = next(m for m in machine.margins if m.what == "memory")
    assert found.spare == pytest.approx(1 - found.value / found.limit)
    assert 0 <= found.spare < 1


FORTY = "purpose=internal-tool&users=40&hardware=none-yet&model=llama-3.3-70b"


def test_a_larger_card_of_a_newer_generation_is_not_turned_down_where_a_smaller_one_does() -> None:
    smaller, larger = family(FORTY, "datacentre").smallest, family(FORTY, "nvidia-one").smallest
    assert smaller is not None
    assert smaller.device == "a100-pcie-80gb"
    assert larger is not None
    assert larger.device.startswith("rtx-pro-6000")


def test_what_a_pool_holds_is_counted_alike_in_advice_and_recipe() -> None:
    machine = family(FORTY, "datacentre").smallest
    assert machine is not None
    found = next(m for m in machine.margins if m.what == "memory")
    rec = recommend(asked(FORTY).without("hardware").replaced(*machine.answers))
    assert found.holds is not None
    assert found.holds >= 40
    assert found.value < found.limit
    assert rec.memory is not None
    assert "room for 40 of 40 conversations of up to 4,096 tokens" in rec.memory.parts[1].note
    assert "of up to 4,096 tokens each" in words.wanted(advice(FORTY))
    assert words.POOLED in [*words.assumed(advice(FORTY))]


def test_a_target_met_by_the_middle_alone_is_said_and_a_surer_machine_named() -> None:
    paces = (f"model=llama-3.3-70b&tokens_per_user={pace}" for pace in range(5, 60, 5))
    families = [one for query in paces for one in advice(query).families]
    found = [f for f in families if f.smallest and not f.smallest.sure]
    assert found
    for one in found:
        assert one.sure is None or one.sure.sure
    told = "\n".join(line for one in found for line in words.family(one))
    assert words.MIDDLE in told


def test_everybody_gets_a_conversation_at_once() -> None:
    one = advice("model=llama-3.1-8b&users=1&context=32768").smallest
    many = advice("model=llama-3.1-8b&users=40&context=32768").smallest
    assert one is not None
    assert many is not None
    assert many.memory_gib > one.memory_gib


def test_a_target_nothing_meets_gives_a_reason_for_every_family() -> None:
    families = advice("model=qwen3-8b&users=1000&ttft_ms=1").families
    assert all(f.smallest is None and f.why_none for f in families)


def test_nobody_gets_two_cards_where_one_will_do() -> None:
    found = family("model=qwen3-8b&users=1", "nvidia-several")
    assert found.smallest is None
    assert found.why_none.startswith("One is enough")


def test_under_macos_only_apple_has_a_machine() -> None:
    families = advice("os=macos&model=qwen3-8b").families
    assert {f.id for f in families if f.smallest} == {"apple"}


def test_weights_of_two_bits_are_advised_to_nobody_who_did_not_ask() -> None:
    small = family("model=llama-3.3-70b&quant=Q2_K", "nvidia-one").smallest
    usual = family("model=llama-3.3-70b", "nvidia-one").smallest
    assert small is not None
    assert usual is not None
    assert small.memory_gib < usual.memory_gib


def test_batch_work_is_not_held_to_the_pace_of_reading() -> None:
    assert advice("purpose=batch&model=qwen3-8b").tokens_per_user is None
    assert advice("purpose=chat&model=qwen3-8b").pace_assumed
    assert not advice("purpose=chat&model=qwen3-8b&tokens_per_user=9").pace_assumed


def test_the_machine_that_was_named_is_forgotten() -> None:
    named = advise(asked("device=rtx-4090&gpus=1&model=llama-3.3-70b"))
    assert named == advise(asked("hardware=none-yet&model=llama-3.3-70b"))


def test_without_a_model_it_is_the_suggested_one() -> None:
    rec = recommend(asked("hardware=none-yet&users=3"))
    assert rec.model is not None
    assert advice("hardware=none-yet&users=3").model == rec.model.id


def test_cards_that_current_drivers_left_behind_are_not_advised() -> None:
    names = {build.device.id for rows in builds(CATALOGUE).values() for build in rows}
    assert "gtx-1070" not in names
    assert "rtx-4090" in names


def test_every_machine_of_the_catalogue_is_in_one_family() -> None:
    rows = builds(CATALOGUE)
    seen = [(b.device.id, b.memory_gib, b.count) for found in rows.values() for b in found]
    assert len(seen) == len(set(seen))
    assert {"apple", "nvidia-one", "cpu", "unified", "amd", "datacentre"} <= set(rows)
    assert all(list(found) == sorted(found, key=lambda b: b.size) for found in rows.values())


models = st.sampled_from(["qwen3-8b", "llama-3.3-70b", "gpt-oss-20b", "llama-3.2-3b"])
machines = st.sampled_from([b for rows in builds(CATALOGUE).values() for b in rows])


@given(models, machines, st.sampled_from([1, 8, 60]), st.sampled_from([None, 5, 40]))
@settings(max_examples=60, deadline=None)
def test_what_physics_rules_out_would_not_have_met_the_need(
    model: str, build: Build, users: int, pace: int | None
) -> None:
    said: list[tuple[str, str]] = [("model", model), ("users", str(users))]
    wanted = need(parse([*said, ("tokens_per_user", str(pace or ""))]), None, CATALOGUE)
    assert wanted is not None
    if not bounds(wanted, CATALOGUE).allow(build):
        assert judge(build, wanted, CATALOGUE).machine is None


def test_it_comes_with_a_recommendation_only_where_it_helps() -> None:
    def machines(query: str) -> Advice | None:
        answers: Answers = asked(query)
        return attach.advised(recommend(answers), answers).machines

    assert machines("hardware=none-yet&users=3") is not None
    assert machines("device=rtx-4090&model=llama-3.3-70b&quant=Q4_K_M") is not None
    assert machines("device=rtx-4090&model=qwen3-8b") is None
    assert machines("users=3") is None
