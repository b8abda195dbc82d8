"""Who may be called the best: the models that no other is shown to beat, whatever the order of their means."""

from __future__ import annotations

from bakeoff.comparison import Comparison, ModelResult, PairResult
from bakeoff.report.standing import testable_models


def leading_models(comparison: Comparison) -> list[ModelResult]:
    """The highest tier of the models that were tested against another.

    The leaderboard goes by means in which a failed seed counts 0, tests that rank runs do not: a model that they show
    to be beaten may stand above all of these.

    Args:
        comparison: Of any number of models.

    Returns:
        In the order of the leaderboard; none where nothing was tested.
    """
    tested = testable_models(comparison)
    highest = min((model.tier for model in tested), default=1)
    return [model for model in tested if model.tier == highest]


def find_winner(pair: PairResult) -> str:
    """The name of the better model; empty where neither is shown to be better."""
    return {"a better": pair.a, "b better": pair.b}.get(pair.verdict, "")
