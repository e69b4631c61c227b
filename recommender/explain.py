"""The explanation, written from the trace: what parted the winner from the others, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from recommender import house, questionnaire
from recommender.facts import Facts
from recommender.house import Decision
from recommender.implied import Derived
from recommender.limits import charged
from recommender.recommendation import Opinion, Reason, RunnerUp
from recommender.rulebook import Rulebook
from recommender.schema import Step
from recommender.wording import phrase

HOUSE = "adr-0001"
FAULTS = ("audit", "capacity", "needs", "purpose")
"""Steps in which a penalty of the winner itself is something that has to give."""

NUMBERS = {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "All five"}


def headline(
    book: Rulebook, decision: Decision, winner: str, left: Sequence[str], facts: Facts
) -> str:
    """The verdict in one sentence. `left`: engines neither limited nor struck, best first."""
    if gives(book, decision, winner):
        name = book.engines[winner].name
        return f"{name}: the best compromise {case(facts)}; no engine that runs here has it all."
    second = next((engine for engine in left if engine != winner), None)
    step = _step(book, house.parting(book, decision, winner, second) if second else "limit")
    text = step.headline.replace("{winner}", book.engines[winner].name)
    return text.replace("{case}", case(facts))


def case(facts: Facts) -> str:
    """ "for 50 people at once on an NVIDIA GPU under Linux", as far as it is known."""
    parts = [f"for {load(facts)}"]
    if facts.hardware not in (None, "none-yet"):
        parts.append(f"on {_HARDWARE[facts.hardware or '']}")
    if facts.os is not None and facts.hardware != "apple":
        parts.append(f"under {_label('os', facts.os)}")
    return " ".join(parts)


_HARDWARE = {
    "cpu": "a processor alone",
    "nvidia": "an NVIDIA GPU",
    "amd": "an AMD GPU",
    "apple": "Apple silicon",
    "intel": "an Intel GPU",
    "edge": "a small board",
}
_SOFTWARE = {"batch": "batch work", "agents": "agents that send several requests at once"}


def load(facts: Facts) -> str:
    """Who asks at the same time."""
    if facts.purpose in _SOFTWARE and (facts.users or 1) < 10:
        return _SOFTWARE[facts.purpose or ""]
    if facts.users is None:
        return "what is known so far"
    return "one person" if facts.users == 1 else f"{facts.users} people at once"


def because(
    book: Rulebook,
    decision: Decision,
    winner: str,
    left: Sequence[str],
    opinions: Sequence[Opinion],
    whole: Facts,
) -> tuple[Reason, ...]:
    """The steps that parted the winner from the others, then the articles that agree."""
    return (
        *_serves(book, winner, whole),
        *_parted(book, decision, winner, left, whole),
        *(opinion.rules[0] for opinion in opinions if opinion.engine == winner),
    )


def _serves(book: Rulebook, winner: str, whole: Facts) -> Iterator[Reason]:
    """How it serves several at once, where that was asked."""
    if winner in book.serves and bool(book.terms["load-2"].when.truth(whole)):
        row = book.serves[winner]
        source = book.sources[row.source]
        yield Reason("house.serves", source.id, row.text, source.url, source.title)


def _parted(
    book: Rulebook, decision: Decision, winner: str, left: Sequence[str], whole: Facts
) -> Iterator[Reason]:
    losers: dict[str, list[str]] = {}
    for engine in left:
        if engine != winner:
            losers.setdefault(house.parting(book, decision, winner, engine), []).append(engine)
    for step in book.steps:
        if step.id in losers:
            short = step.id in FAULTS and decision.charges(winner, step.id)
            text = LESS if short else step.because
            yield _won(book, step, winner, losers[step.id], text, whole)
            yield from _against(book, decision, step, winner, losers[step.id])


LESS = "{winner} falls short here too, but less than {others}."


def _won(
    book: Rulebook, step: Step, winner: str, others: Sequence[str], text: str, whole: Facts
) -> Reason:
    names = phrase([book.engines[engine].name for engine in others])
    said = text.replace("{winner}", book.engines[winner].name).replace("{others}", names)
    source = book.sources[HOUSE]
    said = said.replace("{load}", load(whole))
    return Reason(f"house.{step.id}", source.id, said, source.url, source.title)


def _against(
    book: Rulebook, decision: Decision, step: Step, winner: str, others: Sequence[str]
) -> Iterator[Reason]:
    """Each rule of that step which the others paid for and the winner did not, once."""
    own = {charge.id for charge in decision.charges(winner, step.id)}
    seen = set(own)
    for engine in others:
        for charge in decision.charges(engine, step.id):
            if charge.id not in seen and step.id != "simplicity":
                seen.add(charge.id)
                yield charged(book, charge, engine)


def runners_up(
    book: Rulebook, decision: Decision, winner: str, left: Sequence[str]
) -> tuple[RunnerUp, ...]:
    others = [engine for engine in left if engine != winner]
    return tuple(RunnerUp(e, _why_not(book, decision, winner, e)) for e in others[:4])


def _why_not(book: Rulebook, decision: Decision, winner: str, engine: str) -> str:
    step = house.parting(book, decision, winner, engine)
    names = book.engines[winner].name, book.engines[engine].name
    if step == "simplicity":
        return f"It would do, but takes more to operate than {names[0]}, and nothing said needs it."
    if step in ("articles", "order"):
        return f"It would do as well; {names[0]} is the one that more people run and write about."
    own = {charge.id for charge in decision.charges(winner, step)}
    texts = [c for c in decision.charges(engine, step) if c.id not in own]
    return " ".join(dict.fromkeys(charged(book, charge, engine).text for charge in texts))


def dissent(
    book: Rulebook, opinions: Sequence[Opinion], winner: str | None, out: Mapping[str, str]
) -> tuple[str, ...]:
    """Who says otherwise, why, and what stands against it. `out`: reasons by rejected engine."""
    counted = Counter(o.engine for o in opinions if o.engine not in (None, winner))
    return tuple(_dissent(book, opinions, e, out.get(e, "")) for e, _ in counted.most_common() if e)


def _dissent(book: Rulebook, opinions: Sequence[Opinion], engine: str, out: str) -> str:
    voices = [o for o in opinions if o.engine == engine]
    name = book.engines[engine].name
    grounds = " ".join(f"“{o.rules[0].text}” ({o.rules[0].rule})" for o in voices)
    many = NUMBERS[len(voices)]
    who = many if len(voices) == len(book.articles) else f"{many} of the five articles"
    answer = f" Against it: {out}" if out else ""
    return f"{who} would say {name}: {grounds}{answer}"


def gives(book: Rulebook, decision: Decision, winner: str) -> tuple[str, ...]:
    """What the winner itself falls short of: no engine that can run here does better."""
    short = [c for step in FAULTS for c in decision.charges(winner, step)]
    texts = (charged(book, charge, winner).text for charge in short)
    return tuple(dict.fromkeys(texts))


def assumed(book: Rulebook, derived: Derived) -> tuple[Reason, ...]:
    """Assumptions that stand in for answers, as reasons. Rule: `assume.<fact>`."""
    rows = [a for a in derived.assumed if _worth_saying(a.fact, derived.whole)]
    said = [_assumption(book, a.fact, a.source, a.text) for a in rows]
    several = book.at_once.get(derived.whole.purpose or "")
    if several is not None:
        requests = several.requests(derived.whole.users or 1)
        text = several.text.replace("{requests}", str(requests))
        said.append(_assumption(book, "at-once", several.source, text))
    return tuple(said)


def _worth_saying(fact: str, whole: Facts) -> bool:
    if fact == "gpu_class":
        return whole.hardware == "nvidia"
    return fact != "gpus" or whole.hardware in ("nvidia", "amd")


def _assumption(book: Rulebook, fact: str, source_id: str, text: str) -> Reason:
    source = book.sources[source_id]
    return Reason(f"assume.{fact}", source.id, text, source.url, source.title)


def advice(book: Rulebook, winner: str | None, whole: Facts) -> tuple[Reason, ...]:
    rows = (a for a in book.advice if not a.engines or winner in a.engines)
    found = []
    for row in rows:
        if row.when.truth(whole):
            source = book.sources[row.source]
            found.append(Reason(row.id, source.id, row.text, source.url, source.title))
    return tuple(found)


def agreement(opinions: Sequence[Opinion], winner: str, figures: str) -> str:
    """How sure it is: who agrees, and what the figures rest on. Not a percentage."""
    agree = sum(opinion.engine == winner for opinion in opinions)
    silent = sum(opinion.engine is None for opinion in opinions)
    voices = "No article says so" if not agree else f"{NUMBERS[agree]} of the five articles"
    voices = NUMBERS[agree] + " articles" if agree == len(opinions) else voices
    said = voices if not agree else f"{voices} {'says' if agree == 1 else 'say'} the same"
    few = NUMBERS[silent].lower() if 0 < silent < len(opinions) else ""
    mute = f"; {few} {'has' if silent == 1 else 'have'} no opinion" if few else ""
    return f"{said}{mute}. {figures}"


def _step(book: Rulebook, step_id: str) -> Step:
    return next(step for step in book.steps if step.id == step_id)


def _label(question: str, value: str) -> str:
    options = questionnaire.rows()[question].option
    return next(option.label for option in options if option.value == value)
