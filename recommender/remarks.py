"""What a visitor should know before the recipe: what they named costs them, what is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from recommender.answers import Answers
from recommender.catalogue import Catalogue, Model, Quant
from recommender.estimate import load, memory
from recommender.facts import Facts
from recommender.implied import kind_unknown
from recommender.own import device as own_device
from recommender.own.model import is_own
from recommender.recommendation import Reason
from recommender.rulebook import Rulebook
from recommender.wording import counted

Winner = Callable[[Answers], str | None]
HOUSE = "adr-0001"
MANY = 100
"""Users from which a recipe without a machine would be a guess."""


def forced(
    answers: Answers, book: Rulebook, engine: str, facts: Facts, winner: Winner
) -> Iterator[str]:
    """Where the quantisation or the context that was named decides against a better engine."""
    for question, what in (("quant", "quantisation"), ("context", "length of a conversation")):
        value = answers.text(question)
        other = winner(answers.without(question)) if value else None
        if other not in (None, engine):
            name, held = book.engines[other or ""].name, book.engines[engine].name
            yield (
                f"The {what} you named ({value}) decides for {held}: "
                f"drop it and {name} serves {counted(facts.users or 1, 'request')} at once."
            )


def queue(
    engine: str, model: Model, quant: Quant, facts: Facts, catalogue: Catalogue
) -> Iterator[str]:
    """Where not everybody is worked on at once."""
    users = facts.users or 1
    slots = memory.slots(engine, model, quant, facts, catalogue)
    if slots < users:
        told = "One slot" if slots == 1 else f"{slots} slots"
        yield (
            f"{told}: {users - slots} of {users} wait. "
            "A shorter conversation, a smaller model or more memory makes room."
        )


def spread(facts: Facts) -> Iterator[str]:
    """Where the accelerators do not sit in one machine."""
    nodes = load.nodes(facts.gpus or 1)
    if nodes > 1:
        yield (
            f"{facts.gpus} accelerators are taken to sit in {nodes} machines of up to "
            f"{load.PER_NODE}: the speed is a wide estimate, as the network between them decides."
        )


def kindless(answers: Answers) -> bool:
    """Whether a device is described without what kind it is; no recipe could be meant for it."""
    said = Facts(device=answers.text("device"), hardware=answers.text("hardware"))
    return kind_unknown(said)


def ask_kind(answers: Answers) -> str:
    device = own_device.decode(answers.text("device") or "")
    return (
        f"No recipe for {device.name} until you say what kind of device it is (question hardware): "
        "engines and commands depend on it, and so does every estimate."
    )


def ask_arithmetic(facts: Facts, catalogue: Catalogue) -> Iterator[str]:
    """Of a device that was described by its memory alone."""
    device = catalogue.device(facts.device, facts.hardware) if facts.device else None
    if device is not None and is_own(device.id) and not device.tflops:
        yield (
            f"Nothing is known of {device.name}'s arithmetic: with its dense fp16 TFLOPS the time "
            "to the first token and the speed with many at once could be estimated too."
        )


def without_machine(facts: Facts) -> bool:
    """So many users, and nothing known of what it runs on."""
    return facts.hardware == "none-yet" and (facts.users or 1) >= MANY


def unknown_machine(facts: Facts) -> str:
    return (
        f"No recipe for {counted(facts.users or 1, 'request')} at once without a machine: say "
        "which accelerator, how many of them and with how much memory, which model, and how long "
        "one conversation gets."
    )


def context(book: Rulebook, model: Model, facts: Facts) -> Iterator[Reason]:
    """The length of a conversation that nobody named; of some purposes the data says it."""
    longer = book.conversations.get(facts.purpose or "")
    if longer is not None and load.context(facts, model) == longer.tokens:
        source, tokens = book.sources[longer.source], longer.tokens
        text = f"{tokens:,} tokens for each conversation, {longer.text}"
        yield Reason("assume.context", source.id, text, source.url, source.title)
    else:
        tokens, source = load.context(facts, model), book.sources[HOUSE]
        many = tokens == load.CONTEXT_OF_MANY and load.users(facts) > load.HANDFUL
        why = f", half of what up to {load.HANDFUL} at once get, so that more fit" if many else ""
        text = f"{tokens:,} tokens for each conversation{why}"
        yield Reason("assume.context", source.id, text, source.url, source.title)
