"""A mean over runs of something that is not a share of images, such as a loss."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from bakeoff.spec.values import Estimate
from bakeoff.stats.interval import check_level, check_run_values, t_quantile
from bakeoff.stats.summary import IDENTICAL_RUNS, ONE_RUN, sample_variance


def estimate_run_mean(values: Float[np.ndarray, " seeds"], *, images: int, level: float = 0.95) -> Estimate:
    """Mean over runs on this test set, with Student's t interval.

    Args:
        values: One number per run, in any unit.
        images: Number of test images behind each of them.
        level: Confidence level in (0, 1).

    Returns:
        The estimate; with a single run, or equal values, its interval is NaN: nothing is known about other seeds.

    Raises:
        ValueError: If there is no run, a number is not finite, or the level is outside (0, 1).

    >>> estimate = estimate_run_mean(np.array([0.10, 0.12, 0.14]), images=1000)
    >>> round(estimate.value, 3), round(estimate.low, 4), round(estimate.high, 4)
    (0.12, 0.0703, 0.1697)
    """
    check_level(level)
    values = check_run_values(values, name="values")
    runs, mean = len(values), float(values.mean())
    error = math.sqrt(sample_variance(values) / runs) or math.nan if runs > 1 else math.nan
    half = t_quantile(level, runs - 1.0) * error if error > 0 else math.nan
    doubt = ONE_RUN if runs == 1 else IDENTICAL_RUNS
    return Estimate(
        value=mean,
        low=mean - half,
        high=mean + half,
        level=level,
        standard_error=error,
        degrees_of_freedom=runs - 1.0,
        method="seeds on this test set, t" if error > 0 else doubt,
        runs=runs,
        images=images,
    )
