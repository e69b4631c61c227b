"""The words of `data/rows.toml`: engines by the names people give them, processors by series."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from pydantic import Field

from recommender.entries import Entry, Sources
from recommender.rows.names import words


class EngineName(Entry):
    """Names of one engine, or of engines `like` it. `widen`: factor on the interval's ends;
    `slower`: factor on tokens/s."""

    engine: str
    names: tuple[str, ...] = Field(min_length=1)
    like: str = ""
    widen: float = Field(default=1.0, ge=1.0)
    grows: bool = False  # takes memory as it needs it, whatever the engine it is like does
    slower: float = Field(default=1.0, gt=0, le=1.0)
    sources: Sources


class Processor(Entry):
    """Processors of one series: as many channels of that memory. `tflops`: in 32 bits, where they
    have far fewer cores than others with such memory."""

    name: str
    pattern: str
    channels: int
    mt_s: int
    tflops: float | None = None
    sources: Sources

    @property
    def bandwidth_gb_s(self) -> float:
        """A channel moves eight bytes at a time."""
        return self.channels * self.mt_s * 8 / 1000


class Published(Entry):
    """A family whose files of a quantisation are of another form than its name says."""

    family: str
    quant: str
    means: str
    sources: Sources


class Same(Entry):
    """Models of the very shape of a listed one."""

    model: str
    names: tuple[str, ...] = Field(min_length=1)
    sources: Sources


class Untagged(Entry):
    """Which model a library gives for a name that says no size."""

    models: dict[str, str]
    sources: Sources


class Lexicon(Entry):
    engine: tuple[EngineName, ...]
    published: tuple[Published, ...]
    same: tuple[Same, ...]
    untagged: tuple[Untagged, ...]
    processor: tuple[Processor, ...]

    def engine_named(self, name: str) -> EngineName | None:
        """The longest listed name whose words are all in this one."""
        said = words(name)
        found = [
            (len(listed), entry)
            for entry in self.engine
            for listed in map(words, entry.names)
            if _within(listed, said)
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def usual_of(self, name: str) -> str | None:
        """The id of the model that a library means by a bare name, `:latest` or not."""
        bare = name.strip().lower().removesuffix(":latest")
        return next((one.models[bare] for one in self.untagged if bare in one.models), None)

    def processor_named(self, name: str) -> Processor | None:
        text = re.sub(r"[®™]|\((?:r|tm)\)", "", name.lower())
        return next((p for p in self.processor if re.search(p.pattern, text)), None)


def _within(listed: tuple[str, ...], said: tuple[str, ...]) -> bool:
    joined = f" {' '.join(said)} "
    return f" {' '.join(listed)} " in joined or "".join(listed) == "".join(said)


@cache
def load() -> Lexicon:
    """Validated.

    Raises:
        pydantic.ValidationError: an entry lacks its source or has an unknown field.
    """
    text = (files("recommender") / "data" / "rows.toml").read_text("utf-8")
    return Lexicon.model_validate(tomllib.loads(text))
