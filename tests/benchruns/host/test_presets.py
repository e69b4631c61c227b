"""How long a quick look takes, worked out from what every engine did on two quiet cores.

No clock is asked: answers take as long as those in the documents that are kept with the project,
for as many tokens as the plan wants, and the real pace says when a point is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from benchruns.host import presets
from benchruns.host.choice import aim_s
from benchruns.host.document import ResultDocument, Sample, Summary
from benchruns.host.load.pace import Pace, share_s
from benchruns.host.load.window import parted
from benchruns.host.plan import Plan
from benchruns.host.presets import named
from benchruns.host.statistics import summarise
from tests.benchruns.host.instrument import answer

DOCUMENTS = Path(presets.__file__).parents[1] / "data" / "documents"
KEPT = [ResultDocument.model_validate_json(p.read_text()) for p in sorted(DOCUMENTS.glob("*.json"))]
COMPILE_FIRST = {"vllm"}
PROMISED_S = 60
BESIDE_S = 2  # looking at the machine before and after
WARM_UP_BUDGET = 0.04  # of the plan's limit
MOODS = (1.0, 1.04, 0.97, 1.03, 0.96)


def name(document: ResultDocument) -> str:
    engine = document.plan
    return f"{engine.engine}-{engine.provider}-{engine.quant}-{engine.variant}"


@dataclass(frozen=True)
class Look:
    """A quick look at an engine that is as fast as it was when it was measured."""

    measured: ResultDocument

    @property
    def plan(self) -> Plan:
        engine = self.measured.plan.engine
        return named("quick", engine=engine, model="tiny", variant=self.measured.plan.variant)

    def latencies_s(self, clients: int) -> tuple[float, float]:
        """To the first token of a prompt of this plan's length, and between tokens."""
        found = next(p.summary for p in self.measured.points if p.clients == clients)
        assert found.ttft_ms.p50 is not None
        assert found.itl_ms.p50 is not None
        share = self.plan.prompt_tokens / self.measured.plan.prompt_tokens
        return share * found.ttft_ms.p50 / 1000, found.itl_ms.p50 / 1000

    def span_s(self, clients: int) -> float:
        first_s, gap_s = self.latencies_s(clients)
        return first_s + (self.plan.output_tokens - 1) * gap_s

    @property
    def start_s(self) -> float:
        return self.measured.engine.startup_s or 0.0

    def run(self) -> tuple[float, list[Summary]]:
        """Seconds from the order to the result, and what each point knows."""
        plan, alone_s = self.plan, self.span_s(1)
        budget_s = WARM_UP_BUDGET * plan.time_limit_s
        now = self.start_s + BESIDE_S + alone_s * (3 if 2 * alone_s <= budget_s else 2)
        found = []
        for index, clients in enumerate(plan.clients):
            first_s, gap_s = self.latencies_s(clients)
            now += first_s / 4 + 3 * gap_s  # a short wave that warms up so many
            left, most_s = len(plan.clients) - index, float(plan.point_limit_s)
            box_s = share_s(aim_s(plan, self.start_s) - now, left, most_s)
            hard_s = share_s(plan.time_limit_s - now, left, most_s)
            wanted = plan.requests_per_client * clients
            pace = Pace(wanted, box_s, hard_s, plan.half_width, clients)
            took_s, samples = self._point(clients, pace)
            now += took_s
            found.append(summarise(parted(samples, clients), clients))
        return now, found

    def _point(self, clients: int, pace: Pace) -> tuple[float, list[Sample]]:
        """Wave after wave, each of a mood of its own."""
        samples: list[Sample] = []
        now, (first_s, gap_s) = 0.0, self.latencies_s(clients)
        for wave in count():
            mood = MOODS[wave % len(MOODS)]
            one = answer(now, mood * first_s, mood * gap_s, tokens=self.plan.output_tokens)
            samples += [one.model_copy(update={"client": client}) for client in range(clients)]
            now += mood * self.span_s(clients)
            if not pace(samples, now):
                break
        return now, samples


def test_there_is_something_to_work_it_out_from() -> None:
    engines = {document.plan.engine for document in KEPT}
    assert engines >= {"llama.cpp", "llama-cpp-python", "vllm", "mlx-lm"}


@pytest.mark.parametrize("document", KEPT, ids=name)
def test_a_quick_look_takes_a_minute_at_most(document: ResultDocument) -> None:
    """Of an engine that compiles before it answers, beside that."""
    look = Look(document)
    took_s, _ = look.run()
    if document.plan.engine in COMPILE_FIRST:
        took_s -= look.start_s
    assert took_s <= PROMISED_S


@pytest.mark.parametrize("document", KEPT, ids=name)
def test_where_a_minute_is_short_it_has_fewer_intervals_and_still_its_figures(
    document: ResultDocument,
) -> None:
    _, found = Look(document).run()
    for clients, summary in zip(Look(document).plan.clients, found, strict=True):
        assert summary.tok_s_per_user.p50 is not None
        blocks = summary.ok // clients
        assert (summary.tok_s_per_user.low is not None) == (blocks >= 5)


def test_most_engines_get_an_interval_at_each_number_of_clients() -> None:
    quick = [d for d in KEPT if d.plan.engine in {"llama.cpp", "vllm"}]
    found = [summary for document in quick for summary in Look(document).run()[1]]
    assert len(found) == 2 * len(quick)
    assert all(summary.tok_s_per_user.low is not None for summary in found)


@pytest.mark.parametrize(
    ("engine", "limit_s", "started_s", "aim"),
    [
        ("llama.cpp", 150, 0.5, 60),
        ("llama.cpp", 150, 50, 60),
        ("vllm", 390, 145, 205),
        ("vllm", 390, 20, 80),  # it had compiled before
        ("vllm", 390, 300, 300),
        ("vllm", 100, 50, 40),  # a limit of somebody's own
    ],
)
def test_what_an_engine_compiles_is_not_taken_from_its_load(
    engine: str, limit_s: int, started_s: float, aim: float
) -> None:
    plan = Plan(engine=engine, model="tiny", time_limit_s=limit_s)
    assert aim_s(plan, started_s) == pytest.approx(aim)


@pytest.mark.parametrize(
    ("plan", "engine", "limit_s"),
    [
        ("quick", "llama.cpp", 150),
        ("quick", "vllm", 390),  # its start alone took 145 s
        ("standard", "vllm", 1140),
        ("thorough", "vllm", 1800),  # as long as owners let their machines measure
    ],
)
def test_an_engine_that_compiles_first_has_time_for_that(
    plan: str, engine: str, limit_s: int
) -> None:
    made = named(plan, engine=engine, model="tiny")
    assert (made.time_limit_s, made.name) == (limit_s, plan)
    assert named(plan, engine=engine, model="tiny", time_limit_s=limit_s).name == plan
    assert named(plan, engine=engine, model="tiny", time_limit_s=60).name is None
