"""Which machines can be advised at all."""

from __future__ import annotations

from recommender import catalogue
from recommender.advice.builds import builds


def test_nobody_puts_two_laptops_or_two_unified_machines_into_one() -> None:
    known = catalogue.load()
    alone = {d.id for d in known.devices.values() if d.alone or d.unified}
    assert "rtx-5090-laptop" in alone
    several = {b.device.id for rows in builds(known).values() for b in rows if b.count > 1}
    assert several
    assert several.isdisjoint(alone)
