"""A picture: its data, the sentence above it, and how the server draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from benchruns.pictures.plot import Plot

NOWHERE = SafeString("")


@dataclass(frozen=True, slots=True)
class Picture:
    """`template` draws one `<svg>`, with `place` in its tag where it is part of another."""

    plot: Plot
    sentence: str
    template: str
    context: Mapping[str, Any]

    def draw(self, place: SafeString = NOWHERE) -> SafeString:
        return render_to_string(self.template, {**self.context, "place": place})
