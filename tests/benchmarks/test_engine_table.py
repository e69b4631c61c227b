"""What the documents of measured engines say, and what the docs say of them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.engine_table import documents, lines
from benchmarks.engines import CASES, CLIENTS, VARIANTS
from benchruns.plausible import objections

DOCS = Path(__file__).resolve().parents[2] / "docs" / "engines.md"


def test_every_engine_that_runs_without_a_gpu_was_measured_as_shipped_and_tuned() -> None:
    there = {(d.plan.engine, d.plan.provider, d.plan.quant, d.plan.variant) for d in documents()}
    assert there == {(c.engine, c.provider, c.quant, v) for c in CASES for v in VARIANTS}
    assert all([p.clients for p in d.points] == [*CLIENTS] for d in documents())


def test_the_documents_pass_the_checks_of_every_result() -> None:
    assert [said for d in documents() for said in objections(d.plan, d)] == []


def test_the_docs_have_the_table_of_the_documents() -> None:
    assert "\n".join(lines(documents())) in DOCS.read_text()
