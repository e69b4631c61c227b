"""Why nothing fits: what keeps each engine from it, and the reason a visitor can act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from recommender.catalogue import Catalogue, Device, Model, Quant
from recommender.choose import closest, runs_on
from recommender.estimate.machine import resolve
from recommender.estimate.memory import memory
from recommender.estimate.ways import explained
from recommender.facts import Facts
from recommender.recipe.ways import with_shell
from recommender.recommendation import Memory, Reason
from recommender.wording import phrase

WAYS = " Ways out: "
UNPUBLISHED = "limit.unpublished"
"""The rule of engines that are out because we know of no weights for them: there may be some."""


def absence(engine: str, name: str, facts: Facts, catalogue: Catalogue) -> tuple[str, str]:
    """Rule and sentence where an engine loads no variant at all, whatever the memory."""
    quant = catalogue.quant(facts.quant) if facts.quant else None
    model = catalogue.model(facts.model) if facts.model else None
    if quant is None:
        asked = model.name if model else "any suggested model"
        return UNPUBLISHED, f"We know of no published form of {asked} that {name} loads."
    if quant.variant(engine) is None:
        return "limit.format", f"{name} does not load {quant.id}."
    machine = resolve(facts, catalogue)
    if not runs_on(engine, quant, machine) and machine and machine.device:
        return "limit.generation", _too_old(engine, name, quant, machine.device)
    return UNPUBLISHED, _unpublished(name, quant, model)


def _too_old(engine: str, name: str, quant: Quant, device: Device) -> str:
    needed, has = quant.least_capability(engine), device.compute_capability
    return f"{name} runs {quant.id} from compute capability {needed} on; {device.name} has {has}."


def _unpublished(name: str, quant: Quant, model: Model | None) -> str:
    what = model.name if model else "a suggested model"
    build = f"We know of no published {quant.id} build of {what}"
    return f"{build} that {name} loads: give another quantisation."


def headline(
    struck: Mapping[str, Reason], facts: Facts, catalogue: Catalogue
) -> tuple[str, tuple[str, ...]]:
    """Why nothing fits, and what would help. `struck`: the engines that could run here at all."""
    short = shortage(struck, facts, catalogue)
    if short is not None:
        return _too_large(short)
    rules = {why.rule for why in struck.values()}
    quant, model = facts.quant, catalogue.model(facts.model) if facts.model else None
    if quant and "limit.generation" in rules:
        first = next(why.text for why in struck.values() if why.rule == "limit.generation")
        return f"Nothing fits: {first}", ("Give another quantisation, or a newer GPU.",)
    if UNPUBLISHED in rules and not quant:
        what = model.name if model else "any suggested model"
        text = f"Nothing fits: we know of no published form of {what} that an engine loads there."
        return text, ("Give the model by its config.json or GGUF file if you have one.",)
    if quant and UNPUBLISHED in rules:
        what = model.name if model else "a suggested model"
        text = f"Nothing fits: we know of no published {quant} build of {what}."
        return text, ("Give another quantisation, or leave it open and we choose one.",)
    if quant and "limit.format" in rules:
        text = f"Nothing fits: no engine that runs there loads {quant}."
        return text, ("Give another quantisation, or leave it open and we choose one.",)
    asked = phrase([model.name] if model else ["any suggested model"])
    return f"Nothing fits: no engine that runs there can serve {asked}.", (
        "Another model, or another machine.",
    )


def shortage(struck: Mapping[str, Reason], facts: Facts, catalogue: Catalogue) -> Memory | None:
    """By how much the variant that comes closest is too large, and the ways out; None where it is
    not for the memory that nothing runs."""
    short = [engine for engine, why in struck.items() if why.rule == "limit.memory"]
    found = [(e, choice) for e in short if (choice := closest(e, facts, catalogue))]
    if not found:
        return None
    needs = [(memory(e, *choice, facts, catalogue), e, choice) for e, choice in found]
    _, engine, choice = min(needs, key=lambda n: n[0].total_gib - (n[0].available_gib or 0.0))
    told = explained(engine, *choice, facts, catalogue)
    return replace(told, ways_out=with_shell(told.ways_out, engine, *choice, facts, catalogue))


def _too_large(need: Memory) -> tuple[str, tuple[str, ...]]:
    what, _, ways = need.note.removeprefix("Does not fit: ").partition(WAYS)
    return f"Nothing fits: {what}", (f"Ways out: {ways}",)
