"""What the formulas need to know of one model: computed once, used in every comparison that the model enters.

A matrix of scores (30 seeds x 10,000 images) is read a single time; the two-way analysis of variance and the pairwise
comparisons work on its margins only, so that judging 17 models costs 17 summaries and 136 cheap comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Real

ROUNDING = 1e-12
"""Scores lie in [0, 1]; spreads below this are floating-point rounding, not variance."""

Scores = Real[np.ndarray, "seeds examples"] | Bool[np.ndarray, "seeds examples"]
"""Per run and test image: 1 for a hit and 0 for an error, or a share of hits in between."""


@dataclass(frozen=True, eq=False)
class ScoreSummary:
    """The margins of one model's scores and the mean squares of their two-way layout.

    Attributes:
        run_means: Mean score of each run.
        image_means: Mean score of each image over the runs.
        run_variance: Variance of the run means (ddof 1); NaN for a single run.
        residual_variance: Seed x image mean square; NaN for a single run.
        is_binary: Whether every score is 0 or 1.
    """

    run_means: Float[np.ndarray, " seeds"]
    image_means: Float[np.ndarray, " examples"]
    run_variance: float
    residual_variance: float
    is_binary: bool

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.run_means.size)

    @property
    def images(self) -> int:
        """Number of test images."""
        return int(self.image_means.size)

    @property
    def mean(self) -> float:
        """Mean score over runs and images."""
        return float(self.image_means.mean())

    @property
    def seed_part(self) -> float:
        """Variance of the mean that the runs show: `run_variance / runs`."""
        return self.run_variance / self.runs

    @property
    def residual_part(self) -> float:
        """Variance of the mean by seed x image noise: `residual_variance / (runs * images)`."""
        return self.residual_variance / (self.runs * self.images)

    @property
    def seed_variance(self) -> float:
        """Unbiased variance of the true accuracy between runs; it may come out negative.

        This is equation 3 of Jordan, "On the Variance of Neural Network Training with respect to Test Sets and
        Distributions" (arXiv 2304.01910): the part of the run variance that independent errors do not explain.
        """
        return self.run_variance - self.residual_variance / self.images


def summarize_scores(scores: Scores) -> ScoreSummary:
    """Reduce one model's scores to what intervals and comparisons need.

    Args:
        scores: Per run and image, in [0, 1]; for a k-fold model the per-seed average over its folds.

    Returns:
        Margins and mean squares.

    Raises:
        ValueError: If the scores are not two-dimensional, hold no run or fewer than two images, or leave [0, 1].

    >>> summary = summarize_scores(np.array([[1, 1, 0, 1], [1, 0, 0, 1]]))
    >>> summary.run_means.tolist(), summary.image_means.tolist()
    ([0.75, 0.5], [1.0, 0.5, 0.0, 1.0])
    """
    scores = _checked(scores)
    run_variance, residual_variance = _mean_squares(scores)
    return ScoreSummary(
        run_means=scores.mean(axis=1),
        image_means=scores.mean(axis=0),
        run_variance=run_variance,
        residual_variance=residual_variance,
        is_binary=bool(((scores == 0) | (scores == 1)).all()),
    )


def sample_variance(values: Float[np.ndarray, " n"]) -> float:
    """Variance with ddof 1 that is exactly zero for equal values, whatever their rounding.

    >>> sample_variance(np.full(3, 0.1))
    0.0
    """
    shifted = values - values[0]
    return float(shifted.var(ddof=1)) if np.abs(shifted).max() > ROUNDING else 0.0


def _mean_squares(scores: Float[np.ndarray, "seeds examples"]) -> tuple[float, float]:
    """Variance of the run means and residual mean square; relative to the first run, so that equal runs give 0."""
    runs, images = scores.shape
    if runs == 1:
        return np.nan, np.nan
    shifted = scores - scores[0]
    if max(shifted.max(), -shifted.min()) <= ROUNDING:
        return 0.0, 0.0
    image_shifts = shifted.mean(axis=0)
    within_images = (np.vdot(shifted, shifted) - runs * np.vdot(image_shifts, image_shifts)) / (runs - 1)
    run_variance = sample_variance(shifted.mean(axis=1))
    return run_variance, max(0.0, float(within_images - images * run_variance) / (images - 1))


def _checked(scores: Scores) -> Float[np.ndarray, "seeds examples"]:
    array = np.asarray(scores)
    if array.ndim != 2:
        raise ValueError(
            f"scores must have two axes (seeds, examples), received shape {array.shape}; "
            "for a single run pass scores[np.newaxis, :]"
        )
    if array.shape[0] < 1 or array.shape[1] < 2:
        raise ValueError(f"scores must hold at least 1 run and 2 images, received {array.shape[0]} x {array.shape[1]}")
    array = array.astype(np.float64)
    lowest, highest = array.min(), array.max()  # NaN if any score is
    if np.isnan(lowest):
        raise ValueError(
            f"scores must be numbers, received NaN in {int(np.isnan(array).any(axis=1).sum())} of {len(array)} runs; "
            "leave failed runs out and report them as failed"
        )
    if lowest < 0 or highest > 1:
        raise ValueError(f"scores must lie in [0, 1], received values from {lowest:g} to {highest:g}")
    return array
