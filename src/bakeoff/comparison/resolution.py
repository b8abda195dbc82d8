"""What a study can decide, told before it is trained: the smallest difference that it will probably find.

A difference must stand out from two noises: that of the seeds, which more seeds shrink, and that of the test images,
which they do not. How large these are is known from earlier runs, or assumed from what is known of image classifiers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Int

from bakeoff.comparison.evidence import gather_evidence
from bakeoff.stats import (
    estimate_image_error,
    failure_rate,
    image_floor,
    minimum_detectable_difference,
    noether_runs,
    summarize_scores,
)
from bakeoff.store import Cell, Store

ALPHA = 0.05
POWER = 0.8
ASSUMED_ERROR = 0.02
SHORT_TRAINING = 4.0
"""Run-to-run standard deviation of a network trained too briefly over that of a converged one: 0.56 to 0.15 points for
4 and 64 epochs on CIFAR-10. Jordan, arXiv 2304.01910."""
MEANINGFUL_CHANCE = 0.75
"""A chance of winning above this is called meaningful; Bouthillier et al. (2021), "Accounting for variance in machine
learning benchmarks"."""

Basis = Literal["records", "converged", "short"]


@dataclass(frozen=True)
class Spread:
    """How much results vary.

    Attributes:
        basis: Earlier runs of these models in the store; or assumed for converged networks, or for short trainings.
        run_sd: Standard deviation of a model's accuracy on this test set from run to run, as a fraction.
        disagreement: Share of images on which two models differ, apart from what varies from run to run.
        error: The error rate that an assumption starts from; None for records.
        models: Number of models whose earlier runs tell; 0 for an assumption.
    """

    basis: Basis
    run_sd: float
    disagreement: float
    error: float | None = None
    models: int = 0


@dataclass(frozen=True)
class Resolution:
    """What a design can see if results vary so much.

    Attributes:
        spread: How much.
        this_test_set: Smallest true difference of two models on these images that is found with 80 % power.
        new_images: The same on new images of the same kind.
        floor: Half width of the interval of a difference on new images that no number of seeds can beat.
    """

    spread: Spread
    this_test_set: float
    new_images: float
    floor: float


@dataclass(frozen=True)
class Limits:
    """What a number of seeds cannot show, whatever comes out.

    Attributes:
        seeds: Of the model with the fewest.
        unseen_failure_rate: A model may fail this often although no run failed (one-sided, 95 %).
        smallest_rank_p: The smallest two-sided p-value that a comparison of ranks can give.
        detectable_sds: Smallest difference that one pair of models shows with 80 % power, in standard deviations of a
            run; None for a single seed.
        superiority_seeds: Seeds needed to deny that one model beats another in more than 75 % of runs.
    """

    seeds: int
    unseen_failure_rate: float
    smallest_rank_p: float
    detectable_sds: float | None
    superiority_seeds: int


def assume_spreads(*, error: float, images: int) -> tuple[Spread, Spread]:
    """What to expect of networks that nobody has trained yet: converged, and trained only briefly.

    A converged, calibrated network varies on N test images by `sqrt(error/(2N))` from run to run, which is nearly all
    due to the finite test set (for two classes; with k classes it is at least `sqrt(error/(kN))`). Two models are
    assumed to differ for good on as many images as one of them gets wrong.

    Args:
        error: Share of test images that a model gets wrong, in (0, 1).
        images: Number of test images.

    Returns:
        Converged, then short trainings.

    Raises:
        ValueError: If error lies outside (0, 1) or there is no image.

    >>> converged, short = assume_spreads(error=0.02, images=10_000)
    >>> converged.run_sd, short.run_sd
    (0.001, 0.004)

    Reference: Jordan, "On the Variance of Neural Network Training with respect to Test Sets and Distributions" (arXiv
    2304.01910), equation 6 and theorem 4.
    """
    if not 0 < error < 1:
        raise ValueError(f"error must lie strictly between 0 and 1, such as 0.02, received {error}")
    if images < 1:
        raise ValueError(f"images must be at least 1, received {images}")
    run_sd = math.sqrt(error / (2 * images))
    return (
        Spread("converged", run_sd, disagreement=error, error=error),
        Spread("short", SHORT_TRAINING * run_sd, disagreement=error, error=error),
    )


