"""Figures as the published pages write them: accuracies as the sources print them, with what they rest on."""

from __future__ import annotations

import math

from bakeoff.comparison import ModelResult
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Span, Text, text
from bakeoff.spec import Study
from bakeoff.spec.record import REPEATABLE

FEW_SEEDS = 2
"""An interval from so few rests on one degree of freedom, which is said beside it."""


def printed_accuracies(study: Study) -> dict[str, float]:
    """What the source printed, for the models of which it printed an accuracy."""
    return {name: printed.accuracy for name, printed in study.published.items() if printed.accuracy is not None}


def printed_accuracy(study: Study, model: str) -> str:
    """The same of one model; a dash where none is printed."""
    accuracy = printed_accuracies(study).get(model)
    return numbers.UNKNOWN if accuracy is None else percent(accuracy)


def mean_accuracy(model: ModelResult) -> float:
    """Over all runs: a failed one counts with what it got right, one that diverged before it said anything with 0.

    A run that crashed or ran out of memory says nothing of the network, and is left out, as on the leaderboard.
    """
    counted = [run.accuracy or 0.0 for run in model.runs if run.accuracy is not None or run.status in REPEATABLE]
    return sum(counted) / max(1, len(counted))


def measured_accuracy(model: ModelResult) -> str:
    """On the test images, with its interval over seeds; where seeds failed, how many, and the mean of all."""
    estimate = model.accuracy_this_test_set
    if model.failed_seeds or estimate is None:
        of_all = f"{model.failed_seeds} of {model.seeds + model.failed_seeds} seeds failed"
        return f"{percent(mean_accuracy(model))}, {of_all}"
    bounds = [numbers.format_percent_interval(estimate, decimals=2)] if math.isfinite(estimate.low) else []
    few = [f"{model.seeds} seed{'s' * (model.seeds > 1)}"] if model.seeds <= FEW_SEEDS else []
    rests_on = ", ".join([*bounds, *few])
    return f"{percent(estimate.value)} ({rests_on})" if rests_on else percent(estimate.value)


def percent(share: float) -> str:
    """As the sources print it."""
    return numbers.format_percent(share, decimals=2)


def span_of(shares: list[float]) -> str:
    """The smallest and the largest of some accuracies.

    >>> span_of([0.5, 0.8, 0.25]).replace(numbers.NO_BREAK_SPACE, " ")
    'between 25.0 % and 80.0 %'
    """
    return f"between {numbers.format_percent(min(shares))} and {numbers.format_percent(max(shares))}"


def cells(*parts: str | Span) -> tuple[Text, ...]:
    """Cells of a row."""
    return tuple(text(part) for part in parts)
