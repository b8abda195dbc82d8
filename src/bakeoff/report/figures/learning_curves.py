"""How loss and accuracy went over the epochs: every run thin, their median thick, one panel per model."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

import altair as alt

from bakeoff.comparison import Comparison, ModelResult, RunResult
from bakeoff.report.look import BLUE, ORANGE, WIDTH, order_models, to_rows

TITLE = "Learning curves"
CAPTION = (
    "Thin lines are single runs, thick lines their median at each epoch that at least half of the runs reached. "
    "Training accuracy is measured while the weights change, so it may lie below validation accuracy. "
    "Models without validation images have no validation curve."
)
ORDER = 20

_PARTS = {"training": ORANGE, "validation": BLUE}
_GAP = 16


def applies(comparison: Comparison) -> bool:
    """Always."""
    return True


def alt_text(comparison: Comparison) -> str:
    """How far each model came, in words."""
    return "Loss and accuracy over the epochs: " + "; ".join(map(_describe, comparison.models)) + "."


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """A grid of panels for the loss above one for the accuracy."""
    accuracy = _draw_measure(comparison, "accuracy", "accuracy", axis=alt.Axis(format="%", tickCount=4))
    loss = _draw_measure(comparison, "loss", "loss", axis=alt.Axis(tickCount=4))
    return alt.vconcat(loss, accuracy, spacing=28)


def _draw_measure(comparison: Comparison, measure: str, title: str, *, axis: alt.Axis) -> alt.FacetChart:
    models = comparison.models
    runs = [row for model in models for row in _run_rows(model, measure)]
    medians = [row for model in models for row in _median_rows(model, measure)]
    columns = min(len(models), 4)
    panel = min(520, (WIDTH - 80) // columns - _GAP)
    rows = runs + medians
    scale = alt.Scale(domain=_domain(comparison, measure), nice=measure == "loss")
    base = alt.Chart().encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, tickCount=5, format="d", grid=False)),
        y=alt.Y("value:Q", title=title, axis=axis, scale=scale),
        color=alt.Color("part:N", title=None, scale=alt.Scale(domain=list(_PARTS), range=list(_PARTS.values()))),
        detail="run:N",
    )
    thin = base.transform_filter("datum.run != 'median'").mark_line(strokeWidth=0.8, opacity=0.45, clip=True)
    thick = base.transform_filter("datum.run == 'median'").mark_line(strokeWidth=2.4, clip=True)
    dots = base.transform_filter("datum.alone").mark_point(filled=True, size=30, clip=True)
    chart: alt.FacetChart = (
        alt.layer(thin, thick, dots)
        .properties(width=panel, height=min(220, max(110, panel // 2)))
        .facet(
            facet=alt.Facet(
                "model:N", sort=order_models(comparison), title=None, header=alt.Header(labelAnchor="start")
            ),
            columns=columns,
            data=to_rows(rows or _empty_rows(comparison)),
            spacing=_GAP,
        )
        .resolve_axis(x="independent", y="shared")
    )
    return chart


def _run_rows(model: ModelResult, measure: str) -> list[dict[str, Any]]:
    return [
        _row(model, part, f"{run.seed}.{run.fold}", epoch, value, alone=len(curve) == 1)
        for run in model.runs
        for part in _PARTS
        for curve in [_curve(run, part, measure)]
        for epoch, value in enumerate(curve, start=1)
    ]


def _median_rows(model: ModelResult, measure: str) -> list[dict[str, Any]]:
    rows = []
    for part in _PARTS:
        curves = [curve for run in model.runs if not run.failed and (curve := _curve(run, part, measure))]
        rows += [
            _row(model, part, "median", epoch, value, alone=False)
            for epoch, value in enumerate(median_curve(curves), start=1)
        ]
    return rows


def median_curve(curves: Sequence[Sequence[float]]) -> list[float]:
    """The median at each epoch that at least half of the curves reach.

    >>> median_curve([[1.0, 2.0, 3.0], [3.0, 4.0], [5.0]])
    [3.0, 3.0]
    """
    medians = []
    for epoch in range(max(map(len, curves), default=0)):
        reached = [curve[epoch] for curve in curves if len(curve) > epoch]
        if 2 * len(reached) >= len(curves):
            medians.append(statistics.median(reached))
    return medians


def _curve(run: RunResult, part: str, measure: str) -> tuple[float, ...]:
    curve: tuple[float, ...] = getattr(run.history, measure if part == "training" else f"validation_{measure}")
    return curve


def _row(model: ModelResult, part: str, run: str, epoch: int, value: float, *, alone: bool) -> dict[str, Any]:
    shown = value if math.isfinite(value) else None
    return {"model": model.name, "part": part, "run": run, "epoch": epoch, "value": shown, "alone": alone}


def _empty_rows(comparison: Comparison) -> list[dict[str, Any]]:
    return [_row(model, "training", "median", 1, math.nan, alone=False) for model in comparison.models]


def _domain(comparison: Comparison, measure: str) -> list[float]:
    """What healthy runs need: one diverging run must not press all others flat."""
    healthy = [run for model in comparison.models for run in model.runs if not run.failed]
    runs = healthy or [run for model in comparison.models for run in model.runs]
    values = [v for run in runs for part in _PARTS for v in _curve(run, part, measure) if math.isfinite(v)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if measure == "loss":
        return [0.0, high]
    return [max(0.0, low - 0.02), 1.0 if high > 0.9 else min(1.0, high + 0.02)]


def _describe(model: ModelResult) -> str:
    ends = [run.history.accuracy[-1] for run in model.runs if run.history.accuracy]
    if not ends:
        return f"{model.name} has no finished epoch"
    checked = [run.history.validation_accuracy[-1] for run in model.runs if run.history.validation_accuracy]
    words = f"{model.name} ends after at most {model.epochs} epochs with a training accuracy of "
    words += f"{statistics.median(ends):.0%}"
    return f"{words} and a validation accuracy of {statistics.median(checked):.0%}" if checked else words
