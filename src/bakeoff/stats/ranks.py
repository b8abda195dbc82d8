"""Which of two models is better when some of their runs failed.

A mean with a t interval is meaningless once a run has collapsed: with 10 % failures, intervals from 5 runs cover the
truth in 41 % of studies. Ranks need no mean. A failed run comes last, tied with every other failed run, and the order
of the rest is known; whether that order could be chance is counted exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy import special

from bakeoff.spec.values import Estimate
from bakeoff.stats.interval import check_level, never_zero, normal_quantile
from bakeoff.stats.superiority import estimate_superiority

DIGITS = 12
"""Accuracies that differ only after this many decimals are tied."""

EXACT_RUNS = 120
"""Up to this many runs of both models together, p is counted; beyond, the normal approximation has three digits."""

BETA = 1e-4
"""Probability of the images' effect lying outside the range that is searched; added to p."""


@dataclass(frozen=True)
class Ranks:
    """The comparison of two models by the ranks of their runs.

    Attributes:
        p: Two-sided p-value of "equally good and equally reliable", never 0.
        smallest_p: The smallest p that these numbers of runs can reach at all, on this test set. Where it is above
            alpha, only more runs can decide.
        probability_a_better: Probability that one run of A beats one run of B on this test set; a failed run loses
            against a finished one and ties with a failed one.
        a_ahead: Whether that probability is above one half.
    """

    p: float
    smallest_p: float
    probability_a_better: Estimate
    a_ahead: bool


def compare_ranks(
    a: Float[np.ndarray, " seeds_a"],
    b: Float[np.ndarray, " seeds_b"],
    *,
    image_error: float = 0.0,
    images: int,
    level: float = 0.95,
) -> Ranks:
    """Compare two models by the ranks of their runs, failed runs last.

    The test permutes the runs between the models and counts how often the rank sum of A (Mann and Whitney's
    statistic; ties share their mean rank) is at least as high, and how often at least as low, as it is. p is twice the
    smaller share, so that each direction errs with probability alpha/2 at most.

    All runs are scored on one test set. On new images, all finished runs of A may shift against those of B; the size
    of that shift is unknown, with standard error `image_error`. After Berger and Boos, each direction is judged at the
    end of the range `+- z image_error` that is least favourable to it, `z` being the quantile that leaves out BETA,
    and BETA is added to p. A rank sum moves only one way with the shift, so that no shift between the ends gives a
    larger p. Failed runs do not shift.

    Args:
        a: Accuracies of A's runs in [0, 1]; minus infinity for a failed run.
        b: Accuracies of B's runs.
        image_error: Standard error that the images alone give to the difference of the finished runs; 0 for a claim
            about this test set.
        images: Number of test images, to be noted in the estimate.
        level: Confidence level of `probability_a_better`, in (0, 1).

    Returns:
        Test, its resolution and the probability of superiority.

    Raises:
        ValueError: If a model has no run, a score is neither in [0, 1] nor minus infinity, image_error is negative or
            not finite, or level lies outside (0, 1).

    >>> failed = -np.inf
    >>> ranks = compare_ranks(np.array([0.97, 0.98, 0.99, 0.97]), np.array([0.96, failed, 0.95, failed]), images=1000)
    >>> round(ranks.p, 4), round(ranks.smallest_p, 4), ranks.a_ahead
    (0.0286, 0.0286, True)

    References: Mann and Whitney (1947), "On a test of whether one of two random variables is stochastically larger
    than the other", Annals of Mathematical Statistics 18; Berger and Boos (1994), "P values maximized over a confidence
    set for the nuisance parameter", JASA 89.
    """
    check_level(level)
    if not (image_error >= 0 and math.isfinite(image_error)):
        raise ValueError(f"image_error must be a number of at least 0, such as 0.001, received {image_error}")
    a, b = _checked(a, "a"), _checked(b, "b")
    reach = normal_quantile(1 - BETA) * image_error
    p_a_better, p_b_better = _tails(a - reach, b)
    if reach > 0:
        _, p_b_better = _tails(a + reach, b)
    p = 2 * min(p_a_better, p_b_better) + (BETA if image_error > 0 else 0.0)
    superiority = _superiority(a, b, images=images, level=level)
    return Ranks(
        p=min(1.0, never_zero(p)),
        smallest_p=min(1.0, 2 / float(special.binom(a.size + b.size, a.size))),
        probability_a_better=superiority,
        a_ahead=superiority.value > 0.5,
    )


def _tails(a: Float[np.ndarray, " seeds_a"], b: Float[np.ndarray, " seeds_b"]) -> tuple[float, float]:
    """Probability, under permutation, of a rank sum of A as high as this one, and of one as low."""
    doubled = np.rint(2 * _mid_ranks(a, b)).astype(np.int64)  # mean ranks of ties end in .5
    if doubled.size > EXACT_RUNS:
        return _normal_tails(doubled / 2, a.size)
    doubled //= np.gcd.reduce(doubled)
    ways = _ways(doubled, a.size)
    observed = int(doubled[: a.size].sum())
    return float(ways[observed:].sum() / ways.sum()), float(ways[: observed + 1].sum() / ways.sum())


def _ways(doubled: Int[np.ndarray, " seeds"], chosen: int) -> Float[np.ndarray, " sums"]:
    """In how many ways `chosen` of these numbers add up to 0, 1, 2, ...: one number after the other."""
    ways = np.zeros((chosen + 1, int(doubled.sum()) + 1))  # how many are chosen, their sum
    ways[0, 0] = 1.0
    reached = 0
    for number in doubled.tolist():
        reached += number
        ways[1:, number : reached + 1] += ways[:-1, : reached + 1 - number].copy()
    return np.asarray(ways[chosen])


def _normal_tails(ranks: Float[np.ndarray, " seeds"], size: int) -> tuple[float, float]:
    """`_tails` for many runs: the permutation mean and variance of the rank sum, with continuity correction."""
    others = ranks.size - size
    variance = size * others / ranks.size * float(ranks.var(ddof=1))
    if variance == 0:
        return 1.0, 1.0
    above = float(ranks[:size].sum()) - size * float(ranks.mean())
    sd = math.sqrt(variance)
    return float(special.ndtr((0.5 - above) / sd)), float(special.ndtr((0.5 + above) / sd))


def _superiority(
    a: Float[np.ndarray, " seeds_a"], b: Float[np.ndarray, " seeds_b"], *, images: int, level: float
) -> Estimate:
    """From ranks in [0, 1] in place of scores, whose minus infinities cannot be subtracted."""
    ranks = _mid_ranks(a, b) / (a.size + b.size)
    return estimate_superiority(ranks[: a.size], ranks[a.size :], images=images, level=level)


def _mid_ranks(a: Float[np.ndarray, " seeds_a"], b: Float[np.ndarray, " seeds_b"]) -> Float[np.ndarray, " seeds"]:
    scores = np.concatenate([a, b]).round(DIGITS)
    below = (scores < scores[:, np.newaxis]).sum(axis=1)
    up_to = (scores <= scores[:, np.newaxis]).sum(axis=1)
    return np.asarray((below + up_to + 1) / 2)


def _checked(scores: Float[np.ndarray, " seeds"], name: str) -> Float[np.ndarray, " seeds"]:
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 1 or not scores.size:
        raise ValueError(f"{name} must hold one score per run, for at least one run, received shape {scores.shape}")
    wrong = scores[~(((scores >= 0) & (scores <= 1)) | np.isneginf(scores))]
    if wrong.size:
        raise ValueError(f"{name} must hold accuracies in [0, 1], or -inf for a failed run, received {wrong[0]:g}")
    return scores
