"""Whatever somebody calls a plan or a result: it is one, or it is refused in a sentence."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from benchruns.host.document import ResultDocument
from benchruns.host.plan import Plan
from benchruns.models import Result, Run
from benchruns.plausible import objections
from benchruns.same import fingerprint
from benchruns.sentences import sentence
from benchruns.uploads import UploadRefused, upload, upload_file
from tests.benchruns.made import Machine, as_sent, document, plan

FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(
        [10**400, -(10**30), 1e308, 5e-324, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z",
         "\x00", "--rm", "tuned", "llama.cpp", 2**63, "\ud800"]
    )
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=8), part),
    max_leaves=12,
)
PLAN: dict[str, Any] = json.loads(plan().model_dump_json())
RESULT = as_sent(document())


def places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = list(part.items()) if isinstance(part, dict) else []
    inner = list(enumerate(part)) if isinstance(part, list) else inner
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


PLACES = [place for place in places(RESULT) if place]
CHANGES = st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING | st.just(...)), max_size=3)


def changed(changes: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
    """A good result with some places exchanged for anything, or (...) left out."""
    made: dict[str, Any] = json.loads(json.dumps(RESULT))
    for place, value in changes:
        _change(made, place, value)
    return made


def _change(part: Any, place: tuple[Any, ...], value: Any) -> None:
    """Nothing where a change before took the place away."""
    for key in place[:-1]:
        if not isinstance(part, (dict, list)) or key not in (
            part if isinstance(part, dict) else range(len(part))
        ):
            return
        part = part[key]
    if isinstance(part, dict) and value is ...:
        part.pop(place[-1], None)
    elif isinstance(part, dict) or (isinstance(part, list) and place[-1] < len(part)):
        part[place[-1]] = None if value is ... else value


def refused_in_a_sentence(error: ValidationError) -> None:
    assert sentence(error).endswith(".")


@FEW
@given(told=ANYTHING)
@example(told={**PLAN, "clients": []})
@example(told={**PLAN, "prompt_lengths": 3})
def test_anything_at_all_is_a_plan_or_is_refused(told: Any) -> None:
    try:
        made = Plan.model_validate(told)
    except ValidationError as error:
        refused_in_a_sentence(error)
    else:
        assert Plan.model_validate(made.model_dump(mode="json")) == made


@FEW
@given(field=st.sampled_from(sorted(Plan.model_fields)), value=ANYTHING)
def test_a_plan_with_one_thing_exchanged_is_a_plan_or_is_refused(field: str, value: Any) -> None:
    try:
        made = Plan.model_validate({**PLAN, field: value})
    except ValidationError as error:
        refused_in_a_sentence(error)
    else:
        assert Plan.model_validate(made.model_dump(mode="json")) == made


@FEW
@given(told=ANYTHING)
@example(told={"schema_version": 1})
@example(told={"schema_version": 10**400, "points": None})
def test_anything_at_all_is_a_result_or_is_refused(told: Any) -> None:
    try:
        made = ResultDocument.model_validate(told)
    except ValidationError as error:
        refused_in_a_sentence(error)
    else:
        assert ResultDocument.model_validate(made.model_dump(mode="json")) == made


@FEW
@given(changes=CHANGES)
def test_a_result_with_things_exchanged_is_believed_doubted_or_refused(changes: Any) -> None:
    told = changed(changes)
    try:
        made = ResultDocument.model_validate(told)
    except ValidationError as error:
        refused_in_a_sentence(error)
        return
    assert all(why.endswith(".") for why in objections(plan(), made))
    assert fingerprint(made.model_dump(mode="json"))


@pytest.mark.django_db
@FEW
@given(changes=CHANGES)
def test_an_upload_is_kept_or_refused_with_the_reason(changes: Any) -> None:
    machine = Machine(str(uuid4()))
    Run.objects.all().delete()
    said = ""
    try:
        upload(machine.row, changed(changes))
    except UploadRefused as error:
        said = str(error)
    assert said == "" or said.endswith(".")
    assert Result.objects.count() == Run.objects.count() == (0 if said else 1)


@pytest.mark.django_db
@FEW
@given(told=st.binary(max_size=60) | ANYTHING.map(lambda one: json.dumps(one).encode()))
def test_a_file_of_anything_is_refused_with_the_reason(told: bytes) -> None:
    with pytest.raises(UploadRefused, match=r"\S"):
        upload_file(Machine(str(uuid4())).row, told)
