"""The pictures of a recipe, of the claims and of the accuracy page, by name."""

from __future__ import annotations

from collections.abc import Sequence

from benchruns.pictures.picture import Picture
from guide.presentation.accuracy_chart import ScatterChart
from guide.presentation.accuracy_plot import accuracy_plot
from guide.presentation.claims_charts import Chart
from guide.presentation.claims_plot import claims_plot
from guide.presentation.memory_growth import memory_growth
from guide.presentation.speed_chart import speed_chart
from guide.presentation.speed_plot import speed_plot
from recommender.accuracy import Row
from recommender.recommendation import Recommendation


def recipe_pictures(rec: Recommendation, speed_sentence: str) -> dict[str, Picture]:
    """`speed` and `memory`, each only where there is something to draw."""
    found = {"speed": _speed(rec, speed_sentence), "memory": _memory(rec)}
    return {name: picture for name, picture in found.items() if picture is not None}


def _speed(rec: Recommendation, sentence: str) -> Picture | None:
    chart = speed_chart(rec.speed) if rec.speed else None
    if chart is None or rec.speed is None:
        return None
    plot = speed_plot(rec.speed, chart, rec.engine.name if rec.engine else "")
    return Picture(plot, sentence, "guide/_speed_chart.svg", {"chart": chart})


def _memory(rec: Recommendation) -> Picture | None:
    growth = memory_growth(rec)
    if growth is None:
        return None
    context = {"growth": growth}
    return Picture(growth.plot, growth.sentence, "guide/_memory_growth.svg", context)


def claims_picture(chart: Chart) -> Picture:
    return Picture(claims_plot(chart), chart.sentence, "guide/_claims_chart.svg", {"chart": chart})


def accuracy_picture(
    kind: str, title: str, says: str, rows: Sequence[Row], chart: ScatterChart
) -> Picture:
    context = {"chart": chart, "title": title}
    plot = accuracy_plot(kind, title, rows, chart)
    return Picture(plot, says, "guide/_accuracy_chart.svg", context)
