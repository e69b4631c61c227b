"""Whatever stands where an id belongs, the site answers."""

from __future__ import annotations

import pytest
from django.test import Client

from benchruns.row_ids import row_id


def test_digits_are_an_id_as_far_as_databases_count() -> None:
    assert row_id("17") == 17
    assert row_id("9" * 18) == 10**18 - 1


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1.0", "²", "٣", "9" * 19, "9" * 5000], ids=lambda text: text[:9]
)
def test_anything_else_is_none(text: str) -> None:
    assert row_id(text) is None


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["9" * 18, "9" * 5000], ids=len)
def test_a_comparison_of_no_machine_offers_what_there_is(host: str) -> None:
    assert Client().get(f"/compare/?host={host}").status_code == 200
