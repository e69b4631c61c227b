"""What a visitor should know before the recipe."""

from __future__ import annotations

from tests.recommender.made import engine, told

MANY = "hardware=nvidia&device=rtx-4090&os=linux"


def test_it_says_that_the_quantisation_named_forces_the_engine() -> None:
    rec = told(f"{MANY}&users=50&model=llama-3.1-8b&quant=Q4_K_M")

    assert engine(rec) == "llama.cpp"
    assert "drop it and vLLM serves 50 requests at once" in rec.warnings[0]


def test_it_says_who_waits() -> None:
    rec = told(f"{MANY}&users=50&model=gpt-oss-20b&context=131072")

    assert any("of 50 wait" in warning for warning in rec.warnings)


def test_it_says_nothing_of_queues_where_nobody_waits() -> None:
    assert told(f"{MANY}&users=1&model=llama-3.1-8b").warnings == ()


def test_it_gives_no_recipe_for_a_thousand_without_a_machine() -> None:
    rec = told("hardware=none-yet&users=1000&purpose=production-api")

    assert engine(rec) is not None
    assert rec.commands == ()
    assert "say which accelerator" in rec.warnings[0]


def test_it_says_how_long_a_conversation_it_assumed() -> None:
    few, many = (
        {r.rule: r.text for r in told(f"{MANY}&users={n}").assumed}["assume.context"]
        for n in (4, 5)
    )

    assert few.startswith("8,192 tokens")
    assert many.startswith("4,096 tokens for each conversation, half of what")
    assert "assume.context" not in {r.rule for r in told(f"{MANY}&context=4096").assumed}


def test_agents_are_given_long_conversations_unless_somebody_said_how_long() -> None:
    def assumed(query: str) -> dict[str, str]:
        return {r.rule: r.text for r in told(f"{MANY}&users=1&purpose=agents{query}").assumed}

    rec = told(f"{MANY}&users=1&purpose=agents")
    serve = next(c.shell for c in rec.commands if c.step == "serve")

    assert assumed("")["assume.context"].startswith("32,768 tokens for each conversation")
    assert "assume.context" not in assumed("&context=4096")
    assert "--max-model-len 32768" in serve


def test_a_model_made_for_less_gets_no_longer_conversation() -> None:
    rec = told(f"{MANY}&users=1&purpose=agents&model=llama-3-8b")
    texts = {r.rule: r.text for r in rec.assumed}

    assert texts["assume.context"].startswith("8,192 tokens")


def test_advice_on_gguf_files_is_for_those_who_load_them() -> None:
    rules = {
        engine(rec): {a.rule for a in rec.advice}
        for rec in (told(f"{MANY}&users=50"), told(f"{MANY}&users=1"))
    }

    assert "a2.r8" not in rules["vllm"]
    assert "a2.r8" in rules["ollama"]
    assert "a2.r8" not in {a.rule for a in told(f"{MANY}&users=1&purpose=embed").advice}


def test_the_load_test_says_where_its_program_comes_from() -> None:
    (step,) = [c for c in told(f"{MANY}&users=1").commands if c.step == "load-test"]

    assert ".venv/bin/rigguide" in step.note


def test_one_is_not_plural() -> None:
    text = str(told(f"{MANY}&users=1&needs=structured-output&model=llama-3.1-8b&quant=FP8"))

    assert "1 requests" not in text
    assert "1 slots" not in text
