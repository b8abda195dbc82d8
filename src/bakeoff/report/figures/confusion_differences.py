"""Where the two best models confuse classes differently."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
from jaxtyping import Float

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.figures.confusion import SMALLEST_FONT
from bakeoff.report.look import BLUE, INK, ORANGE, describe_origin, to_rows

TITLE = "Confusions, the two best models"
CAPTION = (
    "Share of the true class's images that the first model says so of, minus that of the second, in points. Blue cells "
    "speak for the first model (more hits or fewer errors), orange ones for the second; no cell is tested."
)
ORDER = 42
NUMBERS = "confusion-numbers"

PANEL = 460
LARGEST_FONT = 11.0
_SMALLEST = 0.0005
"""Differences that round to 0.0 points are left blank."""


def applies(comparison: Comparison) -> bool:
    """Where two models have predictions."""
    return len(_best(comparison)) == 2


def alt_text(comparison: Comparison) -> str:
    """The cell that speaks loudest for each of the two, in words."""
    first, second = _best(comparison)
    difference = _difference(first, second)
    names = comparison.data.class_names
    return (
        f"Confusions of {first.name} minus those of {second.name}: {_strongest(difference, first.name, names)}; "
        f"{_strongest(-difference, second.name, names)}."
    )


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """A heat map in two colours."""
    first, second = _best(comparison)
    classes = list(comparison.data.class_names)
    rows = _cells(_difference(first, second), classes)
    axis = alt.Axis(
        labelAngle=0, grid=False, ticks=False, domain=False, labelLimit=90, labelOverlap=True, labelFontSize=11
    )
    scale = alt.Scale(domain=classes)
    for_whom = [f"speaks for {first.name}", f"speaks for {second.name}"]
    rows = [row | {"for": for_whom[row["for"]]} for row in rows]
    base = alt.Chart(to_rows(rows)).encode(
        x=alt.X("said:N", sort=classes, title="said", axis=axis, scale=scale),
        y=alt.Y("true:N", sort=classes, title="true", axis=axis, scale=scale),
    )
    color = alt.Color("for:N", title=None, scale=alt.Scale(domain=for_whom, range=[BLUE, ORANGE]))
    boxes = base.mark_rect().encode(color=color, opacity=alt.Opacity("strength:Q", scale=None, legend=None))
    font = min(LARGEST_FONT, PANEL / len(classes) / 3)
    labels = base.mark_text(color=INK, fontSize=font).encode(text="label:N")
    return alt.layer(*([boxes, labels] if font >= SMALLEST_FONT else [boxes])).properties(width=PANEL, height=PANEL)


def origin(comparison: Comparison) -> str:
    """Of the two models."""
    return describe_origin(comparison, _best(comparison))


def _best(comparison: Comparison) -> list[ModelResult]:
    return [model for model in comparison.models if model.confusion.sum()][:2]


def _difference(first: ModelResult, second: ModelResult) -> Float[np.ndarray, "classes classes"]:
    difference: Float[np.ndarray, "classes classes"] = _shares(first) - _shares(second)
    return difference


def _shares(model: ModelResult) -> Float[np.ndarray, "classes classes"]:
    shares: Float[np.ndarray, "classes classes"] = model.confusion / np.maximum(
        model.confusion.sum(axis=1, keepdims=True), 1
    )
    return shares


def _cells(difference: Float[np.ndarray, "classes classes"], classes: list[str]) -> list[dict[str, Any]]:
    """Cells that differ; where none does, one that cannot be seen."""
    largest = float(np.abs(difference).max()) or 1.0
    differing = np.argwhere(np.abs(difference) >= _SMALLEST).tolist() or [[0, 0]]
    return [
        {
            "true": classes[i],
            "said": classes[j],
            "for": int((difference[i, j] < 0) == (i == j)),
            "strength": 0.75 * (abs(float(difference[i, j])) / largest) ** 0.5,
            "label": numbers.format_signed(difference[i, j]) if abs(difference[i, j]) >= _SMALLEST else "",
        }
        for i, j in differing
    ]


def _strongest(difference: Float[np.ndarray, "classes classes"], name: str, classes: tuple[str, ...]) -> str:
    """What speaks most for the model whose shares come first in this difference."""
    good = np.round(difference * (2 * np.eye(len(difference)) - 1), 9)
    good += 1e-9 * np.eye(len(difference))  # of equals, hits
    i, j = np.unravel_index(int(good.argmax()), good.shape)
    if good[i, j] < _SMALLEST:
        return f"nothing speaks for {name}"
    points = numbers.format_points(float(good[i, j]))
    if i == j:
        return f"most for {name} speaks class {classes[i]}, of which it gets {points} more right"
    return f"most for {name} speaks that it takes class {classes[i]} for {classes[j]} less often, by {points}"
