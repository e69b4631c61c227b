"""One model over several machines: a matrix is never shared between them."""

from __future__ import annotations

import pytest

from recommender import catalogue
from recommender.facts import Facts
from recommender.recipe import commands
from recommender.recommendation import Command
from tests.recommender.made import engine, told

SIXTEEN = "needs=multi-node&model=deepseek-r1&device=a100-sxm-80gb&gpus=16&os=linux"


def servers(engine_id: str, gpus: int) -> list[Command]:
    known = catalogue.load()
    facts = Facts(hardware="nvidia", device="h100-sxm-80gb", gpus=gpus, users=20, os="linux")
    steps = commands(engine_id, known.models["llama-3.3-70b"], known.quants["BF16"], facts, known)
    return [step for step in steps if step.step == "serve"]


def test_at_most_the_gpus_of_one_machine_share_a_matrix() -> None:
    worker, head = servers("vllm", 16)

    for step in (worker, head):
        assert "--tensor-parallel-size 8" in step.shell
        assert "--pipeline-parallel-size 2" in step.shell
        assert "--nnodes 2" in step.shell


def test_only_the_head_answers() -> None:
    worker, head = servers("vllm", 16)

    assert "--node-rank 1" in worker.shell
    assert "--headless" in worker.shell
    assert "machine 2 of 2" in worker.title
    assert "--node-rank 0" in head.shell
    assert "--headless" not in head.shell
    assert "Layers are split" in head.note


def test_sglang_meets_at_the_head() -> None:
    worker, head = servers("sglang", 16)

    assert "--dist-init-addr" in worker.shell
    assert "--tp-size 8" in head.shell
    assert "--pp-size 2" in head.shell


@pytest.mark.parametrize("engine_id", ["vllm", "sglang"])
def test_one_machine_needs_none_of_it(engine_id: str) -> None:
    (only,) = servers(engine_id, 8)

    assert "--nnodes" not in only.shell


def test_speed_over_machines_is_told_as_a_wide_estimate() -> None:
    rec = told(SIXTEEN)

    assert engine(rec) == "vllm"
    assert any("2 machines" in warning and "wide" in warning for warning in rec.warnings)
    assert rec.speed is not None
    assert "wide estimate" in rec.speed.tok_s_per_user.note
