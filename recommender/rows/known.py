"""What a row may name: the catalogue, and what `data/rows_known.toml` adds to it.

Published measurements are of older models and of laptops' chips too, which no question offers.
"""

from __future__ import annotations

from functools import cache

from recommender import catalogue
from recommender.catalogue import Catalogue

FILES = (*catalogue.FILES, "rows_known")


@cache
def load() -> Catalogue:
    """Validated.

    Raises:
        pydantic.ValidationError or ValueError: the data is wrong; the sentence says where.
    """
    return catalogue.of(FILES)
