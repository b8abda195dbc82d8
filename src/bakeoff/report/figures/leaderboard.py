"""Every model's accuracy with its interval, for new images and for these ones, and each single run."""

from __future__ import annotations

from typing import Any

import altair as alt

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.look import BLUE, GREEN, INK, LONGEST_LABEL, ORANGE, bar_ends, order_models, to_rows, width_beside

TITLE = "Accuracy"
CAPTION = (
    "Each row is a model, best mean first. Thick bar: interval for new images and new seeds; thin bar: new seeds on "
    "this test set only. Faint dots are single runs. A cross marks a model of which runs failed."
)
ORDER = 10
NUMBERS = "leaderboard"

_SCALES = {"new images": BLUE, "this test set": GREEN}


def applies(comparison: Comparison) -> bool:
    """Always: one model has an accuracy too."""
    return True


def alt_text(comparison: Comparison) -> str:
    """Each model's accuracy with its interval, in words."""
    return "Accuracy on new images, from best to worst: " + "; ".join(map(_describe, comparison.models)) + "."


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """Dots and intervals, one row per model."""
    names = order_models(comparison)
    low, high = _domain(comparison)
    x = alt.X("share:Q", title="accuracy", axis=_percent_axis(high - low), scale=alt.Scale(domain=[low, high]))
    y = alt.Y("model:N", sort=names, title=None, axis=alt.Axis(labelLimit=LONGEST_LABEL, ticks=False, domain=False))
    layers = [_draw_runs(comparison, x, y), *_draw_intervals(comparison, x, y)]
    layers += _draw_failures(comparison, y)
    return alt.layer(*layers).properties(width=width_beside(names), height=alt.Step(34 if len(names) <= 12 else 26))


def _percent_axis(span: float) -> alt.Axis:
    return alt.Axis(format=".0%" if span > 0.08 else ".1%", tickCount=8)


def _draw_runs(comparison: Comparison, x: alt.X, y: alt.Y) -> alt.Chart:
    rows = [
        {"model": model.name, "share": run.accuracy}
        for model in comparison.models
        for run in model.runs
        if run.accuracy is not None and not run.failed
    ]
    chart: alt.Chart = (
        alt.Chart(to_rows(rows)).mark_circle(size=38, color=INK, opacity=0.28, yOffset=7).encode(x=x, y=y)
    )
    return chart


def _draw_intervals(comparison: Comparison, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    color = alt.Color(
        "of:N", title=None, scale=alt.Scale(domain=list(_SCALES), range=list(_SCALES.values())), legend=alt.Legend()
    )
    bars = []
    for of, thickness, offset in (("new images", 5.0, -4), ("this test set", 2.5, 2)):
        data = to_rows(_interval_rows(comparison, of))
        bars.append(
            alt.Chart(data)
            .mark_rule(strokeWidth=thickness, strokeCap="round", opacity=0.75, yOffset=offset)
            .encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=color)
        )
    means = [row for row in _interval_rows(comparison, "new images")]
    dots = alt.Chart(to_rows(means)).mark_circle(size=95, opacity=1, yOffset=-4).encode(x=x, y=y, color=color)
    return [*bars, dots]


def _interval_rows(comparison: Comparison, of: str) -> list[dict[str, Any]]:
    """Without an interval the bar shrinks to the value itself."""
    rows = []
    for model in comparison.models:
        estimate = model.accuracy if of == "new images" else model.accuracy_this_test_set
        if estimate is not None:
            low, high = bar_ends(estimate)
            rows.append({"model": model.name, "of": of, "share": estimate.value, "low": low, "high": high})
    return rows


def _draw_failures(comparison: Comparison, y: alt.Y) -> list[alt.Chart]:
    rows = [
        {"model": model.name, "mark": "\u2715", "words": _failure(model)}
        for model in comparison.models
        if model.failed_seeds or model.accuracy is None
    ]
    if not rows:
        return []
    base = alt.Chart(to_rows(rows)).encode(y=y)
    style: dict[str, Any] = {"align": "left", "baseline": "middle", "yOffset": 9}
    return [
        base.mark_text(**style, color=ORANGE, fontSize=13, fontWeight="bold").encode(x=alt.value(4), text="mark:N"),
        base.mark_text(**style, color=INK, fontSize=12).encode(x=alt.value(20), text="words:N"),
    ]


def _failure(model: ModelResult) -> str:
    statuses = list(dict.fromkeys(run.status for run in model.runs if run.failed))
    if not statuses:
        return "no seed has finished"
    return f"{model.failed_seeds} of {model.seeds + model.failed_seeds} seeds: {', '.join(statuses)}"


def _domain(comparison: Comparison) -> tuple[float, float]:
    """Everything that is drawn, with room at the left for what failed."""
    finished = [run for model in comparison.models for run in model.runs if not run.failed]
    values = [run.accuracy for run in finished if run.accuracy is not None]
    for model in comparison.models:
        for estimate in (model.accuracy, model.accuracy_this_test_set):
            values += bar_ends(estimate) if estimate else ()
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = max(high - low, 0.002)
    left = 0.3 if any(model.failed_seeds for model in comparison.models) else 0.04
    return max(0.0, low - left * room), min(1.0, high + 0.04 * room)


def _describe(model: ModelResult) -> str:
    if model.accuracy is None:
        return f"{model.name} has none, {_failure(model)}"
    decimals = numbers.choose_decimals([model.accuracy])
    value = numbers.format_percent(model.accuracy.value, decimals=decimals)
    return f"{model.name} {value} ({numbers.format_percent_interval(model.accuracy, decimals=decimals)})"
