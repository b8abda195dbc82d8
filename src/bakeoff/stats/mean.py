"""The accuracy of one model, with an interval for the question that is asked.

Seeds and images are both samples. "If I train again, on these same images" (`this_test_set`) lets the seeds vary;
"if I train again and meet new images of the same kind" (`new_images`) lets both vary, and needs the crossed variance.
"""

from __future__ import annotations

import math
from typing import Literal

from bakeoff.spec.values import Estimate
from bakeoff.stats.interval import check_level, check_target, normal_quantile, t_quantile, wilson_interval
from bakeoff.stats.summary import (
    IDENTICAL_RUNS,
    ONE_RUN,
    ROUNDING,
    Clusters,
    Scores,
    ScoreSummary,
    crossed_variance,
    summarize_scores,
)

FEW_ERRORS = 10
"""Below this many effective errors (or hits) the t interval gives way to Wilson's; STATISTICS of the project, 1.1."""

# low, high, standard error, degrees of freedom, method
_Interval = tuple[float, float, float, float, str]


def estimate_mean(
    scores: Scores,
    *,
    target: Literal["new_images", "this_test_set"] = "new_images",
    level: float = 0.95,
    clusters: Clusters | None = None,
) -> Estimate:
    """Mean score of one model with its confidence interval.

    With R runs, N images, S2A the variance of the run means, S2B that of the image means and MSE the seed x image mean
    square, the variance of the mean is

    - `this_test_set`: `V = S2A/R`, t with R-1 degrees of freedom.
    - `new_images`: `V = max(S2A/R + S2B/N - MSE/(R N), S2A/R, S2B/N)`, t with `V^2 / ((S2A/R)^2/(R-1))` degrees of
      freedom (N-1 if S2A is 0). With fewer than 10 effective errors or hits, `min(p, 1-p) * n` with
      `n = min(p(1-p)/V, N)`, or where the t interval would leave [0, 1], Wilson's interval for n observations and the
      same t quantile. Without any variance (100 % in every run), Wilson's for N observations. More than N observations
      are never claimed: a rare kind of image that the test set lacks shows in no run.

    Where that V is 0 although the predictions differ from run to run, `MSE/(R N)` takes its place, with R-1 degrees of
    freedom. A single run, or runs that got the very same images right, know nothing of other seeds: `new_images` gives
    an interval for this network only and says so in `method`; `this_test_set` gives NaN.

    Args:
        scores: Hits (1) and errors (0), or shares in [0, 1], per run and image.
        target: What varies: "new_images" (seeds and images) or "this_test_set" (seeds only).
        level: Confidence level in (0, 1).
        clusters: For each image the number of the writer, patient or scene it comes from. New images are then images
            of new clusters: N above is the number of clusters, `Estimate.images` too.

    Returns:
        The estimate, its interval within [0, 1].

    Raises:
        ValueError: If an argument is not as described.

    >>> import numpy as np
    >>> estimate = estimate_mean(np.array([[1, 1, 0, 1, 1, 1, 0, 1], [0, 1, 0, 1, 1, 1, 1, 1]]), target="this_test_set")
    >>> estimate.value, estimate.method
    (0.75, 'seeds on this test set, t; equal run means: residual variance')

    Reference: two-way random effects as in multi-reader multi-case studies; Hillis (2007), "A comparison of denominator
    degrees of freedom methods for multiple observer ROC analysis", Statistics in Medicine 26.
    """
    return estimate_from_summary(summarize_scores(scores, clusters=clusters), target=target, level=level)


def estimate_from_summary(
    summary: ScoreSummary, *, target: Literal["new_images", "this_test_set"] = "new_images", level: float = 0.95
) -> Estimate:
    """`estimate_mean` for scores that are summarised already.

    Args:
        summary: From `summarize_scores`.
        target: As for `estimate_mean`.
        level: As for `estimate_mean`.

    Returns:
        The estimate.

    Raises:
        ValueError: If target or level are not as described.
    """
    check_target(target)
    check_level(level)
    interval = _on_this_test_set if target == "this_test_set" else _on_new_images
    low, high, standard_error, degrees_of_freedom, method = interval(summary, level)
    return Estimate(
        value=summary.mean,
        low=low,
        high=high,
        level=level,
        standard_error=standard_error,
        degrees_of_freedom=degrees_of_freedom,
        method=method,
        runs=summary.runs,
        images=summary.images,
    )


def _on_this_test_set(summary: ScoreSummary, level: float) -> _Interval:
    if summary.runs == 1 or summary.identical:
        return math.nan, math.nan, math.nan, math.nan, _doubt(summary)
    variance, method = summary.seed_part, "seeds on this test set, t"
    if variance == 0:
        variance, method = summary.residual_part, f"{method}; equal run means: residual variance"
    standard_error, degrees_of_freedom = math.sqrt(variance), float(summary.runs - 1)
    half = t_quantile(level, degrees_of_freedom) * standard_error
    return (
        max(0.0, summary.mean - half),
        min(1.0, summary.mean + half),
        standard_error,
        degrees_of_freedom,
        method,
    )


def _on_new_images(summary: ScoreSummary, level: float) -> _Interval:
    if summary.runs == 1 or summary.identical:
        return _for_one_network(summary, level)
    seed_part, units = summary.seed_part, summary.units
    variance = crossed_variance(seed_part, summary.item_part, summary.residual_part)
    if variance == 0:
        method = f"seeds and {units}, t; equal run means: residual variance"
        return _bounded(summary, level, summary.residual_part, summary.runs - 1.0, method)
    if seed_part == 0:
        method = f"{units}, t; equal run means: no seed variance"
        return _bounded(summary, level, variance, summary.images - 1.0, method)
    degrees_of_freedom = (summary.runs - 1) * (variance / seed_part) ** 2
    return _bounded(summary, level, variance, degrees_of_freedom, f"crossed seeds and {units}, t")


def _for_one_network(summary: ScoreSummary, level: float) -> _Interval:
    """From the images alone: one run, or several that are one network all over again."""
    doubt, share, images = _doubt(summary), min(1.0, max(0.0, summary.mean)), float(summary.images)
    if summary.is_binary or summary.item_part == 0:
        low, high = wilson_interval(share, n=images, quantile=normal_quantile(level))
        return low, high, math.sqrt(share * (1 - share) / images) or math.nan, math.nan, f"Wilson; {doubt}"
    return _bounded(summary, level, summary.item_part, images - 1, f"{summary.units}, t; {doubt}")


def _doubt(summary: ScoreSummary) -> str:
    return ONE_RUN if summary.runs == 1 else IDENTICAL_RUNS


def _bounded(summary: ScoreSummary, level: float, variance: float, degrees_of_freedom: float, method: str) -> _Interval:
    """A t interval where there is room for it, else Wilson's: never beyond [0, 1], never without width."""
    share = min(1.0, max(0.0, summary.mean))
    quantile, standard_error = t_quantile(level, degrees_of_freedom), math.sqrt(variance)
    low, high = share - quantile * standard_error, share + quantile * standard_error
    effective = min(share * (1 - share) / variance, float(summary.images))  # runs cannot show images that are not there
    if min(share, 1 - share) * effective < FEW_ERRORS or low < -ROUNDING or high > 1 + ROUNDING:
        low, high = wilson_interval(share, n=effective, quantile=quantile)
        method = method.replace(", t", ", Wilson for few errors", 1)
    return max(0.0, low), min(1.0, high), standard_error, degrees_of_freedom, method
