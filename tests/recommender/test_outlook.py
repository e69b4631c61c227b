from __future__ import annotations

from random import Random
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import domain, outlook, questionnaire, rulebook, table
from recommender.answers import parse
from recommender.facts import Facts
from recommender.implied import complete, derive
from recommender.outlook import Outlook
from tests.recommender.made import engine, told

NONE: frozenset[str] = frozenset()


def look(query: str, struck: frozenset[str] = NONE) -> Outlook:
    book = rulebook.load()
    known = derive(parse(parse_qsl(query)), book).known
    return outlook.look(book, table.load(book), known, struck, NONE)


def test_an_audit_without_more_to_say_is_settled() -> None:
    seen = look("privacy=auditable&hardware=cpu")

    assert seen.settled
    assert seen.next_question is None


def test_nothing_answered_is_not_settled() -> None:
    assert not look("").settled


def test_it_asks_first_how_many_use_it() -> None:
    assert look("").next_question == "users"


def test_it_does_not_ask_for_a_gpu_where_there_is_none() -> None:
    query, asked = "hardware=cpu", []
    while (question := look(query).next_question) is not None:
        asked.append(question)
        query += f"&{question}={_first_option(question)}"

    assert not {"device", "gpus"} & set(asked)


def test_it_asks_until_nothing_can_change_and_then_stops() -> None:
    query, asked = "hardware=nvidia", []
    while (question := look(query).next_question) is not None:
        asked.append(question)
        query += f"&{question}={_first_option(question)}"

    assert len(asked) == len(set(asked))
    assert look(query).settled


def test_striking_out_can_settle_it() -> None:
    others = frozenset({"ollama", "mlx-lm", "vllm", "sglang", "tensorrt-llm", "tgi"})

    assert look("", others).settled


CASES = [
    "",
    "users=8&hardware=nvidia&os=linux&purpose=internal-tool",
    "purpose=production-api",
    "users=1&hardware=apple",
    "users=50&hardware=nvidia&os=windows",
    "users=3&hardware=none-yet&needs=metrics&needs=ide",
    "os=macos",
    "hardware=nvidia&gpus=4&users=30&ops=dedicated&priority=throughput",
]


@pytest.mark.parametrize("query", CASES)
def test_every_flip_really_flips(query: str) -> None:
    flips = told(query).flips

    assert flips
    for flip in flips:
        changed = parse(parse_qsl(query)).replaced(*flip.answers)
        assert engine(told(changed.urlencode())) == flip.engine != engine(told(query)), flip


NAMED = [
    "model=deepseek-r1&hardware=nvidia&device=rtx-4090&users=1",
    "model=llama-3.3-70b&quant=FP8&device=h100-sxm-80gb&users=20",
    "model=qwen3-8b&quant=AWQ&hardware=nvidia&users=50&os=linux",
    "device=gtx-1080-ti&users=50&os=linux",
    "model=gpt-oss-20b&hardware=apple&users=4&context=32768",
    "model=llama-3.1-8b&device=rtx-4090&users=20&tokens_per_user=40",
    "purpose=agents&hardware=nvidia&users=1&device=rtx-4090&os=linux",
    "hardware=cpu&memory_gb=8&users=9&model=qwen3-8b",
    "device=jetson-thor&users=20",
    "device=raspberry-pi-5&users=2&ttft_ms=500",
]


@pytest.mark.parametrize("query", NAMED)
def test_every_flip_holds_where_model_or_device_are_named(query: str) -> None:
    here = told(query)
    for flip in here.flips:
        changed = parse(parse_qsl(query)).replaced(*flip.answers)
        assert engine(told(changed.urlencode())) == flip.engine != engine(here), flip


def test_a_machine_of_unknown_memory_is_no_way_out_of_too_little() -> None:
    assert told("model=deepseek-r1&hardware=nvidia&device=rtx-4090&users=1").flips == ()


