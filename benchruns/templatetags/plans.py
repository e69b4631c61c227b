"""The plans that have names, for forms."""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from benchruns.host.presets import PRESETS

register = template.Library()


@dataclass(frozen=True, slots=True)
class Offered:
    name: str
    words: str
    minutes: int  # at most

    @property
    def takes(self) -> str:
        return f"at most {self.minutes} minute{'' if self.minutes == 1 else 's'}"


@register.simple_tag
def plans() -> tuple[Offered, ...]:
    """Quickest first."""
    return tuple(
        Offered(preset.name, preset.words, -(-int(preset.fields["time_limit_s"]) // 60))
        for preset in PRESETS.values()
    )
