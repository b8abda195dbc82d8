"""Curves over the epochs: every run thin, their median thick, one panel per model. Figures are made of these."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any, Literal

import altair as alt

from bakeoff.comparison import Comparison, ModelResult, RunResult
from bakeoff.report import numbers
from bakeoff.report.look import BLUE, INK, ORANGE, WIDTH, order_models, to_rows

Measure = Literal["loss", "accuracy"]

HOW_TO_READ = (
    "Thin lines are single runs, thick lines their median at each epoch that at least half of the runs reached; a "
    "dashed line is the median of the epochs that were chosen, where validation images chose."
)

PARTS = {"training": ORANGE, "validation": BLUE}
_GAP = 16


def draw_curves(comparison: Comparison, measure: Measure, *, log: bool = False) -> alt.FacetChart:
    """A grid of panels, one per model.

    Args:
        comparison: Of any number of models.
        measure: What goes upward.
        log: Whether in powers of ten; then what is not above 0 is left out.

    Returns:
        A chart without title.
    """
    models = comparison.models
    rows = [row for model in models for row in _rows(model, measure, log=log)]
    columns = min(len(models), 4)
    panel = min(520, (WIDTH - 80) // columns - _GAP)
    chart: alt.FacetChart = (
        alt.layer(*_layers(comparison, measure, log=log))
        .properties(width=panel, height=min(220, max(110, panel // 2)))
        .facet(
            facet=alt.Facet(
                "model:N", sort=order_models(comparison), title=None, header=alt.Header(labelAnchor="start")
            ),
            columns=columns,
            data=to_rows(rows),
            spacing=_GAP,
        )
        .resolve_axis(x="independent", y="shared")
    )
    return chart


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


def chosen_epoch(model: ModelResult) -> float | None:
    """The median epoch of the finished runs, where validation images chose it; otherwise None."""
    epochs = [run.epoch for run in model.runs if not run.failed]
    chooses = model.spec.protocol.stop != "last"
    return statistics.median(epochs) if epochs and chooses else None


def chosen_text(model: ModelResult) -> str:
    """The chosen epoch as a clause of an alternative text; empty where none was chosen."""
    epoch = chosen_epoch(model)
    return "" if epoch is None else f", with epoch {numbers.format_amount(epoch)} chosen in the median"


def _layers(comparison: Comparison, measure: Measure, *, log: bool) -> list[alt.Chart]:
    scale = alt.Scale(
        domain=_domain(comparison, measure, log=log),
        nice=measure == "loss" and not log,
        type="log" if log else "linear",
    )
    of_loss = "~g" if log else "~f"
    axis = alt.Axis(tickCount=4, format="%" if measure == "accuracy" else of_loss)
    x = alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, tickCount=5, format="d", grid=False))
    color = alt.Color("part:N", title=None, scale=alt.Scale(domain=list(PARTS), range=list(PARTS.values())))
    base = alt.Chart().encode(x=x, y=alt.Y("value:Q", title=measure, axis=axis, scale=scale), color=color)
    # All runs of a panel are one path with gaps: ten times fewer elements, which is what the page's size hangs on.
    thin = base.transform_filter("datum.of == 'runs'").encode(order="step:Q")
    chosen = alt.Chart().transform_filter("datum.of == 'chosen'")
    return [
        thin.mark_line(strokeWidth=0.8, opacity=0.45, clip=True),
        base.transform_filter("datum.of == 'median'").mark_line(strokeWidth=2.4, clip=True),
        base.transform_filter("datum.alone").mark_point(filled=True, size=30, clip=True),
        chosen.mark_rule(color=INK, opacity=0.6, strokeDash=[4, 3]).encode(x="epoch:Q"),
    ]


def _rows(model: ModelResult, measure: Measure, *, log: bool) -> list[dict[str, Any]]:
    rows = [row for part in PARTS for row in _run_rows(model, part, measure) + _median_rows(model, part, measure)]
    if log:
        rows = [row | {"value": row["value"] if (row["value"] or 0) > 0 else None} for row in rows]
    epoch = chosen_epoch(model)
    chosen = [] if epoch is None else [{"model": model.name, "of": "chosen", "epoch": epoch}]
    return [*(rows or [_row(model, "training", "median", 1, math.nan)]), *chosen]


def _run_rows(model: ModelResult, part: str, measure: Measure) -> list[dict[str, Any]]:
    """One run after the other, a row without a value behind each."""
    rows = []
    for run in model.runs:
        curve = _curve(run, part, measure)
        for epoch, value in enumerate(curve, start=1):
            rows.append(_row(model, part, "runs", epoch, value) | {"alone": len(curve) == 1})
        if curve:
            rows.append(_row(model, part, "runs", len(curve), math.nan))
    return [row | {"step": step} for step, row in enumerate(rows)]


def _median_rows(model: ModelResult, part: str, measure: Measure) -> list[dict[str, Any]]:
    curves = [curve for run in model.runs if not run.failed and (curve := _curve(run, part, measure))]
    return [_row(model, part, "median", epoch, value) for epoch, value in enumerate(median_curve(curves), start=1)]


def _curve(run: RunResult, part: str, measure: Measure) -> tuple[float, ...]:
    curve: tuple[float, ...] = getattr(run.history, measure if part == "training" else f"validation_{measure}")
    return curve


def _row(model: ModelResult, part: str, of: str, epoch: int, value: float) -> dict[str, Any]:
    shown = float(f"{value:.4g}") if math.isfinite(value) else None
    return {"model": model.name, "part": part, "of": of, "epoch": epoch, "value": shown}


def _domain(comparison: Comparison, measure: Measure, *, log: bool) -> list[float]:
    """What healthy runs need: one diverging run must not press all others flat."""
    healthy = [run for model in comparison.models for run in model.runs if not run.failed]
    runs = healthy or [run for model in comparison.models for run in model.runs]
    values = [v for run in runs for part in PARTS for v in _curve(run, part, measure) if math.isfinite(v)]
    if log:
        positive = [value for value in values if value > 0]
        return [0.9 * min(positive, default=0.1), 1.1 * max(positive, default=1.0)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if measure == "loss":
        return [0.0, high]
    return [max(0.0, low - 0.02), 1.0 if high > 0.9 else min(1.0, high + 0.02)]
