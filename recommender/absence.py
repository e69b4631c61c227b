"""Why nothing fits: what keeps each engine from it, and the reason a visitor can act on."""

from __future__ import annotations

from collections.abc import Mapping

from recommender.catalogue import Catalogue, Device, Model, Quant
from recommender.choose import closest, runs_on
from recommender.estimate.machine import resolve
from recommender.estimate.memory import memory
from recommender.facts import Facts
from recommender.recommendation import Reason
from recommender.wording import phrase

WAYS = " Ways out: "


def absence(engine: str, name: str, facts: Facts, catalogue: Catalogue) -> tuple[str, str]:
    """Rule and sentence where an engine loads no variant at all, whatever the memory."""
    quant = catalogue.quant(facts.quant) if facts.quant else None
    model = catalogue.model(facts.model) if facts.model else None
    if quant is None:
        asked = model.name if model else "any suggested model"
        return "limit.format", f"{name} loads no published form of {asked}."
    if quant.variant(engine) is None:
        return "limit.format", f"{name} does not load {quant.id}."
    machine = resolve(facts, catalogue)
    if not runs_on(engine, quant, machine) and machine and machine.device:
        return "limit.generation", _too_old(engine, name, quant, machine.device)
    return "limit.unpublished", _unpublished(name, quant, model)


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
    short = [engine for engine, why in struck.items() if why.rule == "limit.memory"]
    if short:
        return _too_large(short, facts, catalogue)
    rules = {why.rule for why in struck.values()}
    quant, model = facts.quant, catalogue.model(facts.model) if facts.model else None
    if quant and "limit.generation" in rules:
        first = next(why.text for why in struck.values() if why.rule == "limit.generation")
        return f"Nothing fits: {first}", ("Give another quantisation, or a newer GPU.",)
    if quant and "limit.unpublished" in rules:
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


def _too_large(
    engines: list[str], facts: Facts, catalogue: Catalogue
) -> tuple[str, tuple[str, ...]]:
    """By how much the variant that comes closest is too large, and the ways out."""
    found = [(e, choice) for e in engines if (choice := closest(e, facts, catalogue))]
    needs = [memory(e, *choice, facts, catalogue) for e, choice in found]
    note = min(needs, key=lambda need: need.total_gib - (need.available_gib or 0.0)).note
    what, _, ways = note.removeprefix("Does not fit: ").partition(WAYS)
    return f"Nothing fits: {what}", (f"Ways out: {ways}",)
