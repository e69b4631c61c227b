"""One id leads from the site's log to the host's and to the engine's."""

from __future__ import annotations

from pathlib import Path

from benchruns.host.adapters.base import Launch
from benchruns.host.adapters.process import serve
from benchruns.host.site_client import SiteClient
from tests.benchruns.host.stub_site import StubSite


def test_what_a_host_says_of_a_run_names_it() -> None:
    seen: list[str | None] = []
    with StubSite() as site, SiteClient.of(site.credential) as client:
        site.queue()
        hooks = {"request": [lambda sent: seen.append(sent.headers.get("X-Request-ID"))]}
        client._http.event_hooks = hooks
        run = client.claim(["mock"], wait_s=0)
        assert run is not None
        client.heartbeat(run)
    assert seen == [None, f"{run.id}.{run.attempt}"]


def test_an_engines_log_begins_with_its_run(tmp_path: Path) -> None:
    folder = tmp_path / "0b7e-2"
    folder.mkdir()
    launch = Launch(
        model_path=tmp_path,
        model_name="tiny",
        slots=None,
        context_per_slot=64,
        port=1,
        work_dir=folder,
    )
    server = serve("An engine", ["echo", "ready"], launch)
    server.stop()
    assert server.log_tail().splitlines()[0] == "rigguide: run 0b7e-2"
