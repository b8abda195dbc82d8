"""What the formulas need to know of one model: computed once, used in every comparison that the model enters.

A matrix of scores (30 seeds x 10,000 images) is read a single time; the two-way analysis of variance and the pairwise
comparisons work on its margins only, so that judging 17 models costs 17 summaries and 136 cheap comparisons.

Images by the same writer, or of the same patient, are no independent images. Given cluster ids, the clusters take the
place of the images: their number is what an interval rests on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Real

ROUNDING = 1e-12
"""Scores lie in [0, 1]; spreads below this are floating-point rounding, not variance."""

ONE_RUN = "one run: nothing is known about other seeds"
IDENTICAL_RUNS = "identical runs: nothing is known about other seeds"

Scores = Real[np.ndarray, "seeds examples"] | Bool[np.ndarray, "seeds examples"]
"""Per run and test image: 1 for a hit and 0 for an error, or a share of hits in between."""

Clusters = Int[np.ndarray, " examples"]
"""Per test image the number of the cluster that it belongs to, such as its writer."""


@dataclass(frozen=True, eq=False)
class ScoreSummary:
    """The margins of one model's scores and the mean squares of their two-way layout.

    Attributes:
        run_means: Mean score of each run.
        image_means: Mean score of each image over the runs.
        run_variance: Variance of the run means (ddof 1); NaN for a single run.
        residual_variance: Seed x image mean square; NaN for a single run.
        is_binary: Whether every score is 0 or 1.
        units: What the places of `image_means` are: "images", or "clusters of images".
    """

    run_means: Float[np.ndarray, " seeds"]
    image_means: Float[np.ndarray, " examples"]
    run_variance: float
    residual_variance: float
    is_binary: bool
    units: str = "images"

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.run_means.size)

    @property
    def images(self) -> int:
        """Number of test images, or of their clusters."""
        return int(self.image_means.size)

    @property
    def identical(self) -> bool:
        """Whether several runs got the very same images right: then they tell nothing about other seeds."""
        return self.runs > 1 and self.run_variance == 0 and self.residual_variance == 0

    @property
    def mean(self) -> float:
        """Mean score over runs and images."""
        return float(self.image_means.mean())

    @property
    def seed_part(self) -> float:
        """Variance of the mean that the runs show: `run_variance / runs`."""
        return self.run_variance / self.runs

    @property
    def item_part(self) -> float:
        """Variance of the mean that the images show: variance of `image_means` over their number."""
        return sample_variance(self.image_means) / self.images

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


def summarize_scores(scores: Scores, *, clusters: Clusters | None = None) -> ScoreSummary:
    """Reduce one model's scores to what intervals and comparisons need.

    With clusters, what an image contributes beyond the mean score is summed within each cluster and scaled by
    `clusters/examples`, so that run means and mean stay what they are; everything after that treats the C clusters as
    the images. In clusters of equal size that is the mean score of each cluster. In uneven ones it may lie outside
    [0, 1], and clusters that differ in size only show no variance.

    Args:
        scores: Per run and image, in [0, 1]; for a k-fold model the per-seed average over its folds.
        clusters: For each image the number of the writer, patient or scene it comes from; None if all are independent.

    Returns:
        Margins and mean squares.

    Raises:
        ValueError: If the scores are not two-dimensional, hold no run or fewer than two images, or leave [0, 1], or if
            `clusters` does not give every image a cluster, or only a single one.

    >>> summary = summarize_scores(np.array([[1, 1, 0, 1], [1, 0, 0, 1]]))
    >>> summary.run_means.tolist(), summary.image_means.tolist()
    ([0.75, 0.5], [1.0, 0.5, 0.0, 1.0])
    >>> summarize_scores(np.array([[1, 1, 0, 1], [1, 0, 0, 1]]), clusters=np.array([7, 7, 8, 8])).image_means.tolist()
    [0.75, 0.5]

    Reference: Cochran (1977), "Sampling Techniques", 3rd ed., chapter 9A: clusters of unequal sizes, ratio to size.
    """
    scores = _checked(scores)
    return _summarize(scores, clusters, is_binary=bool(((scores == 0) | (scores == 1)).all()))


def summarize_differences(a: Scores, b: Scores, *, clusters: Clusters | None = None) -> ScoreSummary:
    """Reduce the scores of two models whose seeds are paired to one layout: run s of A minus run s of B.

    Args:
        a: Scores in [0, 1] of the first model per run and image.
        b: Scores of the second model: the same images in the same order, and as many runs, run s sharing with run s of
            A whatever pairs them (first weights, order of the data).
        clusters: As for `summarize_scores`.

    Returns:
        The summary of the differences, which lie in [-1, 1].

    Raises:
        ValueError: As `summarize_scores`, or if the two differ in runs or images.

    >>> summarize_differences(np.array([[1, 1], [1, 0]]), np.array([[0, 1], [1, 0]])).run_means.tolist()
    [0.5, 0.0]
    """
    a, b = _checked(a), _checked(b)
    if a.shape != b.shape:
        raise ValueError(
            f"paired seeds need as many runs of a as of b, on the same images, received {a.shape[0]} runs x "
            f"{a.shape[1]} images for a and {b.shape[0]} x {b.shape[1]} for b; without paired seeds the runs may differ"
        )
    return _summarize(a - b, clusters, is_binary=False)


def crossed_variance(seed: float, item: float, residual: float) -> float:
    """Variance over new seeds and new images: unbiased, but never below what seeds or images alone show.

    >>> crossed_variance(3.0, 2.0, 1.0), crossed_variance(3.0, 1.0, 2.0)
    (4.0, 3.0)
    """
    return max(seed + item - residual, seed, item)


def sample_variance(values: Float[np.ndarray, " n"]) -> float:
    """Variance with ddof 1 that is exactly zero for equal values, whatever their rounding.

    >>> sample_variance(np.full(3, 0.1))
    0.0
    """
    shifted = values - values[0]
    return float(shifted.var(ddof=1)) if np.abs(shifted).max() > ROUNDING else 0.0


def _summarize(
    scores: Float[np.ndarray, "seeds examples"], clusters: Clusters | None, *, is_binary: bool
) -> ScoreSummary:
    run_means, units = scores.mean(axis=1), "images"
    if clusters is not None:
        members = _members(clusters, scores.shape[1])
        if len(members) < scores.shape[1]:
            scores, units, is_binary = _by_cluster(scores, members), "clusters of images", False
    run_variance, residual_variance = _mean_squares(scores)
    return ScoreSummary(
        run_means=run_means,
        image_means=scores.mean(axis=0),
        run_variance=run_variance,
        residual_variance=residual_variance,
        is_binary=is_binary,
        units=units,
    )


def _members(clusters: Clusters, images: int) -> list[Int[np.ndarray, " _"]]:
    """The images of each cluster."""
    clusters = np.asarray(clusters)
    if clusters.shape != (images,):
        raise ValueError(f"clusters must hold one number per image, {images} in all, received shape {clusters.shape}")
    order = np.argsort(clusters, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
    if len(members) < 2:
        raise ValueError(f"clusters must be at least 2, received one cluster that holds all {images} images")
    return members


def _by_cluster(
    scores: Float[np.ndarray, "seeds examples"], members: list[Int[np.ndarray, " _"]]
) -> Float[np.ndarray, "seeds clusters"]:
    mean = scores.mean()
    beyond = np.stack([(scores[:, images] - mean).sum(axis=1) for images in members], axis=1)  # seeds, clusters
    scaled: Float[np.ndarray, "seeds clusters"] = mean + beyond * (len(members) / scores.shape[1])
    return scaled


def _mean_squares(scores: Float[np.ndarray, "seeds examples"]) -> tuple[float, float]:
    """Variance of the run means and residual mean square; relative to the first run, so that equal runs give 0."""
    runs, images = scores.shape
    if runs == 1:
        return np.nan, np.nan
    shifted = scores - scores[0]
    if max(shifted.max(), -shifted.min()) <= ROUNDING:
        return 0.0, 0.0
    image_shifts = shifted.mean(axis=0)
    total = float(np.square(shifted).sum())  # not np.vdot, whose threads take 30 times as long on a busy machine
    within_images = (total - runs * float(np.square(image_shifts).sum())) / (runs - 1)
    run_variance = sample_variance(shifted.mean(axis=1))
    return run_variance, max(0.0, within_images - images * run_variance) / (images - 1)


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