def recorded_spread(
    cells: Sequence[Cell], store: Store, *, labels: Int[np.ndarray, " examples"], classes: int
) -> Spread | None:
    """How much the runs in a store vary: root mean squares over models, and over their pairs.

    Args:
        cells: The models of a study on its data; twins are counted once.
        store: Where their runs may be.
        labels: Class of each test image, 0..classes-1.
        classes: Number of classes.

    Returns:
        The spread; None unless at least two models have two finished seeds each.

    Raises:
        StoreError: A record or its predictions are damaged.
    """
    distinct = {cell.key: cell for cell in cells}.values()
    gathered = [gather_evidence(cell, store, labels=labels, classes=classes) for cell in distinct]
    summaries = [summarize_scores(found.scores) for found in gathered if found and len(found.seeds) > 1]
    if len(summaries) < 2:
        return None
    errors = [estimate_image_error(a, b) for a, b in combinations(summaries, 2)]
    return Spread(
        basis="records",
        run_sd=_root_mean_square([math.sqrt(summary.run_variance) for summary in summaries]),
        disagreement=min(1.0, len(labels) * _root_mean_square(errors) ** 2),
        models=len(summaries),
    )


def resolve(spread: Spread, *, seeds: int, images: int, alpha: float) -> Resolution:
    """The smallest differences that a design finds with 80 % power.

    On new images the seeds' part and the images' part are added as squares, `sqrt(S^2 + I^2)`, where I is what is found
    with any number of seeds: `(z(1-alpha/2) + z(power)) / z(1-alpha/2)` times the floor. This is a little more than
    the exact value, because the images' part lends the test degrees of freedom that S does not have.

    Args:
        spread: How much results vary.
        seeds: Of each model, at least 2.
        images: Number of test images.
        alpha: Two-sided error rate of one pair, already corrected for the number of pairs.

    Returns:
        The differences as fractions.

    Raises:
        ValueError: If there are fewer than two seeds or alpha lies outside (0, 1).

    >>> resolution = resolve(assume_spreads(error=0.02, images=10_000)[0], seeds=5, images=10_000, alpha=0.05)
    >>> round(resolution.this_test_set, 5), round(resolution.floor, 5)
    (0.00202, 0.00277)
    """
    of_seeds = minimum_detectable_difference(spread.run_sd, runs=seeds, alpha=alpha, power=POWER)
    floor = image_floor(spread.disagreement, images=images, alpha=alpha)
    # image_floor at error rate a is z(1 - a/2) standard errors; z(power) of them are found in addition
    of_images = floor + image_floor(spread.disagreement, images=images, alpha=2 * (1 - POWER))
    return Resolution(spread, of_seeds, math.hypot(of_seeds, of_images), floor)


def limit_verdicts(seeds: int) -> Limits:
    """What this number of seeds cannot show.

    Args:
        seeds: Of each model, at least 1.

    Returns:
        The limits.

    >>> limits = limit_verdicts(3)
    >>> round(limits.unseen_failure_rate, 3), limits.smallest_rank_p, limits.superiority_seeds
    (0.632, 0.1, 29)
    """
    return Limits(
        seeds=seeds,
        unseen_failure_rate=failure_rate(0, seeds, level=1 - 2 * ALPHA).high,
        smallest_rank_p=2 / math.comb(2 * seeds, seeds),
        detectable_sds=minimum_detectable_difference(1.0, runs=seeds, alpha=ALPHA, power=POWER) if seeds > 1 else None,
        superiority_seeds=noether_runs(MEANINGFUL_CHANCE),
    )


def _root_mean_square(values: Sequence[float]) -> float:
    return math.sqrt(sum(value**2 for value in values) / len(values))
