"""Hardware advice as people read it."""

from __future__ import annotations

from recommender.advice import words
from recommender.advice.shape import Family, Lacking, Machine, Margin

MEMORY = Margin("memory", 43.0, None, None, 46.1, 0.067, sure=True)
PACE = Margin("tokens-per-user", 14.3, 11.2, 18.2, 5.3, 1.7, sure=True)
FIRST = Margin("first-token", 940.0, 565.0, 2341.0, 1000.0, 0.06, sure=False)
A6000 = Machine("rtx-a6000", "NVIDIA RTX A6000", 1, 48, 768, "ollama", "Q4_K_M", (MEMORY,), ())
FOUR = Machine("rtx-4090", "NVIDIA GeForce RTX 4090", 4, 96, 1008, "vllm", "FP8", (PACE,), ())


def test_a_machine_is_called_by_its_count_name_and_memory() -> None:
    assert words.title(A6000) == "NVIDIA RTX A6000, 48 GB"
    assert words.title(FOUR) == "4 × NVIDIA GeForce RTX 4090, 96 GB in all"
    assert words.served(FOUR) == "vLLM with FP8"


def test_margins_say_the_share_and_whether_the_worse_end_holds() -> None:
    assert words.margin(MEMORY) == "43.0 of 46.1 GiB: 7 % to spare"
    assert words.margin(PACE).endswith(f"2.7 times what is wanted; {words.SURE}")
    assert words.margin(FIRST) == (
        f"first token after 940 ms (565 to 2,341) where 1,000 is wanted: 6 % to spare; "
        f"{words.MIDDLE}"
    )


def test_a_pool_says_how_many_conversations_it_holds() -> None:
    pool = Margin("memory", 62.9, None, None, 71.3, 0.12, sure=True, holds=53)
    assert words.margin(pool) == "62.9 of 71.3 GiB: 12 % to spare; its pool holds 53 conversations"


def test_nothing_to_spare_is_said_as_such() -> None:
    assert words.spare(Margin("memory", 86.4, None, None, 86.4, 0.0, sure=True)) == (
        "nothing to spare"
    )


def test_a_family_says_the_surer_and_the_smaller_machine_too() -> None:
    smaller = Lacking("NVIDIA GeForce RTX 5090", 1, 32, "11.9 GiB short")
    first, sure, less = words.family(Family("x", "One card", A6000, FOUR, smaller))
    assert first.startswith("One card: NVIDIA RTX A6000, 48 GB, Ollama with Q4_K_M.")
    assert sure == "To be sure: 4 × NVIDIA GeForce RTX 4090, 96 GB in all, vLLM with FP8."
    assert less == "Next smaller: NVIDIA GeForce RTX 5090, 32 GB: 11.9 GiB short."


def test_a_family_without_a_machine_says_why() -> None:
    none = Family("x", "One card", None, why_none="The catalogue has none.")
    assert [*words.family(none)] == ["One card: none. The catalogue has none."]
