"""When a recommendation says which machine to get: none is there yet, or none that will do."""

from __future__ import annotations

from dataclasses import replace

from recommender.advice.advise import advise
from recommender.answers import Answers
from recommender.recommendation import Recommendation


def advised(rec: Recommendation, answers: Answers) -> Recommendation:
    """The same with `machines`, where they help."""
    if not (answers.text("hardware") == "none-yet" or rec.engine is None):
        return rec
    model = rec.model.id if rec.model else None
    return replace(rec, machines=advise(answers, model=model))
