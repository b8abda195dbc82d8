"""Accuracy against the number of weights: what a larger model buys."""

from __future__ import annotations

import altair as alt

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.tradeoff import (
    HOW_TO_READ,
    Cost,
    can_be_drawn,
    describe_tradeoff,
    draw_tradeoff,
    tradeoff_origin,
)

TITLE = "Accuracy and size"
CAPTION = f"{HOW_TO_READ} To the right are larger models."
ORDER = 14
NUMBERS = "leaderboard"


def applies(comparison: Comparison) -> bool:
    """Where two models can be drawn."""
    return can_be_drawn(comparison, _COST)


def alt_text(comparison: Comparison) -> str:
    """Each model's accuracy and cost, in words."""
    return describe_tradeoff(comparison, _COST)


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """Dots with intervals."""
    return draw_tradeoff(comparison, _COST)


def origin(comparison: Comparison) -> str:
    """Of the models that can be drawn."""
    return tradeoff_origin(comparison, _COST)


def _amount(model: ModelResult) -> float:
    return float(model.parameters)


def _write(amount: float) -> str:
    return f"{numbers.format_count(round(amount))} weights"


_COST = Cost("number of weights", _amount, _write, log=True, ticks="~s")
