"""Pictures on a page: with key, reading line and files, and as a table."""

from __future__ import annotations

from typing import Any, get_args

from django import template
from django.utils.safestring import SafeString

from benchruns.comparing.arms import comparison
from benchruns.comparing.find import shown
from benchruns.comparing.plots import pictures
from benchruns.models import Run
from benchruns.pictures import marks
from benchruns.pictures.answer import Form
from benchruns.pictures.picture import Picture
from benchruns.pictures.plot import Plot, Series

register = template.Library()


@register.simple_tag
def key_mark(series: Series) -> SafeString:
    return marks.key_mark(series)


@register.inclusion_tag("pictures/_plot.html")
def picture(one: Picture, files: str, query: str = "") -> dict[str, Any]:
    """`files`: address of its files without their ending; `query`: what comes behind it."""
    return {
        "plot": one.plot,
        "drawn": one.draw(),
        "files": files,
        "tail": f"?{query}" if query else "",
        "forms": get_args(Form),
    }


@register.inclusion_tag("pictures/_table.html")
def plot_table(plot: Plot) -> dict[str, Any]:
    """One row for each place along the axis, one column for each series."""
    found = [{one.x: one.y for one in series.readings} for series in plot.series]
    places = sorted({x for of_series in found for x in of_series})
    rows = [(x, [of_series.get(x) for of_series in found]) for x in places]
    return {"plot": plot, "rows": rows}


@register.simple_tag
def run_pictures(run: Run) -> tuple[Picture, ...]:
    """Of one measurement; none where it has no result that counts."""
    found = shown(run)
    return pictures(comparison([found])) if found else ()
