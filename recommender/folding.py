"""A table folded: equal parts stored once, so that questions about slices cost next to nothing.

A table over axes a0 × a1 × … is a tree whose node at depth k has one child per position of axis k.
Sharing equal subtrees turns millions of leaves into a few hundred nodes per depth, without losing
anything: counting over a slice is one pass up and one pass down over those nodes (docs/adr/0002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Folded:
    """`children[k][n, v]`: the node of depth k+1 that node n of depth k has at position v.

    Depth 0 has one node. `leaves[i]` is the value that leaf node i stands for.
    """

    children: tuple[Ints, ...]
    leaves: NDArray[np.uint16]

    def value(self, place: Sequence[int]) -> int:
        """What stands at one combination."""
        node = 0
        for level, position in zip(self.children, place, strict=True):
            node = level[node, position]
        return int(self.leaves[node])

    def values(self, places: Ints) -> NDArray[np.uint16]:
        """The same for many: shape (cases, axes) → (cases,)."""
        nodes = np.zeros(len(places), dtype=np.int64)
        for level, positions in zip(self.children, places.T, strict=True):
            nodes = level[nodes, positions]
        return self.leaves[nodes]

    def up(self, weights: Sequence[Floats], outcome: Floats) -> list[Floats]:
        """By depth, shape (nodes, outcomes): the weight below each node of each outcome.

        `outcome[i]` has one row per leaf node; `weights[k]` one number per position of axis k.
        """
        below = [outcome]
        for level, weight in zip(reversed(self.children), reversed(weights), strict=True):
            below.append(np.einsum("v,nvo->no", weight, below[-1][level]))
        return below[::-1]

    def slices(self, weights: Sequence[Floats], outcome: Floats) -> list[Floats]:
        """For each axis, shape (positions, outcomes): the weight of each outcome there."""
        below = self.up(weights, outcome)
        reach: Floats = np.ones(1)
        result = []
        for level, weight, under in zip(self.children, weights, below[1:], strict=True):
            result.append(np.einsum("n,nvo->vo", reach, under[level]) * weight[:, None])
            spread = reach[:, None] * weight
            reach = np.bincount(level.ravel(), spread.ravel(), len(under)).astype(np.float64)
        return result


def fold(table: NDArray[np.uint16]) -> Folded:
    """Folds a dense table; `unfold` gives it back."""
    leaves, ids = np.unique(table, return_inverse=True)
    ids = ids.reshape(table.shape)
    children: list[Ints] = []
    while ids.ndim:
        level, ids = _share(ids)
        children.append(level)
    return Folded(tuple(children[::-1]), leaves.astype(np.uint16))


def unfold(folded: Folded) -> NDArray[np.uint16]:
    """The dense table again."""
    nodes = np.zeros((), dtype=np.int64)
    for level in folded.children:
        nodes = level[nodes]
    return folded.leaves[nodes]


def _share(ids: Ints) -> tuple[Ints, Ints]:
    """Nodes over the last axis: their children, and which node stands where."""
    shape = ids.shape[:-1]
    rows = ids.reshape(-1, ids.shape[-1])
    key = rows[:, 0]
    for column in rows.T[1:]:
        _, key = np.unique(key * (int(rows.max()) + 1) + column, return_inverse=True)
    _, first, node = np.unique(key, return_index=True, return_inverse=True)
    return rows[first], node.reshape(shape)
