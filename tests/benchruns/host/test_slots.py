"""A machine with several accelerators measures on each of them, one run at a time."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from benchruns.host import accelerators, slots
from benchruns.host.accelerators import MINE
from benchruns.host.credentials import AlreadyRunning, Home
from benchruns.host.document import Accelerator
from tests.benchruns.host.stub_site import until

H200 = Accelerator(name="NVIDIA H200", vendor="nvidia", memory_gib=141.0)
MI300 = Accelerator(name="AMD MI300X", vendor="amd", memory_gib=192.0)
APPLE = Accelerator(name="Apple M4", vendor="apple", memory_gib=32.0)


@pytest.mark.parametrize("cards", [(), (H200,), (APPLE,), (H200, APPLE)])
def test_one_accelerator_or_none_is_one_slot_that_sees_all(cards: tuple[Accelerator, ...]) -> None:
    assert slots.environments(cards) == [{}]


def test_two_accelerators_are_two_slots_and_each_sees_its_own() -> None:
    first, second = slots.environments((H200, H200))
    assert (first["CUDA_VISIBLE_DEVICES"], second["CUDA_VISIBLE_DEVICES"]) == ("0", "1")
    assert first["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert second[MINE] == "nvidia:1"


def test_a_slot_of_one_vendor_sees_no_card_of_the_other() -> None:
    nvidia, amd = slots.environments((H200, MI300))
    assert (nvidia["CUDA_VISIBLE_DEVICES"], nvidia["ROCR_VISIBLE_DEVICES"]) == ("0", "-1")
    assert (amd["CUDA_VISIBLE_DEVICES"], amd["ROCR_VISIBLE_DEVICES"]) == ("-1", "0")


def test_the_probe_of_a_slot_finds_its_accelerator_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [H200, H200.model_copy(update={"name": "NVIDIA L4"})]
    assert accelerators.mine("nvidia", cards) == cards
    monkeypatch.setenv(MINE, "nvidia:1")
    assert [card.name for card in accelerators.mine("nvidia", cards)] == ["NVIDIA L4"]
    assert accelerators.mine("amd", [MI300]) == ()
    monkeypatch.setenv(MINE, "nvidia:7")
    assert list(accelerators.mine("nvidia", cards)) == []


def test_every_slot_works_in_a_process_of_its_own(tmp_path: Path) -> None:
    def work(number: int) -> int:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # whoever is asked to end has ended by itself
        seen = f"{os.getpid()} {os.environ['CUDA_VISIBLE_DEVICES']}"
        (tmp_path / str(number)).write_text(seen)
        until((tmp_path / str(1 - number)).exists, "the other slot")
        return 0

    assert slots.side_by_side(slots.environments((H200, H200)), work) == 0
    found = [(tmp_path / str(number)).read_text().split() for number in range(2)]
    assert [cards for _, cards in found] == ["0", "1"]
    assert len({pid for pid, _ in found} | {str(os.getpid())}) == 3


def test_when_one_slot_ends_all_do_and_its_status_counts(tmp_path: Path) -> None:
    def work(number: int) -> int:
        if number == 1:
            until((tmp_path / "waits").exists, "the other slot")
            return 77
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        (tmp_path / "waits").touch()
        signal.pause()
        return 1

    assert slots.side_by_side(slots.environments((H200, H200)), work) == 77


def test_asked_to_end_it_asks_every_slot(tmp_path: Path) -> None:
    parent = os.getpid()

    def work(number: int) -> int:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        (tmp_path / str(number)).touch()
        if number == 1:
            until((tmp_path / "0").exists, "the first slot")
            os.kill(parent, signal.SIGTERM)
        signal.pause()
        return 1

    before = signal.getsignal(signal.SIGTERM)
    assert slots.side_by_side(slots.environments((H200, H200)), work) == 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_slots_share_the_token_and_nothing_else(tmp_path: Path) -> None:
    first, second = Home(tmp_path), Home(tmp_path, 1)
    assert first.credential_path == second.credential_path
    assert first.folder_of("run", 1) != second.folder_of("run", 1)
    assert first.board_path != second.board_path
    with first.lock(), second.lock(), pytest.raises(AlreadyRunning):
        Home(tmp_path, 1).lock()
