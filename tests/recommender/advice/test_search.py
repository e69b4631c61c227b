"""What is passed over would not have met the need: the answer is that of judging every machine."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from recommender import catalogue
from recommender.advice.advise import _advise
from recommender.advice.bounds import bounds
from recommender.advice.builds import Build, builds
from recommender.advice.judge import Judged, judge
from recommender.advice.need import need
from recommender.advice.search import until_sure
from recommender.answers import parse

CATALOGUE = catalogue.load()


@pytest.mark.parametrize(
    "query",
    [
        "model=qwen3-8b&users=50&ttft_ms=500",
        "model=gpt-oss-20b&users=200&ttft_ms=2000&tokens_per_user=25",
        "model=llama-3.3-70b&users=12&tokens_per_user=8",
    ],
)
def test_it_finds_what_judging_every_machine_finds(query: str) -> None:
    answers = parse(parse_qsl(query))
    wanted, found = need(answers, None, CATALOGUE), _advise(answers.given, None, CATALOGUE)
    assert wanted is not None
    assert found is not None
    least, rows = bounds(wanted, CATALOGUE), builds(CATALOGUE)
    for family in found.families:
        can = (build for build in rows[family.id] if least.allow(build))
        judged = (judge(build, wanted, CATALOGUE).machine for build in can)
        if family.why_none.startswith("One is enough"):
            continue
        assert family.smallest == next((m for m in judged if m), None), family.id
        if family.smallest and not family.smallest.sure:
            assert family.sure == next((m for m in judged if m and m.sure), None), family.id


def test_it_judges_the_strongest_of_what_is_alike_and_none_of_the_others() -> None:
    seen = []

    def fails(build: Build) -> Judged:
        seen.append(build.device.id)
        return Judged(build, None, "too slow")

    rows = [b for b in builds(CATALOGUE)["nvidia-one"] if b.memory_gib == 24]
    assert len(rows) > 2
    assert [*until_sure(rows, fails)]
    assert len(seen) < len(rows)
    assert seen[0] == max(rows, key=lambda b: b.device.bandwidth_gb_s).device.id


def test_it_stops_at_the_first_that_does_beyond_doubt() -> None:
    wanted = need(parse([("model", "qwen3-8b"), ("users", "1")]), None, CATALOGUE)
    assert wanted is not None
    found = [*until_sure(builds(CATALOGUE)["nvidia-one"], lambda b: judge(b, wanted, CATALOGUE))]
    sure = [one.machine for one in found if one.machine and one.machine.sure]
    assert len(sure) == 1
    assert found[-1].machine == sure[0]
