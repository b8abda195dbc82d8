"""Which models have a place among the others: only those that were tested against one of them."""

from __future__ import annotations

import math

from bakeoff.comparison import Comparison, ModelResult


def testable_models(comparison: Comparison) -> list[ModelResult]:
    """The models that have been tested against at least one other, best first."""
    tested = {name for pair in comparison.pairs if not math.isnan(pair.p_adjusted) for name in (pair.a, pair.b)}
    return [model for model in comparison.models if model.name in tested]


def placed_models(comparison: Comparison) -> set[str]:
    """Names of those whose rank says something: they have an accuracy, or ranks of runs have placed them."""
    known = {model.name for model in comparison.models if model.accuracy is not None}
    return known | {model.name for model in testable_models(comparison)}
