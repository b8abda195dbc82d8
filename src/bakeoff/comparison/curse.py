"""The winner's curse: of many models that are equally good, the luckiest stands on top, and its mean flatters it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bakeoff.comparison.values import ModelResult
from bakeoff.stats import expected_maximum


@dataclass(frozen=True)
class WinnersCurse:
    """How much the best mean may owe to luck.

    Attributes:
        model: The model with the best mean.
        rivals: Number of models that may be the best, this one included.
        optimism: How far the highest of so many means lies above the truth on average, if they are all equally good; a
            fraction.
    """

    model: str
    rivals: int
    optimism: float


def weigh_luck(models: Sequence[ModelResult]) -> WinnersCurse | None:
    """What the leader's mean may owe to having been picked as the highest.

    With k equally good models whose means have independent normal errors of standard error s, the highest lies
    `s E[max of k standard normals]` above the truth. The images are common to all models and pick no winner, so s is
    that of the seeds on this test set.

    Args:
        models: The leaderboard, best first.

    Returns:
        The note; None where one model alone is in the first tier, or nothing is known about its spread.
    """
    contenders = [model for model in models if model.tier == 1 and model.accuracy_this_test_set]
    if len(contenders) < 2 or contenders[0].accuracy_this_test_set is None:
        return None
    error = contenders[0].accuracy_this_test_set.standard_error
    if math.isnan(error):
        return None
    mean, _ = expected_maximum(len(contenders))
    return WinnersCurse(contenders[0].name, len(contenders), error * mean)
