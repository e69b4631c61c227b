"""A recommendation as JSON for programs, as Markdown for people, and as a snapshot for links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from recommender import rulebook
from recommender.advice import words
from recommender.prices import Cost, Range
from recommender.recommendation import (
    Figure,
    Form,
    Memory,
    Opinion,
    Reason,
    Recommendation,
    Speed,
)
from recommender.wording import number

FORMAT = 1
"""Of snapshots. A change of `Recommendation` that older ones do not meet takes the next number,
and a step here that makes a snapshot of the number before into one of it."""

UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


class SnapshotError(ValueError):
    """What was kept cannot be read as a recommendation. The sentence says why."""


@cache
def _adapter() -> TypeAdapter[Recommendation]:
    return TypeAdapter(Recommendation)


def snapshot(rec: Recommendation) -> dict[str, Any]:
    """Everything, as plain JSON values, with its `format`. `restore` gives back an equal value."""
    return {"format": FORMAT, **_adapter().dump_python(rec, mode="json")}


def restore(data: Mapping[str, Any]) -> Recommendation:
    """From a snapshot of this format or an older one.

    Raises:
        SnapshotError: it is of a newer format, or none.
    """
    try:
        return _adapter().validate_python(_upgraded(dict(data)))
    except ValidationError as error:
        msg = f"The snapshot cannot be read: {error.error_count()} of its fields are not as kept."
        raise SnapshotError(msg) from error


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """Without its format, one step after the other. The first snapshots did not say theirs."""
    found = data.pop("format", 1)
    if found not in range(1, FORMAT + 1):
        msg = f"The snapshot is of format {found!r}; formats 1 to {FORMAT} can be read."
        raise SnapshotError(msg)
    for step in range(found, FORMAT):
        data = UPGRADES[step](data)
    return data


def as_json(rec: Recommendation) -> dict[str, Any]:
    """What the API answers. Keys only ever get added."""
    return {
        "answers": [list(pair) for pair in rec.answers],
        "headline": rec.headline,
        "engine": rec.engine.id if rec.engine else None,
        "engine_name": rec.engine.name if rec.engine else None,
        "model": rec.model.id if rec.model else None,
        "model_name": rec.model.name if rec.model else None,
        "quant": rec.quant.id if rec.quant else None,
        "settled": rec.settled,
        "next_question": rec.next_question,
        "opinions": {opinion.article: _opinion(opinion) for opinion in rec.opinions},
        "because": [_reason(reason) for reason in rec.because],
        "dissent": list(rec.dissent),
        "rejected": {r.engine: [_reason(reason) for reason in r.reasons] for r in rec.rejected},
        "runners_up": [asdict(runner) for runner in rec.runners_up],
        "flips": [
            {"change": f.change, "answers": [list(p) for p in f.answers], "engine": f.engine}
            for f in rec.flips
        ],
        "memory": _memory(rec.memory),
        "speed": _speed(rec.speed),
        "commands": [asdict(command) for command in rec.commands],
        "forms": [_form(form) for form in rec.forms],
        "switches": [asdict(switch) for switch in rec.switches],
        "gives": list(rec.gives),
        "assumed": [_reason(reason) for reason in rec.assumed],
        "advice": [_reason(reason) for reason in rec.advice],
        "agreement": rec.agreement,
        "warnings": list(rec.warnings),
        "machines": None if rec.machines is None else asdict(rec.machines),
        "cost": None if rec.cost is None else asdict(rec.cost),
        "rulebook_version": rec.rulebook_version,
    }


def _opinion(opinion: Opinion) -> dict[str, Any]:
    return {
        "engine": opinion.engine,
        "rules": [reason.rule for reason in opinion.rules],
        "texts": [reason.text for reason in opinion.rules],
        "title": opinion.title,
        "url": opinion.url,
        "note": opinion.note,
    }


def _form(form: Form) -> dict[str, Any]:
    """With the whole text of its file."""
    file = asdict(form.file) if form.file else None
    return {**asdict(form), "file": file}


def _reason(reason: Reason) -> dict[str, str]:
    return asdict(reason)


def _memory(memory: Memory | None) -> dict[str, Any] | None:
    return None if memory is None else asdict(memory)


def _speed(speed: Speed | None) -> dict[str, Any] | None:
    """`basis`, `low` and `high` are those of the tokens/s each user sees."""
    if speed is None:
        return None
    figure = speed.tok_s_per_user
    head = {"basis": str(figure.basis), "value": figure.value, "low": figure.low}
    return {**head, "high": figure.high, "unit": figure.unit, **asdict(speed)}


def as_markdown(rec: Recommendation) -> str:
    """The whole recipe as a document that reads well as plain text too."""
    return "\n".join(_lines(rec)).rstrip() + "\n"


def _lines(rec: Recommendation) -> Iterator[str]:
    yield from (f"# {rec.headline}", "")
    yield from _facts(rec)
    yield from _section("What has to give", (f"- {text}" for text in rec.gives))
    yield from _section("Why", (f"- {_cited(reason)}" for reason in rec.because))
    yield from _section("Assumed until you say otherwise", (f"- {r.text}" for r in rec.assumed))
    yield from _section("What the articles say", map(_said, rec.opinions))
    yield from _section("Who disagrees", (f"- {text}" for text in rec.dissent))
    yield from _section("Memory", _memory_lines(rec.memory))
    yield from _section("Speed", _speed_lines(rec.speed))
    yield from _section("Cost", cost_lines(rec.cost))
    yield from _section("Commands", _command_lines(rec))
    yield from _section("Which machine to get", _machine_lines(rec))
    yield from _section("As files", map(_file_line, rec.forms))
    yield from _section("Switching to another engine", _switch_lines(rec))
    yield from _section("Runners-up", (f"- {_name(r.engine)}: {r.why_not}" for r in rec.runners_up))
    yield from _section("Ruled out", _rejected(rec))
    yield from _section("What would change this", map(_flip, rec.flips))
    yield from _section("Good to know", (f"- {_cited(reason)}" for reason in rec.advice))
    yield from _section("Warnings", (f"- {text}" for text in rec.warnings))
    yield f"Rule book {rec.rulebook_version}."


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from (f"## {title}", "", *found, "")


def _facts(rec: Recommendation) -> Iterator[str]:
    if rec.engine:
        yield f"- Engine: [{rec.engine.name}]({rec.engine.url})"
    if rec.model:
        yield f"- Model: {rec.model.name} ({rec.model.why})"
    if rec.quant:
        bits = f"{number(rec.quant.bits_per_weight)} bits per weight"
        yield f"- Quantisation: {rec.quant.name}, {bits} ({rec.quant.why})"
    if rec.agreement:
        yield f"- {rec.agreement}"
    said = ", ".join(f"{question}={value}" for question, value in rec.answers)
    yield from (f"- Answers: {said or 'none yet'}", "")


def _cited(reason: Reason) -> str:
    """With its rule and a link to its source."""
    title = reason.title or reason.source
    source = f"[{title}]({reason.url})" if reason.url else title
    return f"{reason.text} ({reason.rule}, {source})"


def _said(opinion: Opinion) -> str:
    title = f"[{opinion.title}]({opinion.url})" if opinion.url else opinion.title
    if opinion.engine is None:
        return f"- {title}: {opinion.note}"
    return f"- {title}: {_name(opinion.engine)}. {opinion.rules[0].text} ({opinion.rules[0].rule})"


def _name(engine: str) -> str:
    return rulebook.load().engines[engine].name


def _memory_lines(memory: Memory | None) -> Iterator[str]:
    if memory is None:
        return
    yield from ("| part | GiB |", "|---|---|")
    yield from (f"| {part.label} | {part.gib:.2f} |" for part in memory.parts)
    yield f"| together | {memory.total_gib:.2f} |"
    if memory.available_gib is not None:
        yield f"| available | {memory.available_gib:.2f} |"


def _speed_lines(speed: Speed | None) -> Iterator[str]:
    if speed is None:
        return
    yield f"- Each user: {figure(speed.tok_s_per_user)}"
    yield f"- First token: {figure(speed.ttft_ms)}"
    if speed.measured_where:
        yield f"- Measured: {speed.measured_where}, {speed.measured_weights} ({speed.measured_url})"
    if speed.measured_trust:
        yield f"- {speed.measured_trust}"


def cost_lines(cost: Cost | None) -> Iterator[str]:
    """A list of what makes it up; nothing where nobody gave prices."""
    if cost is None:
        return
    money = cost.prices.currency
    for part in cost.parts:
        yield f"- {part.label}: {part.how} = {number(part.per_hour)} {money} an hour under load"
    if cost.output is None:
        yield f"- {cost.why_not}"
        return
    rate = f"{number(cost.per_hour)} {money} an hour at {number(cost.tok_s or 0.0)} tokens/s in all"
    yield f"- A million output tokens: {_money(cost.output, money)} ({rate}, {cost.basis})"
    if cost.both:
        yield f"- A million tokens of prompts and answers: {_money(cost.both, money)}"


def _money(found: Range, currency: str) -> str:
    """ "1.20 EUR, 0.98 to 1.71"."""
    return f"{number(found.value)} {currency}, {number(found.low)} to {number(found.high)}"


def figure(figure: Figure) -> str:
    """One figure with its basis and interval, or that it is not known."""
    if figure.value is None:
        return f"not known ({figure.note})" if figure.note else "not known"
    span = [number(x) for x in (figure.low, figure.high) if x is not None]
    between = f", {' to '.join(span)}" if span else ""
    return f"{number(figure.value)} {figure.unit} ({figure.basis}{between})"


def _command_lines(rec: Recommendation) -> Iterator[str]:
    for command in rec.commands:
        yield from (f"### {command.title}", "", "```sh", command.shell, "```", "")
        if command.note:
            yield from (command.note, "")


def _machine_lines(rec: Recommendation) -> Iterator[str]:
    if rec.machines is None:
        return
    yield from (" ".join([words.wanted(rec.machines), *words.assumed(rec.machines)]), "")
    for family in rec.machines.families:
        first, *rest = words.family(family)
        yield from (f"- {first}", *(f"  - {line}" for line in rest))


def _file_line(form: Form) -> str:
    if form.file is None:
        return f"- {form.title}: none. {form.why_not}"
    return f"- {form.title}: `{form.file.name}`. {form.note}"


def _switch_lines(rec: Recommendation) -> Iterator[str]:
    here = rec.engine.name if rec.engine else ""
    for switch in rec.switches:
        name = _name(switch.engine)
        yield from (f"### {name}", "", switch.note, "", f"| | {here} | {name} |", "|---|---|---|")
        yield from (f"| {r.what} | {_code(r.here)} | {_code(r.there)} |" for r in switch.rows)
        yield ""


def _code(text: str) -> str:
    return f"`{text}`" if text else "nothing to set"


def _rejected(rec: Recommendation) -> Iterator[str]:
    for rejection in rec.rejected:
        for reason in rejection.reasons:
            yield f"- {_name(rejection.engine)}: {_cited(reason)}"


def _flip(flip: Any) -> str:
    return f"- {flip.change} → {_name(flip.engine)}"
