"""A document that a release of yesterday wrote is read today, wherever it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from benchruns.host.document import SCHEMA_VERSION, ResultDocument

OLD = Path(__file__).with_name("result-1.json")


def old() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(OLD.read_text())
    return found


def test_a_document_of_version_1_is_read_as_one_of_today() -> None:
    document = ResultDocument.model_validate_json(OLD.read_text())
    assert document.schema_version == SCHEMA_VERSION
    assert [point.clients for point in document.points] == [1, 2]
    assert document.points[0].summary.ttft_ms.p50 == old()["points"][0]["summary"]["ttft_ms"]["p50"]


def test_its_marks_become_findings_that_know_their_guard() -> None:
    document = ResultDocument.model_validate(old())
    assert [finding.guard for finding in document.guards] == ["not-ours"]
    assert [finding.guard for finding in document.points[0].guards] == ["failures", "prefix-cache"]
    assert list(document.points[0].marks) == old()["points"][0]["marks"]
    assert not document.points[0].refused


def test_its_failures_are_counted_apart() -> None:
    summary = ResultDocument.model_validate(old()).points[0].summary
    assert (summary.not_ok, summary.failed, summary.short, summary.timeouts) == (1, 1, 0, 0)
    assert summary.success == pytest.approx(5 / 6)


def test_what_is_written_is_the_newest_and_reads_back_the_same() -> None:
    document = ResultDocument.model_validate(old())
    written = document.model_dump_json()
    assert json.loads(written)["schema_version"] == SCHEMA_VERSION
    assert ResultDocument.model_validate_json(written) == document


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (99, "schema_version 99 is newer than 2"),
        (0, "schema_version 0 is none of 1 to 2"),
        ("1", "schema_version '1' is none of 1 to 2"),
        (True, "schema_version True is none of 1 to 2"),
    ],
)
def test_a_version_it_cannot_read_is_refused_with_a_sentence(
    version: object, sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        ResultDocument.model_validate(old() | {"schema_version": version})


@pytest.mark.parametrize("points", [7, ["nothing"], [{"samples": [1]}], None])
def test_an_old_document_that_is_none_is_refused_not_choked_on(points: object) -> None:
    with pytest.raises(ValidationError):
        ResultDocument.model_validate(old() | {"points": points})


def test_a_field_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValidationError, match="colour"):
        ResultDocument.model_validate(old() | {"colour": "blue"})
