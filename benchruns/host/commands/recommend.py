"""`rigguide recommend`: the same decision as the page, on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
from pydantic import ValidationError

from benchruns.host.commands import answered, own
from benchruns.host.document import ResultDocument
from benchruns.host.measurement import DocumentEvidence, measurement
from recommender import render, table
from recommender.advice import words
from recommender.advice.attach import advised
from recommender.cost import priced
from recommender.evidence import Measurement
from recommender.prices import PriceError, Prices, parse
from recommender.recommend import recommend
from recommender.recommendation import Opinion, Reason, Recommendation
from recommender.rulebook import load


@click.command()
@click.option("--answer", "said", multiple=True, metavar="ID=VALUE", help="Repeat for each answer.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the whole recipe as Markdown.")
@click.option(
    "--evidence",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A result document of `rigguide bench --json`; repeat for several.",
)
@click.option(
    "--price",
    "costs",
    multiple=True,
    metavar="ID=VALUE",
    help="Adds the cost of a million tokens, such as price=1800, currency=EUR, years=3, "
    "utilisation=0.3; repeat for each.",
)
@own.options
def command(
    said: Sequence[str],
    files: Sequence[Path],
    costs: Sequence[str],
    model_config: Path | None,
    gguf: Path | None,
    *,
    as_json: bool,
    as_markdown: bool,
) -> None:
    """Which engine and rig fit these answers, and why.

    A model that is in no catalogue: --model-config or --gguf. A device that is in none:
    --answer 'device=custom:NAME;GB/s;GiB' or, with its fp16 TFLOPS, 'custom:NAME;GB/s;GiB;TFLOPS'.
    """
    answers = answered.answers(own.said(said, model_config, gguf))
    evidence = DocumentEvidence(_measurement(file) for file in files)
    table.keep_in(answered.cache())
    result = priced(advised(recommend(answers, evidence=evidence), answers), _prices(costs))
    if as_json:
        click.echo(json.dumps(render.as_json(result), indent=2, ensure_ascii=False))
    elif as_markdown:
        click.echo(render.as_markdown(result), nl=False)
    else:
        click.echo("\n".join(_lines(result)))


def _prices(costs: Sequence[str]) -> Prices | None:
    try:
        return parse((name, value) for name, _, value in (cost.partition("=") for cost in costs))
    except PriceError as error:
        raise click.UsageError(str(error)) from error


def _measurement(file: Path) -> Measurement:
    try:
        document = ResultDocument.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        message = f"{file} is not a result document: {place}: {first['msg']}."
        raise click.UsageError(message) from error
    return measurement(document, host=file.stem, url=file.resolve().as_uri())


def _lines(result: Recommendation) -> Iterator[str]:
    yield from (result.headline, "")
    yield from _choice(result)
    yield from _part("What has to give", result.gives)
    yield from _part("Why", map(_cited, result.because))
    yield from _part("Assumed", (reason.text for reason in result.assumed))
    yield from _part("The articles", map(_said, result.opinions))
    yield from _part("Which machine to get", _machines(result))
    yield from _part("Cost", (line.removeprefix("- ") for line in render.cost_lines(result.cost)))
    yield from _part("Runners-up", (f"{_name(r.engine)}: {r.why_not}" for r in result.runners_up))
    yield from _part("Ruled out", _rejected(result))
    yield from _part("Would change it", (f"{f.change}: {_name(f.engine)}" for f in result.flips))
    yield from _part("Warnings", result.warnings)
    for step in result.commands:
        yield from (f"# {step.title}", step.shell, "")
    asked = result.next_question
    ends = f"Next question: {asked}." if asked else "No other answer can change the engine."
    yield f"{ends} Rule book {result.rulebook_version}."


def _choice(result: Recommendation) -> Iterator[str]:
    if result.model and result.quant:
        yield f"  model    {result.model.name}, {result.quant.name}"
    if result.memory:
        have = result.memory.available_gib
        room = "" if have is None else f" of {have:.1f}"
        yield f"  memory   {result.memory.total_gib:.1f}{room} GiB"
    if result.speed:
        yield f"  speed    {render.figure(result.speed.tok_s_per_user)} for each"
        yield f"  first    {render.figure(result.speed.ttft_ms)}"
    if result.speed and result.speed.measured_where:
        yield f"  measured {result.speed.measured_where}, {result.speed.measured_weights}"
    if result.agreement:
        yield f"  {result.agreement}"
    yield ""


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from (f"{title}:", *(f"  - {line}" for line in found), "")


def _machines(result: Recommendation) -> Iterator[str]:
    if result.machines is None:
        return
    yield " ".join([words.wanted(result.machines), *words.assumed(result.machines)])
    for family in result.machines.families:
        yield "\n      ".join(words.family(family))


def _cited(reason: Reason) -> str:
    found = "; ".join(filter(None, (reason.rule, reason.url or reason.title)))
    return f"{reason.text} [{found}]"


def _said(opinion: Opinion) -> str:
    if opinion.engine is None:
        return f"{opinion.article}: {opinion.note}"
    rules = ", ".join(reason.rule for reason in opinion.rules)
    return f"{opinion.article}: {_name(opinion.engine)} ({rules})"


def _rejected(result: Recommendation) -> Iterator[str]:
    for rejection in result.rejected:
        for reason in rejection.reasons:
            yield f"{_name(rejection.engine)}: {_cited(reason)}"


def _name(engine: str) -> str:
    return load().engines[engine].name
