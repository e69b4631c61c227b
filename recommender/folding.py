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

    def slices(self, weights: Sequence[Floats], outcome: Floats) -> list[Floats]:
        """For each axis, shape (positions, outcomes): the weight of each outcome there.

        `outcome[i]` has one row per leaf node; `weights[k]` one number per position of axis k.
        """
        open_ = [np.flatnonzero(weight) for weight in weights]
        levels, leaves = self._narrowed(open_)
        some = [weight[left] for weight, left in zip(weights, open_, strict=True)]
        result = [np.zeros((len(weight), outcome.shape[1])) for weight in weights]
        reach: Floats = np.ones(1)
        for n, under in enumerate(_below(levels, some, outcome[leaves])):
            result[n][open_[n]] = np.matmul(reach, under) * some[n][:, None]
            spread = (reach[:, None] * some[n]).ravel()
            reach = np.bincount(levels[n].ravel(), spread).astype(np.float64)
        return result

    def _narrowed(self, open_: Sequence[Ints]) -> tuple[list[Ints], Ints]:
        """Only the positions left open and the nodes still reached; and the leaves among them."""
        levels, nodes = [], np.zeros(1, dtype=np.int64)
        for level, left in zip(self.children, open_, strict=True):
            rows = level[nodes[:, None], left]
            nodes, compact = _renumbered(rows)
            levels.append(compact)
        return levels, nodes


def _renumbered(rows: Ints) -> tuple[Ints, Ints]:
    """The nodes that occur, and the rows in terms of them. Like `np.unique`, without sorting."""
    there = np.zeros(int(rows.max(initial=-1)) + 1, dtype=bool)
    there[rows] = True
    nodes = np.flatnonzero(there)
    number = np.cumsum(there) - 1
    return nodes, number[rows]


def _below(levels: Sequence[Ints], weights: Sequence[Floats], outcome: Floats) -> list[Floats]:
    """By depth, shape (positions, nodes, outcomes): the weight below each child."""
    found, below = [], outcome
    for level, weight in zip(reversed(levels), reversed(weights), strict=True):
        under = below[level.T]
        found.append(under)
        flat = under.reshape(len(weight), len(level) * below.shape[1])
        below = (weight @ flat).reshape(len(level), below.shape[1])
    return found[::-1]


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
