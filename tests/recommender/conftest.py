"""The table is built once for all tests of this folder."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender import rulebook, table
from recommender.rulebook import Rulebook
from recommender.table import Table


@pytest.fixture(scope="session")
def book() -> Rulebook:
    return rulebook.load()


@pytest.fixture(scope="session")
def dense(book: Rulebook) -> NDArray[np.uint16]:
    """Every cell of the whole table."""
    return table.dense(book)


@pytest.fixture(scope="session")
def folded(book: Rulebook) -> Table:
    return table.load(book)
