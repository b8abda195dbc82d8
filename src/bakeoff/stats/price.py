"""What would decide between two models that were compared: more seeds, more test images, or nothing.

Seeds shrink the part of the uncertainty that comes from training; the part that comes from the test images stays, and
under it a difference remains undecided whatever the number of seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Real
from scipy import special

from bakeoff.stats.interval import check_margin, check_rates
from bakeoff.stats.summary import IDENTICAL_RUNS, ROUNDING, ScoreSummary, sample_variance, summarize_scores

MOST_SEEDS = 1000
"""Nobody trains more runs of one model than this to settle a comparison."""

ONE_RUN = "one run: nothing is known about the spread"
NO_DIFFERENCE = "the difference is 0: neither seeds nor images can decide"
ENOUGH = "the present seeds would decide"
MORE_SEEDS = "more seeds would decide"
TOO_MANY_SEEDS = f"more than {MOST_SEEDS} seeds would be needed"
MORE_IMAGES = "more seeds cannot decide: more test images would"


@dataclass(frozen=True)
class Price:
    """What it would take to decide between two models, if their estimates are right.

    Attributes:
        seeds: Smallest number of runs per model, in all, that would decide; None where no number up to 1,000 would.
        images: Smallest number of test images, in all, that would decide if there were any number of seeds; None where
            no number would, or nothing is known.
        reason: One clause on what is missing.
    """

    seeds: int | None
    images: int | None
    reason: str


@dataclass(frozen=True)
class _Outlook:
    """The variance of a difference as a function of the number of runs, and what is to be decided.

    Attributes:
        difference: Size of the difference of the two means.
        seed_variances: Variance of the run means of both models.
        residual: Seed x image variance of the difference of two single runs' means.
        floor: Variance that the images alone contribute; unbiased, so it may be negative.
        images: Number of test images.
        alpha: Error rate.
        margin: Differences smaller than this do not matter.
        power: Probability of deciding.
    """

    difference: float
    seed_variances: tuple[float, float]
    residual: float
    floor: float
    images: int
    alpha: float
    margin: float
    power: float

    def variance(self, runs: float) -> float:
        """Of the difference, as the comparison on new images would estimate it."""
        seed, residual = sum(self.seed_variances) / runs, self.residual / runs
        if seed == 0:
            return residual + max(0.0, self.floor)  # without spread between runs, the noise of single images remains
        return max(seed + self.floor, seed, self.floor + residual)

    def decides(self, runs: int) -> bool:
        """Whether this many runs per model would decide."""
        variance = self.variance(runs)
        squares = sum((part / runs) ** 2 for part in self.seed_variances) / (runs - 1)
        freedom = variance**2 / squares if squares > 0 else self.images - 1.0
        return self._is_decided(variance, lambda share: float(special.stdtrit(freedom, share)))

    def decides_in_the_end(self) -> bool:
        """Whether ever more runs would decide."""
        return self._is_decided(max(0.0, self.floor), _normal)

    def images_needed(self) -> int:
        """Test images, at least the present ones, under which ever more runs would decide."""
        different = _significant(_normal, self.alpha, self.power)
        tightest = max(self.difference / different, self._room() / _equivalent(_normal, self.alpha, self.power))
        return max(self.images, math.ceil(self.images * max(0.0, self.floor) / tightest**2))

    def _is_decided(self, variance: float, quantile: Callable[[float], float]) -> bool:
        error = math.sqrt(variance)
        return (
            self.difference > ROUNDING and self.difference >= _significant(quantile, self.alpha, self.power) * error
        ) or (self._room() > ROUNDING and self._room() >= _equivalent(quantile, self.alpha, self.power) * error)

    def _room(self) -> float:
        return self.margin - self.difference


def seeds_to_decide(
    a: Real[np.ndarray, "seeds_a examples"] | Bool[np.ndarray, "seeds_a examples"],
    b: Real[np.ndarray, "seeds_b examples"] | Bool[np.ndarray, "seeds_b examples"],
    *,
    alpha: float = 0.05,
    margin: float = 0.0,
    power: float = 0.8,
) -> Price:
    """How many seeds, or images, would decide between two models on new images, if the estimates are right.

    With `item = var(D)/N` and `residual` as in `compare_two`, `floor = item - residual` is what the images alone add to
    the variance of the difference d. R runs of each model would leave `V(R) = (S2A_a + S2A_b)/R + max(0, floor)`, and
    at least `floor + (MSE_a + MSE_b)/(R N)` as the test has it, with Satterthwaite's degrees of freedom. They decide if

    - the models differ: `|d| >= (t(1 - alpha/2) + t(power)) sqrt(V(R))`, or
    - they are equivalent: `margin - |d| >= (t(1 - alpha) + t((1 + power)/2)) sqrt(V(R))`.

    For images, R is infinite and the floor falls with their number. For a model with one run, or with runs that got the
    very same images right, there is no price: nothing is known about other seeds.

    Args:
        a: Scores in [0, 1] of the first model per run and image.
        b: Scores of the second model on the same images in the same order.
        alpha: Two-sided error rate, already divided by the number of comparisons.
        margin: Differences smaller than this do not matter; at least 0.
        power: Probability of deciding; above alpha.

    Returns:
        Seeds, at least as many as the model with more runs has, images, at least the present ones, and the reason.

    Raises:
        ValueError: If the scores, alpha, margin or power are not as described, or the numbers of images differ.

    >>> rng = np.random.default_rng(1)
    >>> price = seeds_to_decide(rng.random((3, 2000)) < 0.92, rng.random((3, 2000)) < 0.90)
    >>> price.reason
    'the present seeds would decide'
    """
    return price_of_certainty(summarize_scores(a), summarize_scores(b), alpha=alpha, margin=margin, power=power)


def price_of_certainty(
    a: ScoreSummary, b: ScoreSummary, *, alpha: float = 0.05, margin: float = 0.0, power: float = 0.8
) -> Price:
    """`seeds_to_decide` for scores that are summarised already.

    Args:
        a: From `summarize_scores`.
        b: From `summarize_scores`, same images in the same order.
        alpha: As for `seeds_to_decide`.
        margin: As for `seeds_to_decide`.
        power: As for `seeds_to_decide`.

    Returns:
        As `seeds_to_decide`.

    Raises:
        ValueError: If alpha, margin or power are not as described, or the numbers of images differ.
    """
    check_rates(alpha, power)
    check_margin(margin)
    if a.images != b.images:
        raise ValueError(f"both models must be scored on the same images, received {a.images} and {b.images} images")
    if min(a.runs, b.runs) == 1:
        return Price(None, None, ONE_RUN)
    if a.identical or b.identical:
        return Price(None, None, IDENTICAL_RUNS)
    outlook = _outlook(a, b, alpha, margin, power)
    if outlook.difference <= ROUNDING and margin <= ROUNDING:
        return Price(None, None, NO_DIFFERENCE)
    images = outlook.images_needed()
    if not outlook.decides_in_the_end():
        return Price(None, images, MORE_IMAGES)
    seeds = _fewest(outlook.decides, start=max(a.runs, b.runs))
    if seeds is None:
        return Price(None, images, TOO_MANY_SEEDS)
    return Price(seeds, images, ENOUGH if a.runs == b.runs == seeds else MORE_SEEDS)


def _outlook(a: ScoreSummary, b: ScoreSummary, alpha: float, margin: float, power: float) -> _Outlook:
    item = sample_variance(a.image_means - b.image_means) / a.images
    return _Outlook(
        difference=abs(a.mean - b.mean),
        seed_variances=(a.run_variance, b.run_variance),
        residual=a.residual_part * a.runs + b.residual_part * b.runs,
        floor=item - a.residual_part - b.residual_part,
        images=a.images,
        alpha=alpha,
        margin=margin,
        power=power,
    )


def _fewest(decides: Callable[[int], bool], *, start: int) -> int | None:
    """The smallest number from `start` to MOST_SEEDS that decides; larger numbers decide too."""
    below, high = start - 1, start
    while not decides(high):
        if high >= MOST_SEEDS:
            return None
        below, high = high, min(2 * high, MOST_SEEDS)
    while high - below > 1:
        middle = (below + high) // 2
        below, high = (below, middle) if decides(middle) else (middle, high)
    return high


def _significant(quantile: Callable[[float], float], alpha: float, power: float) -> float:
    """Standard errors between a difference and 0 at which it is found with this power."""
    return quantile(1 - alpha / 2) + quantile(power)


def _equivalent(quantile: Callable[[float], float], alpha: float, power: float) -> float:
    """Standard errors between a difference and the margin; both sides must be excluded, hence half the misses each."""
    return quantile(1 - alpha) + quantile((1 + power) / 2)


def _normal(share: float) -> float:
    return float(special.ndtri(share))
