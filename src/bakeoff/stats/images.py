"""What a finite test set adds to a difference between two models, however many seeds there are."""

from __future__ import annotations

import math

from bakeoff.stats.summary import ScoreSummary, sample_variance


def estimate_image_error(a: ScoreSummary, b: ScoreSummary) -> float:
    """Standard error of the difference that comes from the images alone, and that more seeds cannot reduce.

    The variance of the per-image differences holds the seed x image noise too; it is taken out: `sqrt(max(0, var(D)/N -
    MSE_a/(R_a N) - MSE_b/(R_b N)))`. For a model with a single run that noise is not known and stays in.

    Args:
        a: From `summarize_scores`.
        b: From `summarize_scores`, same images in the same order.

    Returns:
        A fraction, at least 0.

    >>> import numpy as np
    >>> from bakeoff.stats.summary import summarize_scores
    >>> a, b = np.array([[1, 1, 1, 1], [1, 1, 1, 1]]), np.array([[1, 1, 0, 0], [1, 1, 0, 0]])
    >>> round(estimate_image_error(summarize_scores(a), summarize_scores(b)), 4)  # sqrt(0.25 * 4/3 / 4)
    0.2887
    """
    noise = sum(summary.residual_part for summary in (a, b) if summary.runs > 1)
    return math.sqrt(max(0.0, sample_variance(a.image_means - b.image_means) / a.images - noise))
