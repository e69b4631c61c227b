"""Software asks in parallel: requests at once are not users."""

from __future__ import annotations

from tests.recommender.made import engine, told

ONE = "users=1&hardware=nvidia&device=rtx-4090&os=linux&context=4096"


def shells(query: str) -> dict[str, str]:
    return {command.step: command.shell for command in told(query).commands}


def test_agents_of_one_user_are_served_several_requests_at_once() -> None:
    query = f"{ONE}&purpose=agents"
    steps = shells(query)

    assert engine(told(query)) == "vllm"
    assert "--max-num-seqs 4" in steps["serve"]
    assert "1,2,4" in steps["load-test"]


def test_memory_is_for_the_requests_not_for_the_users() -> None:
    memory = told(f"{ONE}&purpose=agents").memory

    assert memory is not None
    assert "4 ×" in next(part.note for part in memory.parts if part.id == "kv-cache")


def test_batch_work_keeps_a_queue_full() -> None:
    assert "--max-num-seqs 32" in shells(f"{ONE}&purpose=batch")["serve"]


def test_it_says_how_many_requests_it_assumed() -> None:
    assumed = {r.rule: r.text for r in told("purpose=agents&users=10").assumed}

    assert assumed["assume.at-once"].startswith("40 requests at once")
    assert "assume.at-once" not in {r.rule for r in told("purpose=chat&users=10").assumed}
