"""Results kept from an earlier life of this machine's worker."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchruns.host.leftovers import name_of, resend
from benchruns.host.plan import Plan
from benchruns.host.site_client import Claimed, SiteClient
from benchruns.host.site_errors import SiteUnreachable, Unauthorized
from tests.benchruns.host import fake_measures
from tests.benchruns.host.stub_site import StubSite


@pytest.fixture
def site() -> Iterator[StubSite]:
    with StubSite(lease_s=60) as stub:
        yield stub


@pytest.fixture
def client(site: StubSite) -> Iterator[SiteClient]:
    with SiteClient.of(site.credential) as one:
        yield one


@pytest.fixture
def kept(site: StubSite, client: SiteClient, tmp_path: Path) -> Path:
    """The result of a run this machine claimed and could not deliver."""
    site.queue("run-1")
    run = client.claim(["mock"], wait_s=1)
    assert isinstance(run, Claimed)
    path = tmp_path / name_of(run)
    document = fake_measures.document(Plan.model_validate(run.plan), run.id)
    path.write_text(document.model_dump_json())
    return path


def test_it_is_delivered_and_not_kept_any_longer(
    site: StubSite, client: SiteClient, kept: Path
) -> None:
    resend(client, kept.parent)
    assert (site.runs["run-1"].state, site.runs["run-1"].results) == ("done", 1)
    assert not kept.exists()


@pytest.mark.parametrize("status", [409, 422])
def test_what_the_site_refuses_for_good_is_removed_with_a_word(
    site: StubSite, client: SiteClient, kept: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    site.refusals["result"] = (status, {"error": "It is settled."})
    with caplog.at_level(logging.WARNING):
        resend(client, kept.parent)
    assert not kept.exists()
    assert "run-1: the site does not want the result kept here: It is settled." in caplog.text


@pytest.mark.parametrize(
    ("status", "error"), [(503, SiteUnreachable), (401, Unauthorized), (429, SiteUnreachable)]
)
def test_it_is_kept_while_the_site_may_take_it_later(
    site: StubSite, client: SiteClient, kept: Path, status: int, error: type[Exception]
) -> None:
    site.refusals["result"] = (status, {"error": "Not now."})
    with pytest.raises(error):
        resend(client, kept.parent)
    assert kept.exists()


def test_what_is_too_large_is_kept_and_holds_nothing_up(
    site: StubSite, client: SiteClient, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site.refusals["result"] = (413, {"error": "8 MiB are the most."})
    with caplog.at_level(logging.WARNING):
        resend(client, kept.parent)
    assert kept.exists()
    assert "8 MiB are the most" in caplog.text


def test_a_file_that_cannot_be_read_holds_nothing_up(
    site: StubSite, client: SiteClient, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = kept.with_name("run-0-1.json")
    broken.write_text("{")
    with caplog.at_level(logging.WARNING):
        resend(client, kept.parent)
    assert broken.exists()
    assert "run-0-1.json is left where it is" in caplog.text
    assert site.runs["run-1"].state == "done"
