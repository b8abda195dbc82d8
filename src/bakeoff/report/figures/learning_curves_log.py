"""The loss over the epochs in powers of ten, where late progress shows that a linear scale presses flat."""

from __future__ import annotations

import math
import statistics

import altair as alt

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report.curves import HOW_TO_READ, chosen_text, draw_curves

TITLE = "Loss, logarithmic"
CAPTION = (
    f"{HOW_TO_READ} Each step upward multiplies the loss. Where validation rises while training falls on, a model "
    "overfits."
)
ORDER = 22
NUMBERS = "curve-numbers"


def applies(comparison: Comparison) -> bool:
    """Where some run has a loss above 0."""
    return any(0 < loss < math.inf for model in comparison.models for run in model.runs for loss in run.history.loss)


def alt_text(comparison: Comparison) -> str:
    """Where each model's loss begins and ends, in words."""
    told = "; ".join(map(_describe, comparison.models))
    return f"Loss over the epochs on a logarithmic scale: {told}."


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """A grid of panels."""
    return draw_curves(comparison, "loss", log=True)


def _describe(model: ModelResult) -> str:
    curves = [run.history.loss for run in model.runs if run.history.loss and not run.failed]
    if not curves:
        return f"{model.name} has no finished run"
    begins, ends = (statistics.median(curve[place] for curve in curves) for place in (0, -1))
    return f"the training loss of {model.name} goes from {begins:.2g} to {ends:.2g}{chosen_text(model)}"
