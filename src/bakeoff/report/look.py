"""One look for all figures: colours that work on white and on black, for colour-blind people too, and quiet axes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from bakeoff.comparison import Comparison, ModelResult, RunResult
from bakeoff.report import numbers
from bakeoff.spec.values import Estimate

INK = "#010203"
"""Stands for the page's own text colour; `render_svg` replaces it by `currentColor`."""

BLUE, ORANGE, GREEN, GREY, PURPLE = "#2a80c4", "#d55e00", "#009e73", "#8a8f98", "#b0569b"
"""Mid-tones after Okabe and Ito (2008), "Color Universal Design": at least 3:1 against white and against #16181c, which
is enough for marks. Words need 4.5:1, and are written in INK."""

FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
WIDTH = 920
LONGEST_LABEL = 240


def to_rows(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    """Data of a chart; without pandas, so that no limit on the number of rows applies.

    They are handed on as text: Altair looks at every single cell of a list, which takes seconds for many curves.
    """
    written = json.dumps([dict(row) for row in rows], ensure_ascii=False, allow_nan=False)
    return alt.InlineData(values=written, format=alt.JsonDataFormat(type="json"))


def width_beside(labels: Iterable[str]) -> int:
    """How much of the page's width is left beside the longest of these labels."""
    return WIDTH - 40 - min(LONGEST_LABEL, 7 * max(map(len, labels), default=0))


def bar_ends(estimate: Estimate) -> tuple[float, float]:
    """The two ends of an interval; without one, a bar shrinks to the value itself."""
    return (estimate.low, estimate.high) if math.isfinite(estimate.low) else (estimate.value, estimate.value)


def order_models(comparison: Comparison) -> list[str]:
    """Names from best to worst."""
    return [model.name for model in comparison.models]


def apply_look(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Give a chart the common look.

    Args:
        chart: As a figure's `draw` returned it.

    Returns:
        A Vega-Lite specification.
    """
    specification: dict[str, Any] = chart.to_dict(validate=False)  # every part was validated when it was made
    specification["config"] = {**specification.get("config", {}), **_CONFIG}
    specification["background"] = "transparent"
    return specification


def with_footer(specification: dict[str, Any], text: str) -> dict[str, Any]:
    """Print a quiet line below a figure, so that it keeps its origin wherever it is copied to.

    Args:
        specification: From `apply_look`.
        text: The line.

    Returns:
        A specification of the figure with the line.
    """
    outside = {key: value for key, value in specification.items() if key in _TOP_LEVEL}
    inside = {key: value for key, value in specification.items() if key not in _TOP_LEVEL}
    return outside | {"vconcat": [inside], "title": {"text": text, **_FOOTER}}


def describe_origin(comparison: Comparison, models: Sequence[ModelResult] | None = None) -> str:
    """Data set, test images, seeds and runs, as a figure carries them.

    Args:
        comparison: What is drawn from.
        models: Those that are drawn; all of them by default.
    """
    runs = [model.runs for model in (comparison.models if models is None else models)]
    return write_origin(comparison, f"{numbers.format_count(comparison.data.test)} test images", runs)


def write_origin(comparison: Comparison, images: str, runs: Sequence[Sequence[RunResult]]) -> str:
    """The line below a figure.

    Args:
        comparison: What is drawn from.
        images: On how many of which images.
        runs: Of each model that is drawn.
    """
    every = [run for of_model in runs for run in of_model]
    finished = sum(not run.failed for run in every)
    seeds = sorted({len({run.seed for run in of_model}) for of_model in runs})
    many = numbers.format_count(seeds[0]) if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    parts = [
        comparison.data.reference,
        images,
        f"{many} seed{'s' * (seeds[-1] != 1)}" + (" per model" if len(runs) > 1 else ""),
        f"{numbers.format_count(finished)} finished run{'s' * (finished != 1)}",
    ]
    failed = len(every) - finished
    return " \u00b7 ".join(parts + [f"{numbers.format_count(failed)} failed"] * bool(failed))


_TOP_LEVEL = {"$schema", "config", "background", "datasets", "autosize", "padding"}
_FOOTER = {"orient": "bottom", "anchor": "start", "fontSize": 10, "fontWeight": "normal", "offset": 10}


_TEXT = {"font": FONT, "color": INK}
_CONFIG: dict[str, Any] = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titlePadding": 8,
        "domainColor": INK,
        "domainOpacity": 0.4,
        "tickColor": INK,
        "tickOpacity": 0.4,
        "gridColor": INK,
        "gridOpacity": 0.1,
        "labelLimit": LONGEST_LABEL,
    },
    "header": {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "labelFontWeight": "bold", "labelLimit": 200},
    "legend": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "orient": "top",
        "labelLimit": 400,
        "symbolStrokeWidth": 2.5,
        "symbolOpacity": 1,
    },
    "title": {**_TEXT, "fontSize": 13, "anchor": "start", "subtitleColor": INK, "subtitleFontSize": 12, "offset": 10},
    "text": {**_TEXT, "fontSize": 11},
}
