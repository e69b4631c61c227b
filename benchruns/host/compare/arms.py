"""What is compared: an engine, which way of having it, and how it is set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchruns.host.adapters.registry import ADAPTERS
from benchruns.host.choice import START_S
from benchruns.host.forms import FOLDER_QUANT, FOLDERS
from benchruns.host.plan import Plan
from benchruns.host.presets import PRESETS, limit_s
from benchruns.host.synthetic import hf

VARIANTS = ("tuned", "as-shipped")
_ARM = re.compile(r"([^:@]+)(?::([^:@]+))?(?:@([^:@]+))?")


@dataclass(frozen=True, slots=True)
class Arm:
    """`provider` None: the engine's first that is here."""

    engine: str
    provider: str | None = None
    variant: str = "tuned"

    @property
    def label(self) -> str:
        """As the command line says it: `llama.cpp:xllamacpp@as-shipped`."""
        provider = f":{self.provider}" if self.provider else ""
        variant = "" if self.variant == "tuned" else f"@{self.variant}"
        return f"{self.engine}{provider}{variant}"

    def plan(self, like: Plan, seed: int) -> Plan:
        """The same load for every arm; checked again, for `like` may be of another engine.

        Time for the start is its engine's own: of a plan with a name as that plan gives it, else
        beside the time that `like` gives.
        """
        mine = {
            "engine": self.engine,
            "provider": self.provider,
            "variant": self.variant,
            "seed": seed,
            "time_limit_s": self._limit_s(like),
        }
        return Plan.model_validate(like.model_dump() | mine)

    def _limit_s(self, like: Plan) -> int:
        if like.name is not None and like.name in PRESETS:
            return limit_s(like.name, self.engine)
        return like.time_limit_s + START_S.get(self.engine, 0)


def shared_quant(arms: Sequence[Arm], wanted: str | None, default: str) -> str:
    """One precision for all of them: some engines load folders, which hold no GGUF quantisation."""
    in_folders = any(a.engine in ADAPTERS and ADAPTERS[a.engine].weights in FOLDERS for a in arms)
    if not in_folders:
        return wanted or default
    return wanted if wanted in hf.DTYPES else FOLDER_QUANT


def parse(text: str) -> tuple[Arm, ...]:
    """`llama.cpp:path,llama.cpp:xllamacpp@as-shipped`. Raises ValueError with a sentence."""
    arms = tuple(_arm(part.strip()) for part in text.split(","))
    if len(arms) < 2:
        raise ValueError(f"{text!r} is one engine; comparing needs two or more, with commas.")
    twice = next((arm for arm in arms if arms.count(arm) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice.label!r} is there twice.")
    return arms


def _arm(text: str) -> Arm:
    found = _ARM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not ENGINE, ENGINE:PROVIDER or ENGINE:PROVIDER@VARIANT.")
    engine, provider, variant = found[1], found[2], found[3] or "tuned"
    if variant not in VARIANTS:
        raise ValueError(f"{variant!r} is no variant; there are: {', '.join(VARIANTS)}.")
    return Arm(engine, provider, variant)
