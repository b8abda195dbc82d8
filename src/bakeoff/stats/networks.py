"""Which of these very networks is better: two or more trained files, judged on the images alone.

The verdict holds for the networks at hand and says nothing about their recipes: train them again and it may turn round.
With the networks given, only the images on which they disagree carry information.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool
from scipy import optimize, special

from bakeoff.spec.values import Estimate, Verdict
from bakeoff.stats.interval import check_level, never_zero, normal_quantile
from bakeoff.stats.summary import ROUNDING, sample_variance


@dataclass(frozen=True)
class Networks:
    """The comparison of two trained networks on new images.

    Attributes:
        difference: Hit rate of A minus hit rate of B.
        only_a: Number of images that only A gets right.
        only_b: Number of images that only B gets right.
        p: Exact two-sided p-value of "equally good", never 0; 1 if the networks never disagree.
        verdict: "a better", "b better" or "undecided", by `p`; about these two networks only.
    """

    difference: Estimate
    only_a: int
    only_b: int
    p: float
    verdict: Verdict


@dataclass(frozen=True)
class CochranQ:
    """Whether several trained networks have the same hit rate.

    Attributes:
        q: Cochran's statistic; 0 if the networks never disagree.
        p: By the chi-square distribution, never 0.
        degrees_of_freedom: Number of networks less 1.
    """

    q: float
    p: float
    degrees_of_freedom: int


def compare_networks(
    correct_a: Bool[np.ndarray, " examples"], correct_b: Bool[np.ndarray, " examples"], *, level: float = 0.95
) -> Networks:
    """Compare two given networks on the same images: McNemar's test in its exact form.

    If the networks are equally good, each image on which one of them errs goes either way with probability one half:
    p is twice the smaller tail of that binomial distribution. The verdict follows p against `1 - level`.

    The interval of the difference is Tango's: the differences that a score test does not reject. It is Wilson's
    interval carried over to paired images, stays in [-1, 1], and has a width even where the networks never disagree:
    then `z^2/(N + z^2)` to either side. It leaves 0 out exactly where McNemar's test without correction rejects; the
    exact p-value is a little larger, so near the edge the verdict may be "undecided" all the same.

    Args:
        correct_a: Whether the first network is right, per image.
        correct_b: The same for the second network, same images in the same order.
        level: Confidence level in (0, 1).

    Returns:
        Difference, disagreements, test and verdict.

    Raises:
        ValueError: If an argument is not as described or the numbers of images differ.

    >>> a, b = np.array([True] * 9 + [False]), np.array([True] * 3 + [False] * 7)
    >>> result = compare_networks(a, b)
    >>> result.only_a, result.only_b, result.p, result.verdict
    (6, 0, 0.03125, 'a better')

    References: McNemar (1947), "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12; Tango (1998), "Equivalence test and confidence interval for the difference in
    proportions for the paired-sample design", Statistics in Medicine 17.
    """
    check_level(level)
    a, b = _checked(correct_a, "correct_a"), _checked(correct_b, "correct_b")
    if a.size != b.size:
        raise ValueError(
            f"both networks must be scored on the same images, received {a.size} images for a and {b.size} for b"
        )
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    low, high = _score_interval(only_a, only_b, a.size, normal_quantile(level))
    p = _exact_p(only_a, only_b)
    difference = Estimate(
        value=(only_a - only_b) / a.size,
        low=low,
        high=high,
        level=level,
        standard_error=math.sqrt(sample_variance(a.astype(np.float64) - b) / a.size) or math.nan,
        degrees_of_freedom=math.nan,
        method="images, Tango's score interval; these two networks only",
        runs=2,
        images=a.size,
    )
    return Networks(difference=difference, only_a=only_a, only_b=only_b, p=p, verdict=_judge(only_a, only_b, p, level))


def cochran_q(correct: Bool[np.ndarray, "models examples"]) -> CochranQ:
    """Test whether several given networks have the same hit rate on new images.

    For two networks it is McNemar's test without correction. It tells that some network differs, not which one;
    pairwise tests with Holm's correction need no such test before them.

    Args:
        correct: Whether each network is right, per image.

    Returns:
        Statistic, p-value and degrees of freedom.

    Raises:
        ValueError: If there are fewer than 2 networks, or no image.

    >>> result = cochran_q(np.array([[True, True, True, True], [False, False, True, False], [True, False, True, True]]))
    >>> round(result.q, 3), round(result.p, 4)
    (4.667, 0.097)

    Reference: Cochran (1950), "The comparison of percentages in matched samples", Biometrika 37.
    """
    correct = np.asarray(correct)
    if correct.ndim != 2 or correct.shape[0] < 2 or not correct.shape[1] or correct.dtype != np.bool_:
        raise ValueError(
            "correct must be booleans (models, examples) of at least 2 networks and 1 image, received "
            f"{correct.dtype} {correct.shape}"
        )
    models, hits = len(correct), correct.sum(axis=1).astype(np.float64)
    right = correct.sum(axis=0).astype(np.float64)  # examples
    disagreement = float((right * (models - right)).sum())
    spread = float(((hits - hits.mean()) ** 2).sum())
    q = models * (models - 1) * spread / disagreement if disagreement else 0.0
    return CochranQ(q=q, p=never_zero(float(special.chdtrc(models - 1, q))), degrees_of_freedom=models - 1)


def _exact_p(only_a: int, only_b: int) -> float:
    return never_zero(min(1.0, 2 * float(special.bdtr(min(only_a, only_b), only_a + only_b, 0.5))))


def _judge(only_a: int, only_b: int, p: float, level: float) -> Verdict:
    if p > 1 - level:
        return "undecided"
    return "a better" if only_a > only_b else "b better"


def _score_interval(only_a: int, only_b: int, images: int, quantile: float) -> tuple[float, float]:
    """The two differences, other than that observed, at which the score statistic equals the quantile."""

    def above(difference: float, sign: int) -> float:
        gap = only_a - only_b - images * difference
        return gap - sign * quantile * math.sqrt(images * _variance_under(difference, only_a, only_b, images))

    value = (only_a - only_b) / images
    low = -1.0 if value == -1 else float(optimize.brentq(above, -1.0, value - ROUNDING, args=(1,)))
    high = 1.0 if value == 1 else float(optimize.brentq(above, value + ROUNDING, 1.0, args=(-1,)))
    return low, high


def _variance_under(difference: float, only_a: int, only_b: int, images: int) -> float:
    """Variance of one image's difference, at the likeliest shares of disagreement that have this mean difference."""
    linear = (2 * images - only_a + only_b) * difference - only_a - only_b
    constant = -only_b * difference * (1 - difference)
    root = math.sqrt(max(0.0, linear**2 - 8 * images * constant))
    share_b = (root - linear) / (4 * images)
    return max(0.0, 2 * share_b + difference * (1 - difference))


def _checked(correct: Bool[np.ndarray, " examples"], name: str) -> Bool[np.ndarray, " examples"]:
    correct = np.asarray(correct)
    if correct.ndim != 1 or correct.size < 2 or correct.dtype != np.bool_:
        raise ValueError(
            f"{name} must be booleans, one per image for at least 2 images, received {correct.dtype} {correct.shape}"
        )
    return correct
