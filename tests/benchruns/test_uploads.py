"""Results that a machine's owner brings as files: checked as all are, and marked for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from benchruns.evidence import DatabaseEvidence
from benchruns.host.cli import main
from benchruns.host.compare.document import Turn, comparison
from benchruns.host.credentials import Credential, Home
from benchruns.host.document import ResultDocument
from benchruns.host.site_client import SiteClient
from benchruns.host.site_errors import error_of
from benchruns.models import Result, Run
from benchruns.states import State
from tests.benchruns.made import Machine, as_sent, document, plan

PAGE = "/results/upload/"


def sent(machine: Machine, told: Any) -> Any:
    return machine.post("results", {"document": told})


def brought(told: bytes, token: str) -> Any:
    file = SimpleUploadedFile("result.json", told, "application/json")
    return Client().post(PAGE, {"document": file, "token": token})


def as_file(made: ResultDocument) -> bytes:
    return made.model_dump_json().encode()


pytestmark = pytest.mark.django_db


def test_it_keeps_what_a_machine_measured_by_itself_and_says_so() -> None:
    alice = Machine()
    answer = sent(alice, as_sent(document()))
    assert answer.status_code == 201
    run = Run.objects.get(pk=answer.json()["run"])
    assert (run.state, run.host, run.by_visitor) == (State.DONE, alice.row, False)
    text = Client().get(answer.json()["url"]).text
    assert "<strong>Uploaded</strong> by the machine’s owner" in text
    assert '200<span class="unit">ms</span>' in text
    assert Client().get(f"/runs/{run.pk}/result.json").json() == as_sent(document())


def test_it_counts_as_evidence_as_any_result_of_that_machine() -> None:
    sent(Machine(), as_sent(document()))
    found = DatabaseEvidence().measurements(hardware="cpu", device=None, model="llama-3.2-1b")
    assert [one.host for one in found] == ["alice"]


def test_the_same_document_again_changes_nothing() -> None:
    alice = Machine()
    first, again = (sent(alice, as_sent(document())).json() for _ in range(2))
    assert first == again
    assert Result.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"itl_s": 0.0001}, "more than this memory can carry"),
        ({"points": ()}, "It has no measured point"),
        (
            {"host": document().host.model_copy(update={"cpu": "Intel Xeon"})},
            "measured on another machine than alice: Intel Xeon",
        ),
        (
            {"engine": document().engine.model_copy(update={"id": "endpoint"})},
            "nobody knows on which machine",
        ),
    ],
)
def test_it_passes_the_checks_of_every_result(changes: dict[str, Any], sentence: str) -> None:
    answer = sent(Machine(), as_sent(document(**changes)))
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        (timezone.now() + timedelta(days=3), "which has not come yet"),
        (datetime(2025, 1, 1, tzinfo=UTC), "before RigGuide measured"),
    ],
)
def test_it_takes_nothing_from_a_clock_that_cannot_be_right(ended: datetime, sentence: str) -> None:
    made = document(started_at=ended - timedelta(minutes=1), finished_at=ended)
    answer = sent(Machine(), as_sent(made))
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]


def test_the_same_samples_under_another_date_are_no_second_measurement() -> None:
    alice, ended = Machine(), document().finished_at + timedelta(hours=1)
    sent(alice, as_sent(document()))
    answer = sent(alice, as_sent(document(finished_at=ended)))
    assert answer.status_code == 422
    assert "a copy of a result is no second one" in answer.json()["error"]
    assert Run.objects.count() == Result.objects.count() == 1


def test_nor_are_those_of_another_machine_of_the_kind() -> None:
    sent(Machine("alice"), as_sent(document()))
    assert sent(Machine("bob"), as_sent(document())).status_code == 422


def test_it_says_what_does_not_validate() -> None:
    answer = sent(Machine(), {"kind": "rigguide.result"})
    assert answer.status_code == 422
    assert "does not validate" in answer.json()["error"]


def test_a_machine_that_was_detached_brings_nothing() -> None:
    gone = Machine(revoked_at=timezone.now())
    assert sent(gone, as_sent(document())).status_code == 401
    assert brought(as_file(document()), gone.token).status_code == 403


# On the page


def test_its_owner_brings_a_file() -> None:
    alice = Machine()
    answer = brought(as_file(document()), alice.token)
    assert answer.status_code == 303
    assert Client().get(answer.headers["Location"]).status_code == 200
    assert Result.objects.get().uploaded_at is not None


@pytest.mark.parametrize("token", ["", "rgh_guessed", "nonsense"])
def test_strangers_bring_nothing(token: str) -> None:
    Machine()
    answer = brought(as_file(document()), token)
    assert answer.status_code == 403
    assert "of no machine that is attached here" in answer.text
    assert not Result.objects.exists()


def test_a_comparison_is_brought_whole_and_shown_side_by_side() -> None:
    alice = Machine()
    arms = (("one", document()), ("two", document(plan(variant="as-shipped"), itl_s=0.06)))
    turns = tuple(Turn(arm=arm, round=1, document=made) for arm, made in arms)
    answer = brought(comparison(turns, "rigguide compare").model_dump_json().encode(), alice.token)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/compare/?results=")
    assert "as shipped" in Client().get(answer.headers["Location"]).text
    assert Result.objects.count() == 2


def test_a_comparison_with_one_bad_round_leaves_nothing() -> None:
    made = (document(), document(itl_s=0.0001))
    turns = tuple(Turn(arm="x", round=n, document=d) for n, d in enumerate(made, 1))
    told = comparison(turns, "again").model_dump_json().encode()
    answer = brought(told, Machine().token)
    assert answer.status_code == 422
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (b"\xff\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "neither a result document nor a comparison"),
        (b'{"kind": "rigguide.result", "points": NaN}', "no result document"),
        (b'{"kind": "rigguide.comparison", "turns": [1]}', "a round without its result"),
    ],
)
def test_it_says_why_a_file_is_none(told: bytes, sentence: str) -> None:
    answer = brought(told, Machine().token)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_it_takes_no_file_that_is_too_large(settings: Settings) -> None:
    settings.RESULT_MAX_BYTES = 2**20
    answer = brought(b" " * (2**20 + 1), Machine().token)
    assert answer.status_code == 422
    assert "larger than 1 MiB" in answer.text


def test_it_asks_for_the_file() -> None:
    answer = Client().post(PAGE, {"token": Machine().token})
    assert answer.status_code == 400
    assert "Choose the file" in answer.text
    assert Client().get(PAGE).status_code == 200
    assert Client(enforce_csrf_checks=True).post(PAGE, {}).status_code == 403


# With the command


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The home of a machine whose client reaches the site without a network."""
    alice = Machine()

    def post(_client: SiteClient, path: str, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        answer = alice.post(path, body)
        if answer.status_code >= 400:
            raise error_of(answer.status_code, answer.json()["error"])
        found: dict[str, Any] = answer.json()
        return found

    monkeypatch.setattr(SiteClient, "_post", post)
    Home(tmp_path).save(Credential("http://site.test", str(alice.row.pk), "alice", alice.token))
    return tmp_path


def uploaded(home: Path, told: bytes) -> Any:
    file = home / "told.json"
    file.write_bytes(told)
    return CliRunner().invoke(main, ["upload", str(file), "--home", str(home)])


def test_the_machine_itself_needs_no_token_typed(attached: Path) -> None:
    found = uploaded(attached, as_file(document()))
    assert found.exit_code == 0, found.output
    page = Run.objects.get().get_absolute_url()
    assert found.output == f"told.json: http://site.test{page}\n"


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (b"{}", "neither a result document nor a comparison"),
        (as_file(document(itl_s=0.0001)), "more than this memory can carry"),
    ],
)
def test_the_command_says_why_it_was_refused(attached: Path, told: bytes, sentence: str) -> None:
    found = uploaded(attached, told)
    assert found.exit_code == 1
    assert sentence in found.output


def test_a_machine_that_is_attached_nowhere_uploads_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_bytes(as_file(document()))
    found = CliRunner().invoke(main, ["upload", str(file), "--home", str(tmp_path / "none")])
    assert found.exit_code == 1
    assert "rigguide attach SITE CODE" in found.output
