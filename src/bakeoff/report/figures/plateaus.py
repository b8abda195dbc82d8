"""The long runs by which a number of epochs was chosen, and the epoch that was."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import numpy as np

from bakeoff.comparison import Comparison, PlateauSearch
from bakeoff.report import numbers
from bakeoff.report.look import BLUE, INK, WIDTH, to_rows, write_origin

TITLE = "How long to train"
CAPTION = (
    "Validation loss of the long runs, which are judged by nothing else: thin lines are seeds, the thick line is the "
    "mean of those that chose. All seeds were then trained anew to the epoch of the vertical line."
)
ORDER = 25
NUMBERS = "curve-numbers"

_GAP = 16
_AXIS = 60  # losses of models differ, so each panel has an axis of its own


def applies(comparison: Comparison) -> bool:
    """Where `stop` is plateau."""
    return bool(_shown(comparison))


def alt_text(comparison: Comparison) -> str:
    """The chosen epochs, in words."""
    told = (
        f"{search.found.model} is trained to epoch {search.found.epoch} of {search.found.epochs}"
        for search in comparison.plateaus
    )
    return "Validation loss over the epochs of the long runs: " + "; ".join(told) + "."


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """A panel per model."""
    searches = _shown(comparison)
    columns = min(len(searches), 4)
    panel = min(520, WIDTH // columns - _GAP - _AXIS)
    rows = [row for search in searches for row in _rows(search)]
    axis = alt.Axis(tickMinStep=1, tickCount=5, format="d", grid=False)
    x = alt.X("epoch:Q", title="epoch", axis=axis, scale=alt.Scale(zero=False, nice=False))
    y = alt.Y("value:Q", title="validation loss", axis=alt.Axis(tickCount=4), scale=alt.Scale(zero=False))
    base = alt.Chart()
    line = base.encode(x=x, y=y, detail="run:N")
    thin = line.transform_filter("datum.part == 'seed'").mark_line(strokeWidth=0.8, opacity=0.45, color=BLUE)
    thick = line.transform_filter("datum.part == 'mean'").mark_line(strokeWidth=2.4, color=BLUE)
    chosen = base.transform_filter("datum.part == 'chosen'")
    rule = chosen.mark_rule(color=INK, strokeDash=[4, 3]).encode(x="epoch:Q")
    label = chosen.mark_text(align="left", dx=4, baseline="top", color=INK).encode(
        x="epoch:Q", y=alt.value(2), text="label:N"
    )
    chart: alt.FacetChart = (
        alt.layer(thin, thick, rule, label)
        .properties(width=panel, height=min(220, max(110, panel // 2)))
        .facet(
            facet=alt.Facet(
                "model:N",
                sort=[search.found.model for search in searches],
                title=None,
                header=alt.Header(labelAnchor="start"),
            ),
            columns=columns,
            data=to_rows(rows),
            spacing=_GAP,
        )
        .resolve_scale(x="independent", y="independent")
    )
    return chart


def origin(comparison: Comparison) -> str:
    """Of the long runs, which are compared on validation images."""
    searches = _shown(comparison)
    names = {search.found.model for search in searches}
    counts = sorted({model.images.validation for model in comparison.models if model.name in names})
    many = " to ".join(map(numbers.format_count, dict.fromkeys(counts[:1] + counts[-1:])))
    return write_origin(comparison, f"{many} validation images".strip(), [search.runs for search in searches])


def _shown(comparison: Comparison) -> list[PlateauSearch]:
    return [search for search in comparison.plateaus if _mean(search)]


def _rows(search: PlateauSearch) -> list[dict[str, Any]]:
    found = search.found
    seeds = [
        _row(search, "seed", f"{run.seed}.{run.fold}", epoch, loss)
        for run in search.runs
        for epoch, loss in enumerate(run.history.validation_loss, start=1)
    ]
    mean = [_row(search, "mean", "mean", epoch, loss) for epoch, loss in enumerate(_mean(search), start=1)]
    return [
        *seeds,
        *mean,
        {"model": found.model, "part": "chosen", "epoch": found.epoch, "label": f"epoch {found.epoch}"},
    ]


def _mean(search: PlateauSearch) -> list[float]:
    """Over the runs of the seeds that chose, all of which have every epoch; empty where no seed could."""
    chose = [run.history.validation_loss for run in search.runs if run.seed in search.found.seeds]
    return np.mean(chose, axis=0).tolist() if chose else []


def _row(search: PlateauSearch, part: str, run: str, epoch: int, loss: float) -> dict[str, Any]:
    shown = loss if math.isfinite(loss) else None
    return {"model": search.found.model, "part": part, "run": run, "epoch": epoch, "value": shown}
