"""A second machine is attached by the printed command alone, and measures.

The machine is made of namespaces: a network whose only way out is the site, a name, a home and
processes of its own. What it installs comes from the site, for it reaches nothing else.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.attach import bridge
from tests.support import ROOT, RigGuide, eventually, running

pytestmark = [pytest.mark.attach, pytest.mark.processes]
HERE = Path(__file__).parent
SPACES = ("unshare", "--map-root-user", "--net", "--uts", "--mount", "--pid", "--fork")
SPACES = (*SPACES, "--kill-child", "--mount-proc")
NAME = "second-machine"
ENGINE, MODEL, QUANT = "llama.cpp", "smollm2-135m", "Q8_0"


@pytest.fixture(autouse=True)
def _namespaces() -> None:
    if shutil.which("unshare") is None or subprocess.run([*SPACES, "true"], check=False).returncode:
        pytest.skip("this machine permits no namespaces (unshare)")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[RigGuide]:
    with running(tmp_path / "site") as site:
        eventually(lambda: "other machines attach with" in site.said(), within_s=120)
        yield site


def manage(rig: RigGuide, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DATA_DIR": str(rig.data), "PORT": str(rig.port)}
    argv = [sys.executable, "manage.py", *words]
    return subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=True)


def printed_command(rig: RigGuide) -> str:
    """The first that the site prints and this machine has the program for."""
    printed = manage(rig, "enrolment_code", "--visitors").stderr
    commands = [line.strip() for line in printed.splitlines() if "RIGGUIDE_CODE=" in line]
    assert len(commands) == 3
    return commands[0] if shutil.which("curl") else commands[2]


@contextmanager
def way_to(rig: RigGuide, path: Path) -> Iterator[Path]:
    """A unix socket that leads to the site: all that the second machine can reach."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(128)
        site = ("127.0.0.1", rig.port)
        threading.Thread(
            target=bridge.serve, args=(listener, socket.AF_INET, site), daemon=True
        ).start()
        yield path


@contextmanager
def second_machine(rig: RigGuide, place: Path, command: str) -> Iterator[Path]:
    """Runs the command and nothing else; what it says goes into the file."""
    home, said = place / "home", place / "said"
    home.mkdir()
    copy = place / "bridge.py"  # the checkout is out of sight there
    shutil.copy(HERE / "bridge.py", copy)
    path = f"{sys.base_prefix}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    with way_to(rig, place / "site.sock") as way, said.open("w") as out:
        inside = (HERE / "inside.sh", ROOT, copy, way, rig.port, home, path, command)
        machine = subprocess.Popen(
            [*SPACES, "sh", *map(str, inside)], cwd="/", stdout=out, stderr=out
        )
        try:
            yield said
        finally:
            machine.kill()  # unshare is deaf to SIGTERM; with it everything in there ends
            machine.wait(60)


def host_of(rig: RigGuide) -> str:
    """The id of the second machine, once its page shows that it asks for work."""
    with httpx.Client(base_url=rig.address, trust_env=False) as visitor:
        found = re.search(rf'href="/hosts/(\d+)/"[^>]*>\s*{NAME}', visitor.get("/hosts/").text)
        if found is None:
            return ""
        page = visitor.get(f"/hosts/{found[1]}/").text
        return found[1] if "What its owner accepts" in page and "has not said" not in page else ""


def measure_on(rig: RigGuide, host: str) -> str:
    """The address of a run asked for on a page, as a visitor asks."""
    with httpx.Client(base_url=rig.address, trust_env=False) as visitor:
        form = visitor.get("/results/upload/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None
        asked = {"engine": ENGINE, "model": MODEL, "quant": QUANT, "host": host, "plan": "quick"}
        answer = visitor.post("/runs/", data={"csrfmiddlewaretoken": token[1], **asked})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])


def ended(rig: RigGuide, run: str) -> bool:
    """Well or badly: its page then asks for no more news."""
    page = httpx.get(f"{rig.address}{run}progress", trust_env=False).text
    return re.search(r'data-status="(done|failed|cancelled|expired)"', page) is not None


def test_by_the_printed_command_alone(rig: RigGuide, tmp_path: Path) -> None:
    print(manage(rig, "wheelhouse").stdout)
    place, begun = tmp_path / "machine", time.monotonic()
    place.mkdir()
    with second_machine(rig, place, printed_command(rig)) as said:
        try:
            host = str(eventually(lambda: host_of(rig), within_s=420, every_s=1))
            print(f"attached and asking for work after {time.monotonic() - begun:.0f} s")
            run = measure_on(rig, host)
            eventually(lambda: ended(rig, run), within_s=420, every_s=1)
        finally:
            print(re.sub(r"rgc_[\w-]+", "rgc_…", said.read_text()))
    answer = httpx.get(f"{rig.address}{run}result.json", trust_env=False)
    assert answer.status_code == 200, httpx.get(f"{rig.address}{run}", trust_env=False).text
    document = answer.json()
    assert document["plan"]["model"] == MODEL
    assert document["points"]
    assert NAME in httpx.get(f"{rig.address}{run}", trust_env=False).text
    lines = said.read_text().splitlines()
    assert "routes: 0" in lines
    print(f"measured {len(document['points'])} points after {time.monotonic() - begun:.0f} s")
