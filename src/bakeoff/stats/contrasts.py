"""A weighted sum of several models' means, with the variance of the question that is asked.

`compare_summaries` answers "A minus B". Attribution needs averages of such differences over many pairs of models, and
claims about error rates need "error of A minus 0.55 times error of B": both are contrasts, and the crossed variance
(seeds nested in models, images shared by all) carries over with the weights squared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bakeoff.spec.values import Estimate
from bakeoff.stats.interval import check_level, check_target
from bakeoff.stats.spread import estimate_spread, nested_parts, spread_interval, two_sided, upper_tail
from bakeoff.stats.summary import ScoreSummary


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of means and its test.

    Attributes:
        estimate: The weighted sum, offset included, with its interval.
        t: The estimate in standard errors; NaN where there is no test.
        p: Two-sided p-value of "the contrast is 0", never 0; NaN where there is no test.
        p_one_sided: P-value of "the contrast is at most 0", small where it is surely positive, never 0; NaN where there
            is no test.
    """

    estimate: Estimate
    t: float
    p: float
    p_one_sided: float


def estimate_contrast(
    summaries: Sequence[ScoreSummary],
    weights: Sequence[float],
    *,
    offset: float = 0.0,
    target: Literal["new_images", "this_test_set"] = "new_images",
    level: float = 0.95,
) -> Contrast:
    """Estimate `offset + sum_m w_m mean_m` over models that were scored on the same images.

    With `seed = sum w^2 S2A/R`, `item = var_j(sum_m w_m p_mj)/N` and `residual = sum w^2 MSE/(R N)`, the variance is

    - `new_images`: `V = max(seed + item - residual, seed, item)`, t with `V^2 / sum((w^2 S2A/R)^2/(R-1))` degrees of
      freedom (N-1 if no run mean varies).
    - `this_test_set`: `V = seed`, t with Welch-Satterthwaite degrees of freedom.

    Where that V is 0 although the predictions differ from run to run, `residual` takes its place, with the fewest runs
    less 1. With weights (1, -1) this is `compare_summaries`. One model with a single run, or with runs that got the
    very same images right, makes interval and tests NaN: nothing is known about its other seeds.

    Args:
        summaries: From `summarize_scores`, one per model, all on the same images in the same order.
        weights: One per model, not 0. To contrast error rates, weigh the accuracies with the opposite sign and give
            what the ones add up to as `offset`: `error_a - 0.55 error_b` has weights (-1, 0.55) and offset 0.45.
        offset: A known number that is added to the weighted sum.
        target: What varies: "new_images" (seeds and images) or "this_test_set" (seeds only).
        level: Confidence level in (0, 1).

    Returns:
        The estimate and its tests against 0.

    Raises:
        ValueError: If an argument is not as described or the numbers of images differ.

    >>> import numpy as np
    >>> from bakeoff.stats.summary import summarize_scores
    >>> a = summarize_scores(np.array([[1, 1, 0, 1], [1, 1, 1, 1]]))
    >>> b = summarize_scores(np.array([[1, 0, 0, 1], [0, 1, 1, 1], [1, 1, 0, 0]]))
    >>> round(estimate_contrast([a, b], [1, -1]).estimate.value, 3)
    0.292

    Reference: Satterthwaite (1946), "An approximate distribution of estimates of variance components", Biometrics
    Bulletin 2; for the crossed variance see `compare_two`.
    """
    check_target(target)
    check_level(level)
    check_contrast(summaries, weights, offset)
    spread = estimate_spread(nested_parts(summaries, weights), target)
    value = sum(weight * summary.mean for summary, weight in zip(summaries, weights, strict=True)) + offset
    lowest, highest = (offset + sum(side(0.0, weight) for weight in weights) for side in (min, max))
    low, high = spread_interval(value, spread, level, lowest=lowest, highest=highest)
    estimate = Estimate(
        value=value,
        low=low,
        high=high,
        level=level,
        standard_error=math.sqrt(spread.variance),
        degrees_of_freedom=spread.degrees_of_freedom,
        method=spread.method,
        runs=sum(summary.runs for summary in summaries),
        images=summaries[0].images,
    )
    return Contrast(estimate, *two_sided(value, spread), upper_tail(value, spread))


def check_contrast(summaries: Sequence[ScoreSummary], weights: Sequence[float], offset: float) -> None:
    """Refuse what is no weighted sum of models on the same images.

    Raises:
        ValueError: If weights are missing, 0 or no numbers, or the models were scored on other images.
    """
    if not summaries or len(summaries) != len(weights):
        raise ValueError(
            f"a contrast needs one weight per model, received {len(weights)} weights for {len(summaries)} models"
        )
    if not all(math.isfinite(weight) and weight != 0 for weight in weights) or not math.isfinite(offset):
        raise ValueError(
            f"weights must be numbers other than 0 and offset a number, received {list(weights)} and {offset}; "
            "leave models out that have no part in the contrast"
        )
    images = sorted({summary.images for summary in summaries})
    if len(images) > 1:
        raise ValueError(f"all models must be scored on the same images, received {images} images")
    if len(units := sorted({summary.units for summary in summaries})) > 1:
        raise ValueError(f"all models must be summarised with the same clusters, received {units}")
