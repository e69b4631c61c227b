"""`rigguide host`: what its owner says on the line or in rigguide.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchruns.host import worker
from benchruns.host.cli import main
from benchruns.host.commands import host
from benchruns.host.credentials import Credential, Home
from benchruns.host.document import Accelerator
from benchruns.host.inventory import Inventory
from benchruns.host.limits import Limits
from benchruns.host.site_client import InstalledEngine
from tests.benchruns.host.fake_measures import FACTS

H200 = Accelerator(name="NVIDIA H200", vendor="nvidia", memory_gib=141.0)
TWO = FACTS.model_copy(update={"accelerators": (H200, H200)})
ENGINES = (InstalledEngine(id="llama.cpp", provider="test"),)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    Home(tmp_path).save(Credential("http://127.0.0.1:9", "7", "box", "rgh_x"))
    return tmp_path


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """How workers were started, instead of starting them."""
    started: list[dict[str, Any]] = []

    def run_worker(home: Home, _credential: Credential, engines: Any, **how: Any) -> int:
        started.append({"home": home, "engines": engines, **how})
        return 0

    monkeypatch.setattr(worker, "run_worker", run_worker)
    monkeypatch.setattr(worker, "set_up_logging", lambda: None)
    monkeypatch.setattr(host, "take_stock", lambda: Inventory(FACTS, ENGINES, ("llama.cpp",)))
    return started


def rigguide(*words: object) -> Result:
    return CliRunner().invoke(main, ["host", *map(str, words)])


def limits(begun: list[dict[str, Any]], *words: object) -> Limits:
    done = rigguide(*words)
    assert done.exit_code == 0, done.output
    found = begun[-1]["limits"]
    assert isinstance(found, Limits)
    return found


def test_without_a_word_the_usual_limits_hold(place: Path, begun: list[dict[str, Any]]) -> None:
    assert limits(begun, "--home", place) == Limits()


def test_the_line_says_what_the_owner_accepts(place: Path, begun: list[dict[str, Any]]) -> None:
    words = "--engines llama.cpp,vllm --models catalogue,path --max-minutes 12 --max-disk-gib 40"
    found = limits(begun, "--home", place, *words.split(), "--hours", "22-6", "--no-install")
    assert found == Limits(
        minutes=12,
        engines=("llama.cpp", "vllm"),
        models=("catalogue", "path"),
        disk_gib=40,
        hours="22:00-06:00",
        installs=False,
    )


FILE = """
[host]
engines = ["vllm"]
max_minutes = 20
hours = "22-06"
install = false
"""


def test_a_file_says_the_same_and_the_line_wins(place: Path, begun: list[dict[str, Any]]) -> None:
    (place / "rigguide.toml").write_text(FILE)
    found = limits(begun, "--home", place, "--max-minutes", 5)
    assert (found.engines, found.minutes, found.hours) == (("vllm",), 5, "22:00-06:00")
    assert not found.installs


def test_the_file_may_lie_elsewhere(place: Path, begun: list[dict[str, Any]]) -> None:
    other = place / "other.toml"
    other.write_text("[host]\nmax_minutes = 3\n")
    assert limits(begun, "--config", other, "--home", place).minutes == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[host]\nmax_minuts = 3\n", "max_minuts is no setting of a host; there are: engines"),
        ("host = 3\n", "host must be a table"),
        ("[host\n", "is not TOML"),
        ("[host]\nmax_minutes = -1\n", "-1.0 is not in the range"),
        (
            '[host]\nengines = ["torch"]\n',
            "'torch' is no engine; there are: llama-cpp-python, llama.cpp",
        ),
        ('[host]\nhours = "night"\n', "'night' is no window of hours"),
    ],
)
def test_a_file_that_is_wrong_says_what_is_allowed(
    text: str, sentence: str, place: Path, begun: list[dict[str, Any]]
) -> None:
    (place / "rigguide.toml").write_text(text)
    done = rigguide("--home", place)
    assert done.exit_code == 2
    assert sentence in " ".join(done.output.replace("│", " ").split())
    assert not begun


def test_what_is_no_source_of_models_is_refused(place: Path, begun: list[dict[str, Any]]) -> None:
    done = rigguide("--home", place, "--models", "hub")
    assert done.exit_code == 2
    assert "'hub' is no source of models; there are: catalogue, synthetic, path." in done.output


def test_two_accelerators_are_two_workers(
    place: Path, begun: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "take_stock", lambda: Inventory(TWO, ENGINES, ("llama.cpp",)))

    def one_after_the_other(environments: list[Any], work: Any) -> int:
        return max(work(number) for number in range(len(environments)))

    monkeypatch.setattr(host.slots, "side_by_side", one_after_the_other)
    assert rigguide("--home", place).exit_code == 0
    assert [(one["home"].slot, one["slots"]) for one in begun] == [(0, 2), (1, 2)]

    assert rigguide("--home", place, "--one-at-a-time").exit_code == 0
    assert begun[-1]["slots"] == 1
