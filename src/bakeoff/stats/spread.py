"""The variance of a weighted sum of mean scores, and the interval and the tests that follow from it.

A comparison of two models and a contrast of many differ in what they weigh, not in what varies: the seeds, nested in
models, and the images, which all models share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from bakeoff.stats.interval import never_zero, t_quantile
from bakeoff.stats.summary import IDENTICAL_RUNS, ScoreSummary, crossed_variance, sample_variance

ONE_RUN = "one run: seed noise unknown; only these two networks could be compared"


class Parts(NamedTuple):
    """What the variance is made of.

    Attributes:
        seed: What the runs contribute.
        item: What the images contribute.
        residual: What seed x image noise contributes.
        squares: Sum of the squared seed parts over their degrees of freedom.
        fewest: Runs of the model with the fewest.
        identical: Whether the runs of a model, or the pairs of runs, are all alike.
        images: Number of images, or of their clusters.
        units: What these are called.
        seeds: What the seeds are called.
        test: What the test on this test set is called.
    """

    seed: float
    item: float
    residual: float
    squares: float
    fewest: int
    identical: bool
    images: int
    units: str
    seeds: str = "seeds"
    test: str = "Welch t"


class Spread(NamedTuple):
    """Variance and its degrees of freedom; both NaN where there is no test."""

    variance: float
    degrees_of_freedom: float
    method: str


def nested_parts(summaries: Sequence[ScoreSummary], weights: Sequence[float]) -> Parts:
    """Parts of a weighted sum of models whose seeds have nothing to do with each other.

    Args:
        summaries: From `summarize_scores`, all on the same images in the same order.
        weights: One per model.

    Returns:
        The parts; all but `item` NaN if a model has a single run.
    """
    seeds = [weight**2 * summary.seed_part for summary, weight in zip(summaries, weights, strict=True)]
    images = np.sum([weight * summary.image_means for summary, weight in zip(summaries, weights, strict=True)], axis=0)
    fewest = min(summary.runs for summary in summaries)
    parts = zip(summaries, seeds, strict=True)
    return Parts(
        seed=sum(seeds),
        item=sample_variance(images) / summaries[0].images,
        residual=sum(weight**2 * summary.residual_part for summary, weight in zip(summaries, weights, strict=True)),
        squares=sum(part**2 / (summary.runs - 1) for summary, part in parts) if fewest > 1 else math.nan,
        fewest=fewest,
        identical=any(summary.identical for summary in summaries),
        images=summaries[0].images,
        units=summaries[0].units,
    )


def paired_parts(differences: ScoreSummary, *, identical: bool) -> Parts:
    """Parts of the difference of two models whose runs come in pairs: a pair is one run of the difference.

    Args:
        differences: From `summarize_differences`.
        identical: Whether the runs of one of the models are all alike.

    Returns:
        The parts.
    """
    runs = differences.runs
    return Parts(
        seed=differences.seed_part,
        item=differences.item_part,
        residual=differences.residual_part,
        squares=differences.seed_part**2 / (runs - 1) if runs > 1 else math.nan,
        fewest=runs,
        identical=identical or differences.identical,
        images=differences.images,
        units=differences.units,
        seeds="paired seeds",
        test="t",
    )


def estimate_spread(parts: Parts, target: str) -> Spread:
    """Variance for the question that is asked.

    Args:
        parts: From `nested_parts` or `paired_parts`.
        target: "new_images" or "this_test_set".

    Returns:
        NaN for one run and for identical runs, which say nothing about other seeds. Where neither runs nor images show
        any variance although the predictions differ, the residual part stands in, with the fewest runs less 1.
    """
    if parts.fewest == 1:
        return Spread(math.nan, math.nan, ONE_RUN)
    if parts.identical:
        return Spread(math.nan, math.nan, IDENTICAL_RUNS)
    here = target == "this_test_set"
    variance = parts.seed if here else crossed_variance(parts.seed, parts.item, parts.residual)
    if variance == 0:
        where = f"{parts.seeds} on this test set" if here else f"{parts.seeds} and {parts.units}"
        return Spread(parts.residual, parts.fewest - 1.0, f"{where}, t; equal run means: residual variance")
    if parts.squares == 0:
        return Spread(variance, parts.images - 1.0, f"{parts.units}, t; equal run means: no seed variance")
    method = f"{parts.seeds} on this test set, {parts.test}" if here else f"crossed {parts.seeds} and {parts.units}, t"
    return Spread(variance, variance**2 / parts.squares, method)


def spread_interval(
    value: float, spread: Spread, level: float, *, lowest: float, highest: float
) -> tuple[float, float]:
    """Student's t interval, cut to the values that are possible; NaN where there is no test."""
    half = t_quantile(level, spread.degrees_of_freedom) * math.sqrt(spread.variance)
    if math.isnan(half):
        return math.nan, math.nan
    return max(lowest, value - half), min(highest, value + half)


def upper_tail(value: float, spread: Spread) -> float:
    """P-value of "the true value is at most 0", never 0; NaN where there is no test."""
    return never_zero(float(special.stdtr(spread.degrees_of_freedom, -value / math.sqrt(spread.variance))))


def two_sided(value: float, spread: Spread) -> tuple[float, float]:
    """Student's t and the p-value of "the true value is 0", never 0; NaN where there is no test."""
    t = value / math.sqrt(spread.variance)
    return t, never_zero(2 * float(special.stdtr(spread.degrees_of_freedom, -abs(t))))
