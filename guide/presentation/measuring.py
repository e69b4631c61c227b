"""What could be measured right now for this recipe, and on which attached machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchruns.host import choice
from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.document import HostFacts
from benchruns.host.errors import CannotMeasure
from benchruns.host.forms import FOLDER_QUANT, FOLDERS
from benchruns.host.machines import device_id, in_words
from benchruns.models import Host
from benchruns.models.teams import NOBODY, Person
from benchruns.services import measurable_hosts
from recommender import catalogue
from recommender.answers import Answers, parse
from recommender.catalogue import Model
from recommender.choose import published
from recommender.own.model import is_own
from recommender.recommendation import Recommendation

MACHINE = ("hardware", "device", "gpus", "memory_gb", "os", "arch")


@dataclass(frozen=True, slots=True)
class Offer:
    """One measurement that a host would take. `why_not` is a sentence; "" means it can start.

    `answers` is the query string the result belongs to: these answers, on that machine.
    """

    host: Host
    machine: str
    engine: str
    model: Model
    quant: str
    answers: str
    of_recipe: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class Measuring:
    offers: tuple[Offer, ...]
    notes: tuple[str, ...]

    @property
    def first(self) -> Offer | None:
        return next((offer for offer in self.offers if not offer.why_not), None)

    @property
    def others(self) -> tuple[Offer, ...]:
        return tuple(offer for offer in self.offers if offer != self.first)


def measuring(rec: Recommendation, person: Person = NOBODY) -> Measuring:
    """Offers for every engine that some host can measure for them; one query for the hosts."""
    hosts = measurable_hosts(person=person)
    offers = tuple(offer for host in hosts for offer in _of_host(rec, host))
    ranked = sorted(offers, key=lambda o: (bool(o.why_not), not o.of_recipe))
    return Measuring(tuple(ranked), tuple(_notes(rec, hosts)))


def _of_host(rec: Recommendation, host: Host) -> Iterator[Offer]:
    facts = host.machine
    for engine in _engines(rec, host):
        model = catalogue.load().model(rec.model.id) if rec.model else None
        quant = _quant(rec, engine, model) if model else None
        if model and quant and not is_own(model.id):
            yield _offer(rec, host, facts, engine, model, quant)
        yield from _quick(rec, host, facts, engine)


def _engines(rec: Recommendation, host: Host) -> list[str]:
    chosen = rec.engine.id if rec.engine else ""
    return sorted(host.measures, key=lambda engine: (engine != chosen, engine))


def _quant(rec: Recommendation, engine: str, model: Model) -> str | None:
    """The recipe's quantisation where this engine loads it, else the one it prefers of those in
    which the model is published.

    Synthetic weights for engines that load folders are 16 bit: nothing else is made for them.
    """
    if _loads_folders(engine):
        return FOLDER_QUANT
    book = catalogue.load()
    chosen = book.quant(rec.quant.id) if rec.quant else None
    if chosen and engine in chosen.engines:
        return chosen.id
    known = book.engines.get(engine)
    forms = (book.quants[name] for name in known.prefers) if known else ()
    return next((form.id for form in forms if published(engine, model, form)), None)


def _loads_folders(engine: str) -> bool:
    return engine in ADAPTERS and ADAPTERS[engine].weights in FOLDERS


def _quick(rec: Recommendation, host: Host, facts: HostFacts, engine: str) -> Iterator[Offer]:
    """The small model that every machine can measure in a minute."""
    try:
        model, quant = choice.default_model(facts)
    except CannotMeasure:
        return
    quant = FOLDER_QUANT if _loads_folders(engine) else quant
    if rec.model is None or model != rec.model.id:
        yield _offer(rec, host, facts, engine, catalogue.load().models[model], quant)


def _offer(
    rec: Recommendation, host: Host, facts: HostFacts, engine: str, model: Model, quant: str
) -> Offer:
    same = rec.model is not None and rec.model.id == model.id
    return Offer(
        host=host,
        machine=in_words(facts),
        engine=engine,
        model=model,
        quant=quant,
        answers=_answers(rec, facts, model, None if same else quant).urlencode(),
        of_recipe=same and rec.engine is not None and rec.engine.id == engine,
        why_not=choice.measurable(model, quant, facts) or "",
    )


def _answers(rec: Recommendation, facts: HostFacts, model: Model, other: str | None) -> Answers:
    """These answers on that host: nothing stays of the machine they were given for.

    The model is named, so that other memory does not choose another. `other`: a quantisation.
    """
    pairs = [*_machine(facts), ("model", model.id)]
    if other is not None:
        pairs.append(("quant", other))
    return parse(rec.answers).without(*MACHINE).replaced(*pairs)


def _machine(facts: HostFacts) -> Iterator[tuple[str, str]]:
    """What the host would answer to the questions about the machine."""
    cards, memory = facts.accelerators, facts.memory_gib
    yield "hardware", facts.hardware
    if facts.hardware != "cpu":
        device = device_id(facts)
        yield from [("device", device)] if device else []
        yield "gpus", str(len(cards))
        memory = cards[0].memory_gib or 0.0
    if memory >= 1:
        yield "memory_gb", f"{memory:.0f}"
    if facts.os != "other":
        yield "os", facts.os
    if facts.arch != "other":
        yield "arch", facts.arch


def _notes(rec: Recommendation, hosts: Iterable[Host]) -> Iterator[str]:
    known = list(hosts)
    said = dict(rec.answers).get("hardware")
    if not known:
        yield (
            "No machine that takes visitors' runs is attached to this site, so nothing can be"
            " measured here now."
        )
        return
    kinds = {host.machine.hardware for host in known}
    if said and said not in kinds:
        yield (
            "No attached machine is of the kind you named. What one of these measures counts for"
            " that machine, not for yours."
        )
    if rec.engine and all(rec.engine.id not in host.measures for host in known):
        yield f"{rec.engine.name} cannot be measured on any of them."
