"""One look for all figures: colours that work on white and on black, for colour-blind people too, and quiet axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt

from bakeoff.comparison import Comparison

INK = "#010203"
"""Stands for the page's own text colour; `render_svg` replaces it by `currentColor`."""

BLUE, ORANGE, GREEN, GREY = "#2a80c4", "#d55e00", "#009e73", "#8a8f98"
"""Mid-tones after Okabe and Ito (2008), "Color Universal Design": at least 3:1 against white and against #16181c."""

FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
WIDTH = 920
LONGEST_LABEL = 240


def to_rows(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    """Data of a chart; without pandas, so that no limit on the number of rows applies."""
    return alt.InlineData(values=[dict(row) for row in rows])


def width_beside(labels: Iterable[str]) -> int:
    """How much of the page's width is left beside the longest of these labels."""
    return WIDTH - 40 - min(LONGEST_LABEL, 7 * max(map(len, labels), default=0))


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
    specification: dict[str, Any] = chart.to_dict()
    specification["config"] = {**specification.get("config", {}), **_CONFIG}
    specification["background"] = "transparent"
    return specification


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
