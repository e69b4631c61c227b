"""Three situations for newcomers. Only the answers are written here; what follows is computed."""

from __future__ import annotations

from dataclasses import dataclass

from guide.presentation.recipe import Change, Given, changes, given
from guide.presentation.votes import Side, sides
from recommender.answers import Answers, parse
from recommender.evidence import Evidence
from recommender.recommend import recommend
from recommender.recommendation import Recommendation


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody's situation and the answers they would give."""

    id: str
    title: str
    story: str
    answers: tuple[tuple[str, str], ...]

    @property
    def parsed(self) -> Answers:
        return parse(self.answers)


CASES = (
    Case(
        "alone",
        "One person and a laptop",
        "Somebody writes code on a Mac and wants a model that stays on the machine. "
        "Nobody else uses it, and nothing should need looking after.",
        (
            ("purpose", "chat"),
            ("users", "1"),
            ("hardware", "apple"),
            ("device", "apple-m4-pro"),
            ("memory_gb", "48"),
        ),
    ),
    Case(
        "team",
        "Twenty colleagues and one graphics card",
        "A team shares a server with a single consumer card. Twenty of them may ask at the same "
        "moment, and each should see text appear as fast as they can read.",
        (
            ("purpose", "internal-tool"),
            ("users", "20"),
            ("hardware", "nvidia"),
            ("os", "linux"),
            ("device", "rtx-4090"),
            ("model", "llama-3.1-8b"),
            ("tokens_per_user", "10"),
        ),
    ),
    Case(
        "audit",
        "An office without a graphics card",
        "Four people in an office must be able to read and build every line that handles their "
        "documents. There is a plain server and no budget for more.",
        (
            ("purpose", "internal-tool"),
            ("users", "4"),
            ("hardware", "cpu"),
            ("os", "linux"),
            ("privacy", "auditable"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Example:
    """`closest`: for each engine that another answer would make win, the first such answer."""

    case: Case
    rec: Recommendation
    query: str
    given: tuple[Given, ...]
    sides: tuple[Side, ...]
    closest: tuple[Change, ...]


def examples(evidence: Evidence) -> tuple[Example, ...]:
    """What the rule book and the measurements answer today."""
    return tuple(_example(case, evidence) for case in CASES)


def _example(case: Case, evidence: Evidence) -> Example:
    answers = case.parsed
    rec = recommend(answers, evidence=evidence)
    return Example(
        case=case,
        rec=rec,
        query=answers.urlencode(),
        given=given(rec),
        sides=sides(rec),
        closest=tuple(found[0] for found in changes(rec).values()),
    )
