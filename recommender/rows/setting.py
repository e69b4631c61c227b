"""How a published measurement was run, as far as it decides the speed."""

from __future__ import annotations

import re

from recommender.estimate.traits import Setting, family
from recommender.rows.resolve import Resolved

INSIDE = re.compile(r"llama-bench|batched-bench|mlx_lm\.benchmark", re.IGNORECASE)
NO_FLASH = re.compile(r"no flash|-fa[ =]?0\b|flash[_ -]attn[ =]0", re.IGNORECASE)
POWER = re.compile(r"power limit (\d+) ?W", re.IGNORECASE)
NEWEST, OLDEST = 2025.6, 2.5  # as in data/fit.toml


def setting(found: Resolved) -> Setting:
    """From what the row and its conditions say; what they do not say is as shipped."""
    said, text = found.conditions, found.row.conditions or ""
    gpus = found.machine.gpus if found.machine else 1
    on_cpu = found.machine is not None and found.machine.backend == "cpu"
    tensor = said.tensor_parallel if gpus > 1 and family(found.engine_id) == "server" else None
    return Setting(
        tensor=None if tensor is None else min(tensor, gpus),
        threads=(said.threads or 0) if on_cpu else 0,
        ubatch=said.ubatch,
        served=INSIDE.search(text) is None,
        flash_attention=NO_FLASH.search(text) is None,
        age_years=_age(found.row.date),
        power_share=_power(found, text),
    )


def _age(date: str | None) -> float:
    """Years before the newest rows; 0 where nobody said."""
    match = re.match(r"(20\d\d)(?:-(\d\d))?", date or "")
    if match is None:
        return 0.0
    year = int(match[1]) + int(match[2] or 6) / 12
    return min(OLDEST, max(0.0, NEWEST - year))


def _power(found: Resolved, text: str) -> float:
    """Of what one card may draw; cards that take turns are less often at their limit."""
    match, device = POWER.search(text), found.machine.device if found.machine else None
    if match is None or device is None or device.power_w is None or found.machine is None:
        return 1.0
    share = min(1.0, float(match[1]) / device.power_w)
    in_turn = found.machine.gpus if family(found.engine_id) != "server" else 1
    return float(share ** (1 / in_turn))
