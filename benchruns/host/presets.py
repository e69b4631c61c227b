"""Plans that have a name: how long to look and how closely. What is measured, the caller adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from benchruns.host.choice import START_S
from benchruns.host.plan import Plan


@dataclass(frozen=True, slots=True)
class Preset:
    """`words`: what it is good for, for people. `fields`: of `Plan`."""

    name: str
    words: str
    fields: Mapping[str, Any]


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            Preset(
                "quick",
                "A first look, a minute on a quiet machine: medians to about ±10 %, tails unknown.",
                {
                    "clients": (1, 4),
                    "prompt_tokens": 32,
                    "output_tokens": 16,
                    "requests_per_client": 2,
                    "half_width": 0.1,
                    "point_limit_s": 22,  # two of them, a warm-up and a start are a minute
                    "time_limit_s": 150,  # of which AIM is what a quiet machine needs
                },
            ),
            Preset(
                "standard",
                "For a decision, in about six minutes: medians to ±5 %, p95 where there is time.",
                {
                    "clients": (1, 2, 4, 8),
                    "prompt_tokens": 256,
                    "output_tokens": 128,
                    "requests_per_client": 4,
                    "point_limit_s": 120,
                    "time_limit_s": 900,
                },
            ),
            Preset(
                "thorough",
                "For publishing, in half an hour or less: up to 32 clients, who join one after "
                "the other, medians to ±3 %.",
                {
                    "clients": (1, 2, 4, 8, 16, 32),
                    "prompt_tokens": 512,
                    "output_tokens": 256,
                    "requests_per_client": 8,
                    "half_width": 0.03,
                    "ramp_s": 2.0,
                    "point_limit_s": 300,
                    "time_limit_s": 1800,
                },
            ),
        )
    }
)


LONGEST_S: Final = max(int(preset.fields["time_limit_s"]) for preset in PRESETS.values())


def limit_s(name: str, engine: str) -> int:
    """Of the preset's plan: engines that compile before they answer get time for that besides."""
    own = int(PRESETS[name].fields["time_limit_s"])
    return min(LONGEST_S, own + START_S.get(engine, 0))


def named(name: str, **what: Any) -> Plan:
    """The preset's plan for an engine and a model. A field that is given counts; the plan bears
    the preset's name only where none of the preset's own was changed.

    Raises ValueError for a name there is not, pydantic.ValidationError for fields that make no
    plan.
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise ValueError(f"there is no plan {name!r}; there are {', '.join(PRESETS)}")
    fields = {**preset.fields, "time_limit_s": limit_s(name, str(what.get("engine")))}
    changed = any(what.get(field, value) != value for field, value in fields.items())
    return Plan(**{**fields, "name": None if changed else name, **what})
