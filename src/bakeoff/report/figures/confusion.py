"""Which class is taken for which, one panel per model."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.look import BLUE, INK, ORANGE, WIDTH, describe_origin, order_models, to_rows

TITLE = "Confusions"
CAPTION = (
    "Rows are true classes, columns what the model said; numbers are images, summed over all finished runs. Colour is "
    "the share of the row: blue for hits, orange for errors, whose scale is stretched so that small shares show."
)
ORDER = 40
NUMBERS = "confusion-numbers"

MOST_CELLS = 30_000
SMALLEST_FONT, LARGEST_FONT = 8.0, 11.0
_LABELS, _GAP = 90, 18


def applies(comparison: Comparison) -> bool:
    """Always."""
    return True


def alt_text(comparison: Comparison) -> str:
    """Each model's commonest confusion, in words."""
    return "Commonest confusions: " + "; ".join(_describe(model, comparison) for model in comparison.models) + "."


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """Heat maps; with many classes only those of the best models."""
    shown = _shown(comparison)
    columns = min(len(shown), 4 if len(shown) > 6 else 2)
    panel = min(400, (WIDTH - _LABELS) // columns - _GAP)
    classes = list(comparison.data.class_names)
    rows = [row for model in shown for row in _cells(model, classes)]
    order = order_models(comparison)
    axis = alt.Axis(
        labelAngle=0, grid=False, ticks=False, domain=False, labelLimit=70, labelOverlap=True, labelFontSize=11
    )
    base = alt.Chart().encode(
        x=alt.X("said:N", sort=classes, title="said", axis=axis, scale=alt.Scale(domain=classes)),
        y=alt.Y("true:N", sort=classes, title="true", axis=axis, scale=alt.Scale(domain=classes)),
    )
    font = _font_size(shown, panel / len(classes))
    boxes = base.mark_rect(stroke=None).encode(
        color=_color(), opacity=alt.Opacity("strength:Q", scale=None, legend=None)
    )
    labels = base.transform_filter("datum.label != ''").mark_text(color=INK, fontSize=font).encode(text="label:N")
    layers = [boxes, labels] if font >= SMALLEST_FONT else [boxes]
    title = (
        TITLE if len(shown) == len(comparison.models) else f"The best {len(shown)} of {len(comparison.models)} models"
    )
    chart: alt.TopLevelMixin = (
        alt.layer(*layers)
        .properties(width=panel, height=panel)
        .facet(
            facet=alt.Facet("model:N", sort=order, title=None, header=alt.Header(labelAnchor="start")),
            columns=columns,
            data=to_rows(rows),
            spacing=_GAP,
            **({"title": title} if title != TITLE else {}),
        )
        .resolve_axis(x="independent", y="shared")
    )
    return chart


def origin(comparison: Comparison) -> str:
    """Of the models that a page can carry."""
    return describe_origin(comparison, _shown(comparison))


def _color() -> alt.Color:
    return alt.Color("kind:N", legend=None, scale=alt.Scale(domain=["hit", "error"], range=[BLUE, ORANGE]))


def _shown(comparison: Comparison) -> list[ModelResult]:
    """As many models as a page can carry, best first."""
    cells = max(1, len(comparison.data.class_names) ** 2)
    return list(comparison.models[: max(1, MOST_CELLS // cells)])


def _cells(model: ModelResult, classes: list[str]) -> list[dict[str, Any]]:
    """Cells that are not empty; a model without a finished run keeps one that cannot be seen."""
    totals = model.confusion.sum(axis=1, keepdims=True)
    shares = model.confusion / np.maximum(totals, 1)
    filled = np.argwhere(model.confusion > 0)
    if not len(filled):
        return [_cell(model, classes, 0, 0, strength=0.0, label="")]
    return [
        _cell(model, classes, i, j, strength=_strength(shares[i, j], hit=i == j), label=str(model.confusion[i, j]))
        for i, j in filled.tolist()
    ]


def _strength(share: float, *, hit: bool) -> float:
    """Opacity of a cell; three quarters at most, so that the number stays readable in light and in dark."""
    return 0.75 * float(share if hit else share ** (1 / 3))


def _font_size(models: list[ModelResult], cell: float) -> float:
    """The largest with which every count fits into its cell; digits are about 0.56 as wide as they are high."""
    digits = max(len(str(model.confusion.max())) for model in models)
    return min(LARGEST_FONT, cell / (0.6 * digits), cell * 0.9)


def _cell(model: ModelResult, classes: list[str], i: int, j: int, *, strength: float, label: str) -> dict[str, Any]:
    return {
        "model": model.name,
        "true": classes[i],
        "said": classes[j],
        "kind": "hit" if i == j else "error",
        "strength": strength,
        "label": label,
    }


def _describe(model: ModelResult, comparison: Comparison) -> str:
    errors = model.confusion * (1 - np.eye(len(model.confusion), dtype=np.int64))
    if not model.confusion.sum():
        return f"{model.name} has no finished run"
    if not errors.sum():
        return f"{model.name} confuses nothing"
    i, j = np.unravel_index(errors.argmax(), errors.shape)
    share = float(errors[i, j] / model.confusion[i].sum())
    names = comparison.data.class_names
    return f"{model.name} takes {numbers.format_percent(share)} of class {names[i]} for class {names[j]}"
