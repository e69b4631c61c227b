"""Published measurements as rows: read them, find out what they mean, predict them.

A row is one line of `data/calibration.jsonl` or of a file in that form. What was measured (its
`value`) and what was noted beside it are never read.
"""

from recommender.rows.predict import Prediction, predict
from recommender.rows.read import Row, RowError, read
from recommender.rows.resolve import Resolved, resolve

__all__ = ["Prediction", "Resolved", "Row", "RowError", "predict", "read", "resolve"]
