"""A weighted sum of several models' means, with the variance of the question that is asked.

`compare_summaries` answers "A minus B". Attribution needs averages of such differences over many pairs of models, and
claims about error rates need "error of A minus 0.55 times error of B": both are contrasts, and the crossed variance
(seeds nested in models, images shared by all) carries over with the weights squared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy import special

from bakeoff.spec.values import Estimate
from bakeoff.stats.interval import check_level, check_target, normal_quantile, t_quantile
from bakeoff.stats.summary import ScoreSummary, crossed_variance, sample_variance

TINY = float(np.finfo(np.float64).tiny)


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


class _Spread(NamedTuple):
    """Variance of the contrast and its degrees of freedom; NaN where there is no test."""

    variance: float
    degrees_of_freedom: float
    method: str


class _Room(NamedTuple):
    """The values that a contrast can take on a single image, and the number of images."""

    lowest: float
    highest: float
    images: int


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
      freedom (N-1 if no run mean varies). Without any variance, Wilson's bound for an image unlike all those seen.
    - `this_test_set`: `seed`, t with Welch-Satterthwaite degrees of freedom. If no run mean varies, `residual` with the
      fewest runs less 1; if that is 0 too there is no test (NaN).

    With weights (1, -1) this is `compare_summaries`. One model with a single run makes interval and tests NaN.

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

    >>> from bakeoff.stats.summary import summarize_scores
    >>> a = summarize_scores(np.array([[1, 1, 0, 1], [1, 1, 1, 1]]))
    >>> b = summarize_scores(np.array([[1, 0, 0, 1], [0, 1, 1, 1], [1, 1, 0, 0]]))
    >>> round(estimate_contrast([a, b], [1, -1]).estimate.value, 3)
    0.292

    Reference: Satterthwaite (1946), "An approximate distribution of estimates of variance components", Biometrics
    Bulletin 2; for the crossed variance see `compare_two`.
    """
    _check(summaries, weights, offset, target, level)
    spread = _spread(summaries, weights, target)
    value = sum(weight * summary.mean for summary, weight in zip(summaries, weights, strict=True)) + offset
    room = _Room(
        lowest=offset + sum(weight for weight in weights if weight < 0),
        highest=offset + sum(weight for weight in weights if weight > 0),
        images=summaries[0].images,
    )
    low, high = _interval(value, spread, room, level)
    estimate = Estimate(
        value=value,
        low=low,
        high=high,
        level=level,
        standard_error=math.sqrt(spread.variance) if spread.variance > 0 else math.nan,
        degrees_of_freedom=spread.degrees_of_freedom,
        method=spread.method,
        runs=sum(summary.runs for summary in summaries),
        images=room.images,
    )
    return Contrast(estimate, *_test(value, spread, room))


def _spread(summaries: Sequence[ScoreSummary], weights: Sequence[float], target: str) -> _Spread:
    fewest = min(summary.runs for summary in summaries)
    if fewest == 1:
        return _Spread(math.nan, math.nan, "one run: seed noise unknown; only these networks could be compared")
    seeds = [weight**2 * summary.seed_part for summary, weight in zip(summaries, weights, strict=True)]
    seed = sum(seeds)
    residual = sum(weight**2 * summary.residual_part for summary, weight in zip(summaries, weights, strict=True))
    squares = sum(part**2 / (summary.runs - 1) for summary, part in zip(summaries, seeds, strict=True))
    if target == "this_test_set":
        if squares > 0:
            return _Spread(seed, seed**2 / squares, "seeds on this test set, Welch t")
        if residual > 0:
            return _Spread(residual, fewest - 1.0, "seeds on this test set, t; equal run means: residual variance")
        return _Spread(math.nan, math.nan, "identical runs: no seed variance, no test")
    images, units = summaries[0].images, summaries[0].units
    variance = crossed_variance(seed, _item_part(summaries, weights), residual)
    if variance == 0:
        return _Spread(0.0, math.nan, f"Wilson's bound for {images} {units}; the same difference on every image")
    if squares == 0:
        return _Spread(variance, images - 1.0, f"{units}, t; equal run means: no seed variance")
    return _Spread(variance, variance**2 / squares, f"crossed seeds and {units}, t")


def _item_part(summaries: Sequence[ScoreSummary], weights: Sequence[float]) -> float:
    """Variance that the images give to the contrast."""
    combined = weights[0] * summaries[0].image_means
    for summary, weight in zip(summaries[1:], weights[1:], strict=True):
        combined = combined + weight * summary.image_means
    return sample_variance(combined) / combined.size


def _interval(value: float, spread: _Spread, room: _Room, level: float) -> tuple[float, float]:
    if math.isnan(spread.variance):
        return math.nan, math.nan
    if spread.variance == 0:
        squared = normal_quantile(level) ** 2
        other = squared / (room.images + squared)
        return value - other * (value - room.lowest), value + other * (room.highest - value)
    half = t_quantile(level, spread.degrees_of_freedom) * math.sqrt(spread.variance)
    return max(room.lowest, value - half), min(room.highest, value + half)


def _test(value: float, spread: _Spread, room: _Room) -> tuple[float, float, float]:
    """Statistic, two-sided and one-sided p-value that agree with `_interval`."""
    if math.isnan(spread.variance):
        return math.nan, math.nan, math.nan
    if spread.variance == 0:
        beyond = -room.lowest if value > 0 else room.highest  # the room on the other side of 0
        t = math.copysign(math.sqrt(room.images * abs(value) / beyond) if beyond > 0 else math.inf, value)
        t = t if value else 0.0
        lower, upper = float(special.ndtr(-abs(t))), float(special.ndtr(-t))
    else:
        t = value / math.sqrt(spread.variance)
        lower = float(special.stdtr(spread.degrees_of_freedom, -abs(t)))
        upper = float(special.stdtr(spread.degrees_of_freedom, -t))
    return t, max(2 * lower, TINY), max(upper, TINY)


def _check(
    summaries: Sequence[ScoreSummary], weights: Sequence[float], offset: float, target: str, level: float
) -> None:
    check_target(target)
    check_level(level)
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
