"""The whole decision, with measurements that back or overturn it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recommender.answers import AnswerError
from recommender.recommendation import Basis
from tests.recommender.made import engine, measurement, point, told

ATTIC = "users=4&hardware=cpu&os=linux&memory_gb=24&model=llama-3.2-3b&quant=Q4_K_M"


def test_it_answers_the_question_of_the_house() -> None:
    rec = told("users=50&hardware=nvidia&os=linux&purpose=production-api")

    assert engine(rec) == "vllm"
    assert "simplest engine" in rec.headline
    assert all(reason.source for reason in rec.because)
    assert {"house.capacity", "a1.r2"} <= {reason.rule for reason in rec.because}


def test_it_never_sends_a_mac_to_an_engine_that_cannot_run_there() -> None:
    rec = told("users=1&hardware=apple")

    assert engine(rec) in {"ollama", "mlx-lm"}
    assert {"vllm", "sglang", "tensorrt-llm"} <= {r.engine for r in rec.rejected}


def test_an_audit_on_a_processor_is_llama_cpp() -> None:
    rec = told("privacy=auditable&hardware=cpu")

    assert engine(rec) == "llama.cpp"
    assert rec.settled
    assert rec.next_question is None


def test_every_engine_is_the_verdict_a_runner_up_or_ruled_out() -> None:
    rec = told("users=3&hardware=nvidia&os=linux")
    named = {engine(rec)} | {r.engine for r in rec.runners_up} | {r.engine for r in rec.rejected}

    assert len(named) == 7


def test_every_rejection_has_a_reason_with_a_source() -> None:
    for rejection in told("users=50&hardware=apple").rejected:
        assert rejection.reasons
        assert all(r.text and r.source and r.url for r in rejection.reasons)


def test_it_says_who_disagrees_and_why() -> None:
    (dissent, *_) = told("users=5&hardware=nvidia&os=linux&purpose=internal-tool").dissent

    assert dissent.startswith("Three of the five articles would say vLLM")
    assert "a2.r2" in dissent


def test_it_says_what_it_assumed() -> None:
    assumed = {r.rule: r.text for r in told("purpose=production-api").assumed}

    assert assumed["assume.users"].startswith("twenty people")
    assert "assume.purpose" not in assumed


def test_it_warns_of_answers_that_contradict_one_another() -> None:
    assert "virtual machine" in " ".join(told("hardware=apple&os=windows").warnings)


def test_a_model_too_large_for_the_memory_rules_engines_out_with_figures() -> None:
    rec = told("users=1&hardware=nvidia&os=linux&memory_gb=8&model=llama-3.3-70b")

    assert engine(rec) is None
    assert rec.headline.startswith("Nothing fits")
    assert rec.commands == ()
    assert any("GiB" in reason.text for r in rec.rejected for reason in r.reasons)
    assert rec.gives


def test_too_large_is_told_with_the_figures_and_the_ways_out() -> None:
    rec = told("model=llama-3.3-70b&quant=Q4_K_M&device=rtx-4090&gpus=1")

    assert engine(rec) is None
    assert "42.5 GB" in rec.headline
    assert "24 GB" in rec.headline
    assert "IQ2_XS, the best quantisation that fits" in rec.gives[0]
    assert "2 of these devices" in rec.gives[0]
    assert "on the CPU" in rec.gives[0]
    assert rec.memory is not None
    assert [way.id for way in rec.memory.ways_out] == ["quant", "gpus", "offload"]
    assert rec.because == ()
    assert any("Does not fit" in reason.text for r in rec.rejected for reason in r.reasons)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("device=b200&model=llama-3.3-70b&quant=NVFP4&users=100", "no published NVFP4 build of"),
        ("hardware=apple&model=qwen3-8b&quant=AWQ", "no engine that runs there loads AWQ"),
        ("device=b200&os=linux&model=llama-3.3-70b&quant=MLX-4bit", "loads MLX-4bit"),
    ],
)
def test_nothing_fits_names_the_real_reason(query: str, why: str) -> None:
    rec = told(query)

    assert engine(rec) is None
    assert why in rec.headline
    assert "hold" not in rec.headline
    assert "quantisation" in rec.gives[0]


def test_a_quantisation_decides_which_engines_can_load_it() -> None:
    rec = told("users=50&hardware=nvidia&os=linux&model=llama-3.1-8b&quant=Q4_K_M")

    assert engine(rec) == "llama.cpp"
    assert "limit.format" in {r.rule for x in rec.rejected for r in x.reasons}


def test_an_old_gpu_is_out_for_the_engines_that_no_longer_know_it() -> None:
    rec = told("users=50&device=gtx-1080-ti&os=linux")

    assert engine(rec) == "llama.cpp"
    reasons = {r.engine: {reason.rule for reason in r.reasons} for r in rec.rejected}
    assert "limit.vllm.generation" in reasons["vllm"]
    assert "limit.sglang.generation" in reasons["sglang"]
    assert engine(told("users=50&device=rtx-2080-ti&os=linux")) == "vllm"


def test_a_measurement_that_meets_the_target_backs_the_verdict() -> None:
    proof = measurement("ollama", point(4, 12.0))

    rec = told(f"{ATTIC}&tokens_per_user=10", proof)

    assert engine(rec) == "ollama"
    assert rec.because[0].rule == "measurement"
    assert rec.because[0].url == proof.url
    assert "meets" in rec.because[0].text
    assert rec.speed is not None
    assert rec.speed.tok_s_per_user.basis is Basis.MEASURED_HERE
    assert rec.speed.tok_s_per_user.value == 12.0
    assert rec.speed.meets_target is True
    assert "attic" in rec.speed.measured_where
    assert rec.speed.measured_weights.startswith("synthetic")


def test_a_measurement_that_misses_the_target_overturns_it() -> None:
    before = told(f"{ATTIC}&tokens_per_user=3")
    slow, quick = measurement("ollama", point(4, 2.0)), measurement("llama.cpp", point(4, 9.0))

    rec = told(f"{ATTIC}&tokens_per_user=3", slow, quick)

    assert engine(before) == "ollama"
    assert engine(rec) == "llama.cpp"
    (why,) = next(r.reasons for r in rec.rejected if r.engine == "ollama")
    assert (why.rule, why.source, why.url) == ("measurement", "measurement", slow.url)
    assert "2 tokens/s" in why.text


def test_where_everybody_misses_it_says_what_has_to_give() -> None:
    points = [measurement(e, point(4, t)) for e, t in (("ollama", 2.0), ("llama.cpp", 3.0))]

    rec = told(f"{ATTIC}&tokens_per_user=1000", *points)

    assert engine(rec) == "llama.cpp"
    assert "no engine meets your target" in rec.headline
    assert "asked was 1000 tokens/s" in rec.gives[0]
    assert rec.speed is not None
    assert rec.speed.meets_target is False


def test_without_a_target_a_measurement_is_shown_beside_the_estimate() -> None:
    rec = told(ATTIC, measurement("ollama", point(1, 20.0), point(4, 7.0)))

    assert rec.speed is not None
    assert [p.clients for p in rec.speed.measured] == [1, 4]
    assert rec.speed.estimated
    assert rec.speed.meets_target is None


def test_it_says_when_a_measurement_lies_outside_the_estimate() -> None:
    rec = told(ATTIC, measurement("ollama", point(4, 5000.0)))

    assert any("faster than estimated" in warning for warning in rec.warnings)


def test_it_does_not_pretend_a_load_was_measured_that_was_not() -> None:
    rec = told(ATTIC, measurement("ollama", point(1, 20.0), point(2, 15.0)))

    assert rec.speed is not None
    assert rec.speed.tok_s_per_user.basis is not Basis.MEASURED_HERE
    assert any("not at 4" in warning for warning in rec.warnings)


def test_an_unstable_measurement_says_so() -> None:
    shaky = replace(point(4, 7.0), stable=False)

    rec = told(ATTIC, measurement("ollama", shaky))

    assert any("unstable" in warning for warning in rec.warnings)


def test_measured_and_beaten_in_what_was_put_first_is_out() -> None:
    worse, better = measurement("llama.cpp", point(4, 5.0)), measurement("ollama", point(4, 9.0))
    query = f"{ATTIC}&priority=throughput"

    assert engine(told(query)) == "llama.cpp"
    assert engine(told(query, worse, better)) == "ollama"


def test_machines_of_different_hosts_are_not_compared() -> None:
    worse = measurement("llama.cpp", point(4, 5.0))
    better = measurement("ollama", point(4, 9.0), host="cellar")

    assert engine(told(f"{ATTIC}&priority=throughput", worse, better)) == "llama.cpp"


def test_a_measurement_of_another_machine_changes_nothing() -> None:
    elsewhere = measurement("ollama", point(4, 0.1), hardware="nvidia")

    assert told(f"{ATTIC}&tokens_per_user=3", elsewhere) == told(f"{ATTIC}&tokens_per_user=3")


def test_measurements_that_agree_with_everything_leave_it_as_it_was() -> None:
    assert told(ATTIC) == told(ATTIC)


def test_answers_it_cannot_read_never_get_here() -> None:
    with pytest.raises(AnswerError):
        told("users=many")


def test_an_unstable_measurement_strikes_nobody_out() -> None:
    shaky = measurement("ollama", replace(point(4, 0.1), stable=False))
    query = f"{ATTIC}&tokens_per_user=3"

    rec = told(query, shaky)

    assert engine(rec) == engine(told(query)) == "ollama"
    assert rec.speed is not None
    assert rec.speed.meets_target is True
    assert rec.speed.tok_s_per_user.note.endswith("unstable: repeat it")
    assert any("unstable" in warning for warning in rec.warnings)


def test_a_short_prompt_does_not_prove_that_the_first_token_comes_in_time() -> None:
    rec = told(f"{ATTIC}&ttft_ms=60000", measurement("ollama", point(4, 12.0)))

    assert "meets" not in rec.because[0].text
    assert any("too short to prove" in warning for warning in rec.warnings)


def test_bits_per_weight_are_those_of_this_very_model_not_of_a_usual_one() -> None:
    """Embeddings that stay in 16 bits are half of a small AWQ file and little of a large one."""
    rec = told("model=llama-3.3-70b&quant=AWQ&device=h100-sxm-80gb&users=40")
    assert rec.quant is not None
    assert rec.memory is not None
    weights_gib = next(part.gib for part in rec.memory.parts if part.id == "weights")

    assert rec.quant.bits_per_weight == pytest.approx(weights_gib * 2**30 * 8 / 70.55e9, rel=0.01)
    assert rec.quant.bits_per_weight < 5
