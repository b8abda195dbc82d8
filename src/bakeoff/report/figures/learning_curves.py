"""How loss and accuracy went over the epochs."""

from __future__ import annotations

import altair as alt

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.curves import HOW_TO_READ, chosen_text, draw_curves, median_curve

TITLE = "Learning curves"
CAPTION = (
    f"{HOW_TO_READ} Training accuracy is measured while the weights change, so it may lie below validation accuracy. "
    "Models without validation images have no validation curve."
)
ORDER = 20
NUMBERS = "curve-numbers"


def applies(comparison: Comparison) -> bool:
    """Always."""
    return True


def alt_text(comparison: Comparison) -> str:
    """How far each model came, in words."""
    return "Loss and accuracy over the epochs: " + "; ".join(map(_describe, comparison.models)) + "."


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """A grid of panels for the loss above one for the accuracy."""
    return alt.vconcat(draw_curves(comparison, "loss"), draw_curves(comparison, "accuracy"), spacing=28)


def _describe(model: ModelResult) -> str:
    histories = [run.history for run in model.runs if not run.failed]
    trained = median_curve([history.accuracy for history in histories if history.accuracy])
    if not trained:
        return f"{model.name} has no finished run"
    checked = median_curve([history.validation_accuracy for history in histories if history.validation_accuracy])
    words = f"{model.name} ends after at most {model.epochs} epochs with a training accuracy of "
    words += numbers.format_percent(trained[-1], decimals=0)
    words += f" and a validation accuracy of {numbers.format_percent(checked[-1], decimals=0)}" if checked else ""
    return words + chosen_text(model)
