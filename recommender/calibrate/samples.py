"""Published speeds as samples: what was to be done, how it was run, and what came out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict

from recommender import catalogue
from recommender.catalogue import Catalogue
from recommender.estimate import kv
from recommender.estimate.cost import Work
from recommender.estimate.step import work
from recommender.estimate.traits import Traits
from recommender.rows import pools, speeds, units
from recommender.rows.read import Row
from recommender.rows.resolve import Resolved, resolve
from recommender.rows.setting import setting

Kind = Literal["decode", "prefill", "concurrent"]
KINDS = ("decode", "prefill", "concurrent")
LAYOUT = re.compile(r"topo-tp(\d+)-pp(\d+)-")
THREADS = ("pull", "issues", "discussions")


class Published(BaseModel):
    """What a published row says beside what a prediction may see."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    kind: str
    value: float
    unit: str
    source: str
    device_count: int = 1

    @property
    def group(self) -> str:
        """Who measured: a repository, or one thread of an issue tracker with many authors."""
        if "://" not in self.source:
            return self.source
        parts = self.source.split("#")[0].split("/")[3:]
        whole = len(parts) > 3 and parts[2] in THREADS
        return "/".join(parts[:4] if whole else parts[:2])

    @property
    def plausible(self) -> bool:
        """Its source names as many devices as the row does."""
        layout = LAYOUT.search(self.source)
        return layout is None or int(layout[1]) * int(layout[2]) == self.device_count


@dataclass(frozen=True, slots=True)
class Sample:
    """One published speed. Bytes are of one sequence's cache: while the answer is written, and
    `clients` of them run at once as `running`."""

    said: Published
    row: Row
    found: Resolved
    kind: Kind
    work: Work
    traits: Traits
    running: int
    prompt: float
    output: float
    depth: float
    cache_bytes: float
    mode: speeds.Mode


def texts() -> dict[str, str]:
    """The files that are fitted on, by name: what others published, and what was measured here."""
    data = files("recommender") / "data"
    own = sorted((f for f in (data / "measured").iterdir()), key=lambda f: f.name)
    named = {f"measured/{f.name}": f for f in own if f.name.endswith(".jsonl")}
    return {
        name: file.read_text("utf-8")
        for name, file in {"calibration.jsonl": data / "calibration.jsonl", **named}.items()
    }


def fingerprints() -> dict[str, str]:
    """SHA-256 of every file that decides the fit, and of what the catalogue makes of the rows."""
    data = files("recommender") / "data"
    read = texts() | {"fit.toml": (data / "fit.toml").read_text("utf-8")}
    read |= {"samples": "\n".join(map(_numbers, samples()))}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in read.items()}


def _numbers(sample: Sample) -> str:
    """What the fit sees of a sample, in three digits."""
    seen = [getattr(sample.work, field.name) for field in fields(sample.work)]
    seen += [sample.running, sample.prompt, sample.output, sample.depth, sample.cache_bytes]
    traits = sample.traits
    return f"{sample.said.id} {sample.mode} {traits} " + " ".join(f"{x:.3g}" for x in seen)


@cache
def samples() -> tuple[Sample, ...]:
    """Every plausible speed whose model and machine are known."""
    return tuple(one for text in texts().values() for one in _samples(text.splitlines()))


def _samples(lines: Sequence[str]) -> Iterator[Sample]:
    shelf = catalogue.load()
    for line in filter(str.strip, lines):
        raw = json.loads(line)
        said = Published.model_validate(raw)
        if said.kind in KINDS and said.plausible:
            row = Row.model_validate(raw)
            sample = _sample(said, row, resolve(row, shelf), shelf)
            if sample is not None:
                yield sample


def _sample(said: Published, row: Row, found: Resolved, shelf: Catalogue) -> Sample | None:
    model, quant, machine, backend = found.model, found.quant, found.machine, found.backend
    if model is None or quant is None or machine is None or backend is None:
        return None
    todo, groups = work(found.engine_id, model, quant, machine, backend, setting(found))
    mode = speeds.mode(found, units.rate(row.unit, row.kind))
    one = speeds.shape(found, mode)
    return Sample(
        said=said,
        row=row,
        found=found,
        kind=cast("Kind", said.kind),
        work=todo,
        traits=groups,
        running=pools.at_once(found, shelf) if said.kind == "concurrent" else 1,
        prompt=one.prompt,
        output=one.output,
        depth=one.depth,
        cache_bytes=kv.bytes_of(model, max(1.0, one.cached), tensor=round(float(todo.tensor))),
        mode=mode,
    )
