"""What connects accelerators: every card has a bus, and the fastest link counts."""

from __future__ import annotations

from typing import Any

import pytest

from recommender import catalogue
from recommender.catalogue import Catalogue

SOURCE = {"url": "https://example.org"}


def a_link(**changes: Any) -> dict[str, Any]:
    row = {"id": "cable", "name": "A cable", "reach": "within", "gb_s": 1, "sources": [SOURCE]}
    return row | changes


def test_every_card_has_a_way_to_the_next_one() -> None:
    known = catalogue.load()
    cards = [d for d in known.devices.values() if d.hardware in ("nvidia", "amd", "intel")]
    without = {d.id for d in cards if known.connects(d.id) is None}
    assert without == {d.id for d in cards if d.unified}


def test_the_fastest_link_counts_and_a_bridge_only_where_it_was_bought() -> None:
    known = catalogue.load()
    board, card = known.connects("h100-sxm-80gb"), known.connects("rtx-3090")
    bridged = known.connects("rtx-3090", bought=True)
    assert board is not None
    assert card is not None
    assert bridged is not None
    assert (board.id, card.id) == ("nvlink-4", "pcie-4-x16")
    assert bridged.gb_s > card.gb_s
    assert known.connects("apple-m4-max") is None


def test_networks_and_cables_are_found_by_their_names() -> None:
    known = catalogue.load()
    for name in ("10GbE", "400GbE", "InfiniBand NDR", "Thunderbolt 5"):
        link = known.link(name)
        assert link is not None, name
        assert link.reach == "between"
    assert known.links["infiniband-ndr"].gb_s == 50


def test_a_link_of_a_device_nobody_knows_does_not_load() -> None:
    with pytest.raises(ValueError, match="link cable names warp-drive"):
        Catalogue({"link": [a_link(devices=["warp-drive"])]})
