"""A table folded: equal parts stored once, so that questions about slices cost next to nothing.

A table over axes a0 × a1 × … is a tree whose node at depth k has one child per position of axis k.
Sharing equal subtrees turns millions of leaves into a few hundred nodes per depth, without losing
anything: counting over a slice is one pass up and one pass down over those nodes (docs/adr/0002).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

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

    def slices(self, axes: Sequence[Axis], outcome: Floats) -> list[Floats]:
        """For each axis, shape (positions, outcomes): the weight of each outcome there.

        `outcome[i]` has one row per leaf node. An axis with one position left is walked past: all
        the weight lies there.
        """
        levels, leaves = self._narrowed(axes)
        several = [axis for axis in axes if axis.certain is None]
        below, total = _below(levels, [axis.some for axis in several], outcome[leaves])
        certain = prod(axis.certain for axis in axes if axis.certain is not None)
        open_ = iter(_counted(levels, several, below, certain))
        return [
            axis.spread(total * certain if axis.certain is not None else next(open_))
            for axis in axes
        ]

    def _narrowed(self, axes: Sequence[Axis]) -> tuple[list[Ints], Ints]:
        """Levels of the axes with several positions left, with only these and the nodes still
        reached; and the leaves among them."""
        levels, nodes, whole = [], np.zeros(1, dtype=np.int64), True
        for level, axis in zip(self.children, axes, strict=True):
            if axis.certain is not None:
                nodes, whole = level[nodes, axis.left[0]], False
                continue
            whole = whole and len(axis.left) == level.shape[1]
            if whole:  # nothing was left out so far: all nodes are reached
                nodes, compact = np.arange(level.max() + 1), level
            else:
                nodes, compact = _renumbered(level[nodes[:, None], axis.left])
            levels.append(compact)
        return levels, nodes


@dataclass(frozen=True, eq=False)
class Axis:
    """What the positions of one axis weigh: `some` of those `left`, those that weigh anything.

    `certain`: the weight of the only position left, None while there are several (or none).
    """

    positions: int
    left: Ints
    some: Floats
    certain: float | None

    @classmethod
    def of(cls, weights: Floats) -> Axis:
        left = np.flatnonzero(weights)
        some = weights[left]
        return cls(len(weights), left, some, float(some[0]) if len(left) == 1 else None)

    def spread(self, counted: Floats) -> Floats:
        """Shape (positions, outcomes): what was counted where it lies, nothing elsewhere."""
        result = np.zeros((self.positions, counted.shape[-1]))
        result[self.left] = counted
        return result


def _counted(
    levels: Sequence[Ints], axes: Sequence[Axis], below: Sequence[Floats], certain: float
) -> Iterator[Floats]:
    """By axis, shape (positions left, outcomes): what reaches a position times what lies below."""
    reach: Floats = np.array([certain])
    for level, axis, under in zip(levels, axes, below, strict=True):
        yield np.matmul(reach, under) * axis.some[:, None]
        spread = (reach[:, None] * axis.some).ravel()
        reach = np.bincount(level.ravel(), spread).astype(np.float64)


def _renumbered(rows: Ints) -> tuple[Ints, Ints]:
    """The nodes that occur, and the rows in terms of them. Like `np.unique`, without sorting."""
    there = np.zeros(int(rows.max(initial=-1)) + 1, dtype=bool)
    there[rows] = True
    nodes = np.flatnonzero(there)
    number = np.cumsum(there) - 1
    return nodes, number[rows]


def _below(
    levels: Sequence[Ints], weights: Sequence[Floats], outcome: Floats
) -> tuple[list[Floats], Floats]:
    """By level, shape (positions, nodes, outcomes): the weight below each child; and below all."""
    found, below = [], outcome
    for level, weight in zip(reversed(levels), reversed(weights), strict=True):
        under = below[level.T]
        found.append(under)
        flat = under.reshape(len(weight), len(level) * below.shape[1])
        below = (weight @ flat).reshape(len(level), below.shape[1])
    return found[::-1], below[0]


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
