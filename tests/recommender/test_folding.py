from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.folding import Axis, fold, unfold

TABLES = arrays(np.uint16, (2, 3, 4), elements=st.integers(0, 3))


@given(TABLES)
def test_it_gives_back_what_it_folded(table: np.ndarray) -> None:
    assert (unfold(fold(table)) == table).all()


@given(TABLES, st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 3)))
def test_it_finds_every_cell(table: np.ndarray, place: tuple[int, int, int]) -> None:
    folded = fold(table)

    assert folded.value(place) == table[place]
    assert folded.values(np.array([place]))[0] == table[place]


@given(TABLES, st.data())
def test_it_counts_any_slice_as_the_dense_table_does(
    table: np.ndarray,
    data: st.DataObject,
) -> None:
    weights = [
        np.array(data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)), dtype=float)
        for n in table.shape
    ]
    folded = fold(table)
    outcome = np.eye(4)[folded.leaves]
    dense = np.einsum("a,b,c,abco->abco", *weights, np.eye(4)[table])

    slices = folded.slices([Axis.of(weight) for weight in weights], outcome)

    for axis, counted in enumerate(slices):
        others = tuple(n for n in range(3) if n != axis)
        assert np.allclose(counted, dense.sum(axis=others))


def test_it_stores_equal_parts_once() -> None:
    folded = fold(np.zeros((50, 50, 50), dtype=np.uint16))

    assert [len(level) for level in folded.children] == [1, 1, 1]
