"""What `docs/measuring.md` says of guards and plans is what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchruns.host.guards import ALL, Guard
from benchruns.host.plan import AIM
from benchruns.host.presets import PRESETS, Preset

TEXT = (Path(__file__).parents[4] / "docs" / "measuring.md").read_text()


@pytest.mark.parametrize("guard", ALL, ids=lambda guard: guard.id)
def test_every_guard_is_listed_in_its_own_words(guard: Guard) -> None:
    assert f"| `{guard.id}` | {guard.looks_at} | {guard.marks} | {guard.refuses} |\n" in TEXT


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_every_plan_is_listed_with_its_own_numbers(preset: Preset) -> None:
    fields = preset.fields
    clients = ", ".join(map(str, fields["clients"]))
    known_to = f"±{100 * fields.get('half_width', 0.05):.0f} %"
    most_min = fields["time_limit_s"] / 60
    lengths = f"{fields['prompt_tokens']}, {fields['output_tokens']}"
    times = f"{AIM * most_min:g} min | {most_min:g} min"
    row = f"| `{preset.name}` | {clients} | {lengths} | {known_to} | {times} |"
    assert row in TEXT
