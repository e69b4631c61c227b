"""`rigguide calibrate`: fit the speed model, and say how far off it is on unseen sources."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import click
from pydantic import ValidationError

from benchruns.host.document import ResultDocument
from benchruns.host.measurement import measurement
from recommender import accuracy
from recommender.accuracy import Accuracy, Summary
from recommender.calibrate import own, samples, write
from recommender.calibrate.outcome import calibrate

HEAD = f"{'kind':<16}{'rows':>5}{'median':>8}{'p90':>8}{'inside':>8}{'plain median':>14}{'p90':>8}"


@click.command()
@click.option("--write", "writes", is_flag=True, help="Write speed.json and accuracy.json.")
@click.option(
    "--add",
    "results",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="RESULT.json",
    help="First add a result document of this project to data/measured/; repeat for several.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    metavar="DIR",
    help="Where to write; by default where the package reads its data.",
)
def command(results: Sequence[Path], data: Path | None, *, writes: bool) -> None:
    """Fit the speed model on published and own measurements; foretell each source without it.

    Running it again changes nothing while rows, catalogue and data/fit.toml stay as they are.
    """
    folder = data or Path(str(files("recommender") / "data"))
    for path in results:
        _add(path, folder / "measured")
    found = samples.samples()
    outcome = calibrate(found)
    texts = {
        "speed.json": write.as_text(write.speed(outcome, found)),
        "accuracy.json": _accuracy(lambda edition: write.accuracy(outcome, edition), folder),
    }
    settled = [_settle(folder / name, text, writes=writes) for name, text in texts.items()]
    report = _report(Accuracy.model_validate_json(texts["accuracy.json"]))
    click.echo("\n".join([*report, *settled]))


def _add(path: Path, folder: Path) -> None:
    try:
        document = ResultDocument.model_validate_json(path.read_bytes())
        seen = measurement(document, host=path.stem, url="")
        rows = own.rows(seen)
    except (ValidationError, own.NotUsable) as error:
        said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise click.UsageError(f"{path} cannot be added: {said}") from error
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{own.name(seen)}.jsonl"
    target.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    samples.samples.cache_clear()
    click.echo(f"{len(rows)} rows of {path.name} are in {target.name}.")


def _accuracy(made: Callable[[str], dict[str, object]], folder: Path) -> str:
    """With the edition it has while nothing else changed: the date is that of the last change."""
    path = folder / "accuracy.json"
    if path.exists():
        edition = Accuracy.model_validate_json(path.read_text("utf-8")).edition
        text = write.as_text(made(edition))
        if text == path.read_text("utf-8"):
            return text
    return write.as_text(made(datetime.now(UTC).date().isoformat()))


def _settle(path: Path, text: str, *, writes: bool) -> str:
    if path.exists() and path.read_text("utf-8") == text:
        return f"{path.name}: as it was."
    if not writes:
        return f"{path.name}: would change; write it with --write."
    path.write_text(text, encoding="utf-8")
    return f"{path.name}: written."


def _report(found: Accuracy) -> Iterator[str]:
    """Errors of rows whose source the fit had not seen, beside the plain roofline's."""
    yield HEAD
    for kind, told in accuracy.grouped(found.rows, "kind").items():
        yield _line(kind, told)
    yield "Off by the most, as a factor:"
    for row in accuracy.worst(found.rows, 5):
        factor = (row.predicted or 0) / row.published
        where = f"{row.engine} on {row.device}" if row.device else row.engine
        yield f"  ×{factor:.2f}  {row.id}  {where}, {row.model} {row.quant or ''}"


def _line(kind: str, told: Summary) -> str:
    plain = f"{_share(told.baseline_median):>14}{_share(told.baseline_p90):>8}"
    figures = (told.median, told.p90, told.coverage)
    return f"{kind:<16}{told.n:>5}{''.join(f'{_share(one):>8}' for one in figures)}{plain}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}%"
