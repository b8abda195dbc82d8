"""The headline that the README carries: study B's table with raw and with scaled pixels, as one picture."""

from __future__ import annotations

from typing import Any

import altair as alt

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report.look import BLUE, GREY, INK, ORANGE, apply_look, to_rows
from bakeoff.report.rendering import render_svg

_COLORS = {"published, one run": GREY, "pixels 0 to 255": ORANGE, "pixels 0 to 1": BLUE}


def draw_headline(both: Comparison) -> str:
    """An SVG: one row per network, in the source's order of accuracy; runs faint, means bold.

    Args:
        both: Of `study-b-pixels`: each model twice, as NAME-raw and NAME-unit.
    """
    names = sorted(
        (model.name.removesuffix("-raw") for model in both.models if model.name.endswith("-raw")),
        key=lambda name: -(both.study.published[f"{name}-raw"].accuracy or 0.0),
    )
    rows = [row for name in names for row in _rows(name, both)]
    y = alt.Y("model:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False))
    x = alt.X("accuracy:Q", title="test accuracy", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1]))
    color = alt.Color(
        "what:N", title=None, scale=alt.Scale(domain=list(_COLORS), range=list(_COLORS.values())), legend=alt.Legend()
    )
    base = alt.Chart(to_rows(rows)).encode(x=x, y=y, color=color)
    runs = base.transform_filter("datum.kind == 'run'").mark_circle(size=36, opacity=0.35)
    means = base.transform_filter("datum.kind == 'mean'").mark_circle(size=110, opacity=1)
    printed = base.transform_filter("datum.kind == 'printed'").mark_tick(thickness=3, size=18)
    chart = alt.layer(runs, means, printed).properties(width=700, height=alt.Step(24))
    return render_svg(apply_look(chart))


def _rows(name: str, both: Comparison) -> list[dict[str, Any]]:
    printed = both.study.published[f"{name}-raw"].accuracy
    rows: list[dict[str, Any]] = [
        {"model": name, "what": "published, one run", "kind": "printed", "accuracy": printed}
    ]
    for suffix, what in (("raw", "pixels 0 to 255"), ("unit", "pixels 0 to 1")):
        reached = _accuracies(both.model(f"{name}-{suffix}"))
        rows += [{"model": name, "what": what, "kind": "run", "accuracy": accuracy} for accuracy in reached]
        rows.append({"model": name, "what": what, "kind": "mean", "accuracy": sum(reached) / len(reached)})
    return rows


def _accuracies(model: ModelResult) -> list[float]:
    return [run.accuracy for run in model.runs if run.accuracy is not None]
