from __future__ import annotations

from dataclasses import replace

from recommender import domain, opinions
from recommender.facts import Facts
from recommender.rulebook import load

NVIDIA = Facts(hardware="nvidia", os="linux")


def says(article: str, facts: Facts) -> str | None:
    return opinions.opinion(load(), article, facts).engine


def test_a1_takes_ollama_until_a_limit_is_known() -> None:
    assert says("a1", Facts()) == "ollama"
    assert says("a1", Facts(users=3)) == "ollama"


def test_a1_sends_several_people_in_production_to_vllm() -> None:
    assert says("a1", replace(NVIDIA, users=5, purpose="production-api")) == "vllm"
    assert says("a1", replace(NVIDIA, users=1, purpose="production-api")) == "ollama"


def test_a1_puts_an_audit_before_everything() -> None:
    assert says("a1", replace(NVIDIA, users=50, privacy="auditable")) == "llama.cpp"


def test_a2_asks_in_its_order() -> None:
    assert says("a2", Facts(hardware="cpu", users=50)) == "llama.cpp"
    assert says("a2", replace(NVIDIA, users=50, purpose="prototype")) == "vllm"
    assert says("a2", replace(NVIDIA, users=1, purpose="prototype")) == "ollama"


def test_a2_waits_for_the_answer_to_its_first_question() -> None:
    opinion = opinions.opinion(load(), "a2", Facts(users=1))

    assert opinion.engine is None
    assert "what it runs on" in opinion.note


def test_a2_does_not_wait_where_both_answers_lead_to_the_same_engine() -> None:
    assert says("a2", Facts(hardware="cpu")) == "llama.cpp"


def test_a2_has_no_opinion_where_its_list_ends() -> None:
    opinion = opinions.opinion(load(), "a2", _all_known(users=3, hardware="nvidia"))

    assert opinion.engine is None
    assert opinion.note == "Has no opinion on this case."


def test_a2_does_not_send_windows_to_vllm() -> None:
    assert says("a2", Facts(hardware="nvidia", os="windows", users=50)) != "vllm"


def test_a3_draws_its_line_at_twenty() -> None:
    assert says("a3", replace(NVIDIA, users=19)) == "ollama"
    assert says("a3", replace(NVIDIA, users=20)) == "vllm"


def test_a3_starts_with_ollama_when_unsure() -> None:
    opinion = opinions.opinion(load(), "a3", Facts())

    assert opinion.engine == "ollama"
    assert opinion.rules[0].rule == "a3.r10"


def test_a3_never_sends_a_mac_to_vllm() -> None:
    mac = Facts(hardware="apple")

    assert says("a3", replace(mac, users=500)) == "ollama"
    assert says("a3", replace(mac, priority="latency")) == "mlx-lm"


def test_a4_is_mandatory_at_ten() -> None:
    assert says("a4", Facts(users=10)) == "vllm"
    assert says("a4", Facts(users=9, purpose="chat")) == "ollama"


def test_a4_reads_no_hardware() -> None:
    assert says("a4", Facts(users=50, hardware="apple")) == "vllm"


def test_a5_drops_ollama_at_five() -> None:
    assert says("a5", replace(NVIDIA, users=4)) is None
    assert says("a5", replace(NVIDIA, users=5)) == "vllm"
    assert says("a5", Facts(users=5, hardware="cpu")) == "llama.cpp"


def test_the_deciding_rule_comes_first_and_the_others_that_hold_follow() -> None:
    facts = replace(NVIDIA, users=1, purpose="prototype")

    opinion = opinions.opinion(load(), "a1", facts)

    assert [reason.rule for reason in opinion.rules] == ["a1.r1", "a1.r7"]


def test_every_reason_carries_its_source() -> None:
    for opinion in opinions.opinions(load(), replace(NVIDIA, users=50)):
        for reason in opinion.rules:
            assert reason.source == opinion.article
            assert reason.url.startswith("https://")


def test_a_note_tells_what_could_still_change_the_opinion() -> None:
    assert "whether it must be auditable" in opinions.opinion(load(), "a1", Facts()).note
    assert opinions.opinion(load(), "a1", _all_known(users=1)).note == ""


def test_advice_is_not_a_verdict() -> None:
    rules = {reason.rule for reason in opinions.advice(load(), Facts(users=50))}

    assert {"a2.r8", "a3.r20", "a4.r7", "a5.r4"} <= rules
    assert "a1.r2" not in rules


def test_an_article_says_one_thing_at_most_in_every_case() -> None:
    chunk = domain.Chunk(domain.machines()[0])

    total = sum(opinions.votes(load(), chunk).values())

    assert total.min() >= 0  # type: ignore[union-attr]
    assert total.max() <= len(load().articles)  # type: ignore[union-attr]


def _all_known(**said: object) -> Facts:
    known = Facts(
        purpose="internal-tool",
        users=1,
        hardware="nvidia",
        gpus=1,
        gpu_class="consumer",
        os="linux",
        arch="x86_64",
        privacy="normal",
        priority="simplicity",
        ops="some",
        needs=frozenset(),
    )
    return replace(known, **said)  # type: ignore[arg-type]