SOME = st.fixed_dictionaries(
    {"device": st.sampled_from(["rtx-4090", "h100-sxm-80gb", "t4", "apple-m4-max", "mi300x"])},
    optional={
        "model": st.sampled_from(["llama-3.3-70b", "qwen3-8b", "gpt-oss-20b", "deepseek-r1"]),
        "quant": st.sampled_from(["Q4_K_M", "FP8", "AWQ", "MXFP4", "MLX-4bit"]),
        "users": st.sampled_from(["1", "4", "9", "50"]),
        "os": st.sampled_from(["linux", "windows", "macos"]),
        "purpose": st.sampled_from(["chat", "agents", "production-api", "embed"]),
        "context": st.sampled_from(["8192", "131072"]),
        "tokens_per_user": st.sampled_from(["8", "60"]),
    },
)


@given(SOME)
@settings(max_examples=40, deadline=None)
def test_every_flip_holds_in_any_state_with_a_named_device(said: dict[str, str]) -> None:
    answers = parse(said.items())
    here = told(answers.urlencode())
    for flip in here.flips:
        changed = told(answers.replaced(*flip.answers).urlencode())
        assert engine(changed) == flip.engine != engine(here), (said, flip)


def test_a_flip_of_the_hardware_drops_the_device() -> None:
    flips = told("users=50&device=h100-sxm-80gb&os=linux").flips

    assert any(("device", "") in flip.answers for flip in flips)


def test_of_many_numbers_only_the_nearest_is_told() -> None:
    flips = [
        f for f in told("users=1&hardware=nvidia&os=linux").flips if f.answers[0][0] == "users"
    ]

    assert [(flip.answers[0][1], flip.engine) for flip in flips] == [
        ("9", "llama.cpp"),
        ("19", "vllm"),
    ]


def test_taking_back_a_need_can_flip_too() -> None:
    flips = told("users=1&hardware=nvidia&needs=metrics").flips

    assert (("needs", "none"),) in [flip.answers for flip in flips]


PARTIAL = st.fixed_dictionaries(
    {},
    optional={
        "purpose": st.sampled_from(domain.values("purpose")),
        "users": st.sampled_from(domain.CUTS["users"]),
        "hardware": st.sampled_from(["cpu", "nvidia", "amd", "intel", "none-yet"]),
        "os": st.just("linux"),
        "privacy": st.sampled_from(domain.values("privacy")),
        "priority": st.sampled_from(domain.values("priority")),
        "ops": st.sampled_from(domain.values("ops")),
        "needs": st.sampled_from(domain.values("needs")),
    },
)


@given(PARTIAL, st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_settled_means_that_no_answer_changes_the_winner(
    fields: dict[str, object], seed: int
) -> None:
    book = rulebook.load()
    known, built = Facts(**fields), table.load(book)  # type: ignore[arg-type]
    whole, _ = complete(known, book)
    now = built.winner(domain.place(whole))
    allowed = [domain.mask(axis, known).nonzero()[0].tolist() for axis in domain.AXES]
    chance = Random(seed)
    places = [tuple(chance.choice(a) for a in allowed) for _ in range(300)]

    seen = outlook.look(book, built, known, NONE, NONE)

    others = {w for w in built.winners(places, NONE) if w != now}
    assert not (seen.settled and others)
    assert (seen.next_question is None) == seen.settled


@given(PARTIAL)
@settings(max_examples=60, deadline=None)
def test_the_case_as_assumed_is_one_of_the_cases_it_looks_at(fields: dict[str, object]) -> None:
    known = Facts(**fields)  # type: ignore[arg-type]
    whole, _ = complete(known, rulebook.load())

    for axis, position in zip(domain.AXES, domain.place(whole), strict=True):
        assert domain.mask(axis, known)[position]


@pytest.mark.parametrize("axis", domain.AXES)
def test_no_position_is_thought_impossible(axis: str) -> None:
    assert (outlook._prior(axis) > 0).all()


def _first_option(question: str) -> str:
    row = questionnaire.rows()[question]
    return row.option[0].value if row.option else "rtx-4090"
