"""A small picture, for stories about how pictures are saved."""

from __future__ import annotations

from typing import Any

from benchruns.pictures.picture import Picture
from benchruns.pictures.plot import Axis, Plot, Reading, Series

READINGS = (Reading(1, 20.0, "1 user: 20.", 18.0, 22.0), Reading(2, 15.0, "2 users: 15."))


def plot(**changes: Any) -> Plot:
    made: dict[str, Any] = {
        "id": "speed",
        "kind": "lines",
        "title": "Speed <fast>",
        "width": 480,
        "height": 270,
        "x": Axis("users", "", 1, 2, 44, 466),
        "y": Axis("speed", "tokens/s", 0, 25, 226, 26),
        "series": (
            Series("a", "=measured", "measured", READINGS, "solid", "measured", line=True),
            Series(
                "b", "of vLLM", "estimated", READINGS[:1], "marker", engine="vllm", marker="M0 0Z"
            ),
        ),
    }
    return Plot(**made | changes)


def picture(**changes: Any) -> Picture:
    context = {"chart": {"rates": [{"at": 100.0, "label": "10"}]}}
    return Picture(plot(**changes), "What it shows.", "guide/_speed_chart.svg", context)
