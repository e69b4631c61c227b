"""The smallest machine of each family that meets the need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile

from recommender import catalogue as catalogues
from recommender.advice import given
from recommender.advice.bounds import bounds
from recommender.advice.builds import Build, builds
from recommender.advice.judge import Judged, judge
from recommender.advice.need import Need, need
from recommender.advice.search import until_sure
from recommender.advice.shape import Advice, Family
from recommender.answers import Answers
from recommender.catalogue import Catalogue

MACOS = "macOS runs on Apple's machines only."


def advise(
    answers: Answers, catalogue: Catalogue | None = None, *, model: str | None = None
) -> Advice | None:
    """The smallest machines for these answers, whatever machine they name.

    `model`: catalogue id of the one to serve where the answers name none; by default what the
    recommendation would suggest without a machine. None where no model can be named.

    Raises:
        ValueError: a model or quantisation that the catalogue does not have.
    """
    return _advise(answers.given, model, catalogue or catalogues.load())


@lru_cache(maxsize=512)
def _advise(
    said: tuple[tuple[str, tuple[str, ...]], ...], model: str | None, catalogue: Catalogue
) -> Advice | None:
    wanted = need(Answers(said), model, catalogue)
    if wanted is None:
        return None
    rows = builds(catalogue)
    families = [_family(row.id, row.label, rows[row.id], wanted, catalogue) for row in _rows()]
    return Advice(
        model=wanted.model.id,
        model_name=wanted.model.name,
        quant=wanted.answers.text("quant") or "",
        requests=wanted.requests,
        context=wanted.context,
        tokens_per_user=wanted.tokens_per_user,
        ttft_ms=wanted.target.ttft_ms,
        pace_assumed=wanted.floor is not None,
        families=tuple(sorted(_one_is_enough(families), key=_size)),
        tried=sum(map(len, rows.values())),
    )


def _rows() -> tuple[given.FamilyRow, ...]:
    return given.load().family


def _size(family: Family) -> tuple[bool, float, float]:
    machine = family.smallest
    if machine is None:
        return True, 0.0, 0.0
    return False, machine.memory_gib, machine.bandwidth_gb_s * machine.count


def _one_is_enough(families: Sequence[Family]) -> Iterator[Family]:
    """Nobody is advised to get two of what would do alone."""
    by_id = {family.id: family.smallest for family in families}
    one, several = by_id.get("nvidia-one"), by_id.get("nvidia-several")
    for family in families:
        alone = one and several and one.memory_gib < 2 * several.memory_gib / several.count
        if family.id == "nvidia-several" and one and alone:
            yield Family(family.id, family.label, None, why_none=f"One is enough: {one.name}.")
        else:
            yield family


def _family(
    family: str, label: str, rows: Sequence[Build], wanted: Need, catalogue: Catalogue
) -> Family:
    if family != "apple" and wanted.answers.text("os") == "macos":
        return Family(family, label, None, why_none=MACOS)
    least = bounds(wanted, catalogue)
    can = [build for build in rows if least.allow(build)]
    judged = [*until_sure(can, lambda build: judge(build, wanted, catalogue))]
    met = [found for found in judged if found.machine]
    if not met:
        return Family(family, label, None, why_none=_why_none(rows, judged, wanted, catalogue))
    smallest, last = met[0], met[-1].machine
    sure = last if last and last.sure and last != smallest.machine else None
    smaller = _before(smallest.build, rows, judged, wanted, catalogue)
    return Family(family, label, smallest.machine, sure, smaller.lacking if smaller else None)


def _before(
    smallest: Build, rows: Sequence[Build], judged: Sequence[Judged], wanted: Need, cat: Catalogue
) -> Judged | None:
    """The next smaller one, judged even where it was passed over."""
    smaller = [*takewhile(lambda build: build != smallest, rows)]
    if not smaller:
        return None
    last = smaller[-1]
    known = next((found for found in judged if found.build == last), None)
    return known or judge(last, wanted, cat)


def _why_none(
    rows: Sequence[Build], judged: Sequence[Judged], wanted: Need, catalogue: Catalogue
) -> str:
    if not rows:
        return "The catalogue has none."
    last = judged[-1] if judged else judge(rows[-1], wanted, catalogue)
    many = f"{last.build.count} × " if last.build.count > 1 else ""
    return f"{many}{last.build.device.name}: {last.lacks}."
