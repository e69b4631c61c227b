"""Deciding: the exhaustive table, one recommendation, the next question."""

from __future__ import annotations

import random
import time
from functools import partial

from benchmarks import visits
from benchmarks.timing import Timing, summed, time_each
from recommender import domain, outlook, rulebook, table
from recommender.answers import Answers, parse
from recommender.facts import Facts
from recommender.implied import derive
from recommender.questionnaire import questions
from recommender.questions import Kind, Question
from recommender.recommend import recommend
from recommender.recommendation import Recommendation

SEED = 20261120
STATES = 400
VISITORS = 150


def run() -> list[Timing]:
    book = rulebook.load()
    return [_build(), _recommend(), _recommend_anew(), _next_question(table.load(book))]


def _build() -> Timing:
    book = rulebook.load()
    note = f"{domain.size():,} combinations"
    builds = [book] * 3
    return time_each("table built from nothing", table.build, builds, budget_ms=10_000, note=note)


def _recommend() -> Timing:
    """A process that has just begun, asked by visitors one after another, each step timed."""
    took_ms: list[float] = []

    def ask(answers: Answers) -> Recommendation:
        start = time.perf_counter()
        told = recommend(answers)
        took_ms.append((time.perf_counter() - start) * 1000)
        return told

    recommend(parse([]))  # loads the table
    visits.walk(VISITORS, ask)
    note = f"{VISITORS} visitors"
    return summed("recommend(), visitors on their way", took_ms, budget_ms=1.0, note=note)


def _recommend_anew() -> Timing:
    """Answers drawn one by one without regard to what people have: hardly anything is remembered.
    Nothing is promised of it."""
    note = "contradictory answers included"
    return time_each("recommend(), any answers at all", recommend, _some_answers(), note=note)


def _next_question(built: table.Table) -> Timing:
    """Uncached: what a state costs that nobody has looked at before."""
    look = partial(_look, built)
    states = [_known(answers) for answers in _some_answers()]
    return time_each("next question, settled and flips", look, states, budget_ms=2.0)


def _look(built: table.Table, known: Facts) -> object:
    return outlook.look.__wrapped__(rulebook.load(), built, known, frozenset(), frozenset())


def _known(answers: Answers) -> Facts:
    return derive(answers, rulebook.load()).known


def _some_answers() -> list[Answers]:
    """States on the way through the questionnaire: from nothing answered to nearly everything."""
    chance = random.Random(SEED)  # noqa: S311 - the same states in every run
    return [_answer_some(chance, list(questions())) for _ in range(STATES)]


def _answer_some(chance: random.Random, asked: list[Question]) -> Answers:
    plain = [q for q in asked if q.id not in {"model", "quant", "device"}]
    chosen = chance.sample(plain, chance.randint(0, len(plain)))
    return parse([(q.id, _some_value(chance, q)) for q in chosen])


def _some_value(chance: random.Random, question: Question) -> str:
    if question.options:
        return chance.choice(question.options).value
    assert question.kind is Kind.NUMBER
    low, high = max(1, int(question.minimum or 1)), int(question.maximum or 1000)
    return str(chance.randint(low, min(high, 64)))
