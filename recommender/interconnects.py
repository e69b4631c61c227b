"""What connects accelerators: within a machine, and between machines.

Units are in the names: GB/s is 10**9 bytes a second, in one direction, of one accelerator.
"""

from __future__ import annotations

from typing import Literal

from recommender.entries import Entry, Sources


class Link(Entry):
    """One way to connect. `devices`: those that have it; of several a device has the fastest.

    within   between accelerators of one machine: NVLink, Infinity Fabric, or the PCIe bus
    between  between machines: a network, or a cable from one to the other
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    reach: Literal["within", "between"]
    gb_s: float
    optional: bool = False  # only where somebody bought the part for it
    devices: tuple[str, ...] = ()
    note: str = ""
    sources: Sources

    @property
    def names(self) -> tuple[str, ...]:
        """Everything this connection is called."""
        return (self.id, self.name, *self.aliases)
