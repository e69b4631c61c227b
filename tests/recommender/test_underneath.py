"""Measuring the engine underneath says what the one on top can reach at most."""

from __future__ import annotations

from dataclasses import replace

from tests.recommender.made import engine, measurement, point, told

CELLAR = "users=4&hardware=cpu&os=linux&memory_gb=24&model=llama-3.2-3b&quant=Q4_K_M"


def test_ollama_does_not_win_on_its_estimate_where_llama_cpp_was_measured_slow() -> None:
    query = f"{CELLAR}&tokens_per_user=3"
    slow = measurement("llama.cpp", point(4, 1.0))

    rec = told(query, slow)

    assert engine(told(query)) == "ollama"
    assert engine(rec) == "llama.cpp"
    assert "no engine meets your target" in rec.headline
    (why,) = next(r.reasons for r in rec.rejected if r.engine == "ollama")
    assert (why.rule, why.source) == ("measurement.underneath", "ollama-runner")
    assert "attic" in why.text


def test_its_estimate_is_capped_and_says_by_what() -> None:
    rec = told(CELLAR, measurement("llama.cpp", point(4, 1.0)))

    assert engine(rec) == "ollama"
    assert rec.speed is not None
    assert rec.speed.tok_s_per_user.value == 1.0
    assert "llama.cpp underneath" in rec.speed.tok_s_per_user.note
    assert rec.because[0].source == "ollama-runner"


def test_its_own_measurement_counts_before_that_of_what_is_underneath() -> None:
    slow, own = measurement("llama.cpp", point(4, 1.0)), measurement("ollama", point(4, 9.0))

    assert engine(told(f"{CELLAR}&tokens_per_user=3", slow, own)) == "ollama"


def test_a_wide_measurement_caps_at_its_better_end() -> None:
    wide = replace(point(4, 1.0), stable=False, tok_s_per_user_high=1.5)
    rec = told(CELLAR, measurement("llama.cpp", wide))

    assert rec.speed is not None
    assert rec.speed.tok_s_per_user.value == 1.5
    missed = told(f"{CELLAR}&tokens_per_user=3", measurement("llama.cpp", wide))
    assert engine(missed) == "llama.cpp"  # measured, and never farther away than what wraps it


def test_an_unstable_or_another_measurement_caps_nothing() -> None:
    shaky = measurement("llama.cpp", replace(point(4, 1.0), stable=False))
    other = measurement("llama.cpp", point(4, 1.0), quant="Q8_0")

    for found in (shaky, other):
        assert told(CELLAR, found).speed == told(CELLAR).speed


def test_more_clients_bound_nothing_for_fewer() -> None:
    rec = told(CELLAR, measurement("llama.cpp", point(8, 1.0)))

    before = told(CELLAR)
    assert rec.speed is not None
    assert before.speed is not None
    assert rec.speed.tok_s_per_user == before.speed.tok_s_per_user
