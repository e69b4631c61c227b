"""From answers to facts: what follows from them, what contradicts, what we assume meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from recommender import catalogue, questionnaire
from recommender.answers import Answers
from recommender.facts import Facts
from recommender.own.model import is_own
from recommender.rulebook import Rulebook
from recommender.schema import Assumption, Contradiction
from recommender.wording import phrase

HOUSE = "adr-0001"
_TYPES: Mapping[str, Callable[[str], Any]] = {
    "users": int,
    "gpus": int,
    "context": int,
    "memory_gb": float,
    "ttft_ms": float,
    "tokens_per_user": float,
}


@dataclass(frozen=True, slots=True)
class Derived:
    """`known` is what was said and what follows from it; `assumed` completes it.

    `whole` has no unknown among the facts that decide the engine.
    """

    known: Facts
    whole: Facts
    assumed: tuple[Assumption, ...]
    contradictions: tuple[Contradiction, ...]


@lru_cache(maxsize=8192)
def derive(answers: Answers, book: Rulebook) -> Derived:
    """Facts from answers, contradictions resolved, assumptions listed."""
    said = _typed(answers)
    known, contradictions = _consistent(_device(said), book)
    contradictions, known = (*_odd_device(said), *contradictions), _implied(known)
    whole, assumed = complete(known, book)
    return Derived(known, whole, assumed, contradictions)


def settle(known: Facts, book: Rulebook) -> Facts:
    """A changed case made whole: contradictions resolved, implications and assumptions added."""
    consistent, _ = _consistent(known, book)
    return complete(_implied(consistent), book)[0]


def estimated(book: Rulebook, derived: Derived) -> Facts:
    """The case as estimates take it: `users` are the requests at once, `context` is assumed where
    the purpose needs longer conversations than others."""
    known, whole = derived.known, derived.whole
    several = book.at_once.get(whole.purpose or "")
    users = several.requests(whole.users or 1) if several else whole.users
    longer = book.conversations.get(whole.purpose or "")
    context = longer.tokens if longer and whole.context is None else whole.context
    return whole.but(users=users, context=context, gpus=known.gpus, gpu_class=known.gpu_class)


def complete(facts: Facts, book: Rulebook) -> tuple[Facts, tuple[Assumption, ...]]:
    """Unknown facts filled with the first assumption that holds, in the order of the data."""
    draft, used = facts.draft(), []
    for fact, assumptions in _by_fact(book).items():
        if getattr(facts, fact) is None:
            holding = next((a for a in assumptions if a.when.truth(draft)), None)
            if holding is not None:
                setattr(draft, fact, _fact(holding.value))
                used.append(holding)
    return (Facts(**vars(draft)) if used else facts), tuple(used)


@cache
def _by_fact(book: Rulebook) -> Mapping[str, tuple[Assumption, ...]]:
    facts = dict.fromkeys(a.fact for a in book.assumptions)
    return {fact: tuple(a for a in book.assumptions if a.fact == fact) for fact in facts}


def _fact(value: object) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def _typed(answers: Answers) -> Facts:
    said: dict[str, Any] = {}
    for question, values in answers.given:
        if question == "needs":
            said[question] = frozenset(values)
        else:
            said[question] = _TYPES.get(question, str)(values[0])
    return Facts(**said)


def _device(facts: Facts) -> Facts:
    """A named device says what hardware it is, and of which class. One that is described does not:
    it is of the hardware that was answered, and no machine as long as none was."""
    if kind_unknown(facts):
        return facts.but(hardware=None, device=None, memory_gb=None)
    device = _named(facts)
    if device is None:
        return facts
    if device.unified or device.alone:
        facts = facts.but(gpus=None)
    if board_with_gpu(device):
        return facts.but(hardware="nvidia", gpu_class="consumer", arch="arm64")
    return facts.but(hardware=device.hardware, gpu_class=_class(device))


def kind_unknown(said: Facts) -> bool:
    """Whether a device is described, and nobody said of what kind it is."""
    described = said.device is not None and is_own(said.device)
    return described and said.hardware in (None, "none-yet")


def _named(facts: Facts) -> catalogue.Device | None:
    if facts.device is None or is_own(facts.device):
        return None
    return catalogue.load().device(facts.device)


def _odd_device(said: Facts) -> tuple[Contradiction, ...]:
    """A device that is not of the hardware that was named, or not as its maker sells it."""
    return (*_odd_parts(said), *_odd_hardware(said))


def _odd_parts(said: Facts) -> Iterator[Contradiction]:
    """Memory that nobody builds into it, or several where a machine has one."""
    device = _named(said)
    if device is None:
        return
    sizes = device.memory_options_gib or ((device.memory_gib,) if device.memory_gib else ())
    if said.memory_gb is not None and sizes and said.memory_gb not in sizes:
        has = phrase([f"{size:g}" for size in sizes], "or")
        text = f"{device.name} has {has} GB; we count with the {said.memory_gb:g} GB you said."
        yield _odd("memory", text)
    if (said.gpus or 1) > 1 and (device.unified or device.alone):
        text = f"A machine has one {device.name}: {said.gpus} of them are several machines."
        yield _odd("gpus", f"{text} We count one.")


def _odd(what: str, text: str) -> Contradiction:
    return Contradiction(
        id=f"contradiction.device-{what}", when={}, take={}, source=HOUSE, text=text
    )


def _odd_hardware(said: Facts) -> tuple[Contradiction, ...]:
    device = _named(said)
    if device is None or said.hardware in (None, "none-yet", device.hardware):
        return ()
    if board_with_gpu(device) and said.hardware == "nvidia":
        return ()
    labels = {o.value: o.label for o in questionnaire.rows()["hardware"].option}
    text = (
        f"You said {labels[said.hardware or '']}, but {device.name} is "
        f"{_article(labels[device.hardware])}: we take the device."
    )
    taken = {"hardware": device.hardware}
    return (Contradiction(id="contradiction.device", when={}, take=taken, source=HOUSE, text=text),)


def _article(label: str) -> str:
    """ "an NVIDIA GPU", "Apple silicon", "a small board"."""
    if label.startswith("Apple"):
        return label
    if label.startswith("A "):
        return f"a {label[2:]}"
    return f"{'an' if label[0] in 'AIN' else 'a'} {label}"


def board_with_gpu(device: catalogue.Device) -> bool:
    """A Jetson is judged by its CUDA GPU and memory; a Raspberry Pi stays a processor."""
    return device.hardware == "edge" and device.backend.startswith("cuda")


def _class(device: catalogue.Device) -> str:
    """Only NVIDIA's are told apart: it is there that rules and engines care."""
    return "datacenter" if device.datacentre and device.hardware == "nvidia" else "consumer"


def _consistent(facts: Facts, book: Rulebook) -> tuple[Facts, tuple[Contradiction, ...]]:
    found = []
    for contradiction in book.contradictions:
        if contradiction.when.truth(facts):
            facts = _taken(facts, contradiction)
            found.append(contradiction)
    return facts, tuple(found)


def _taken(facts: Facts, contradiction: Contradiction) -> Facts:
    """Whoever counts as other hardware has no figures of the device they named."""
    taken: dict[str, Any] = {str(fact): v for fact, v in contradiction.take.items()}
    if taken.get("hardware", facts.hardware) != facts.hardware:
        taken |= dict.fromkeys(("device", "gpus", "gpu_class"))
        if facts.device is not None or facts.gpus is not None:
            taken["memory_gb"] = None  # it was said of the accelerators
    return facts.but(**taken)


def _implied(facts: Facts) -> Facts:
    """Apple silicon is 64-bit ARM and, unless another system was named, runs macOS."""
    if facts.hardware == "apple":
        return facts.but(os=facts.os or "macos", arch="arm64")
    return facts
