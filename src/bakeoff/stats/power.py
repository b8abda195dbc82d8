"""What more seeds or more test images can buy, told before they are paid for.

Seeds shrink the part of the uncertainty that comes from training; the part that comes from the test images stays, and
under it a difference remains undecided whatever the number of seeds. These functions say where a comparison stands:
how small a difference can be found, how many runs would decide, and when only more images help.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Real
from scipy import optimize, special

from bakeoff.stats.interval import normal_quantile
from bakeoff.stats.summary import ROUNDING, ScoreSummary, sample_variance, summarize_scores

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
        seed = sum(self.seed_variances) / runs
        return max(seed + self.floor, seed, self.floor + self.residual / runs)

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

    def varies(self) -> bool:
        """Whether the two models differ otherwise than by the same amount on every image in every run."""
        return self.variance(1) > 0

    def images_needed_without_variance(self) -> int:
        """The same by Wilson's bound, which the comparison uses where there is no variance to estimate from."""
        needed = math.inf
        if self.difference > ROUNDING:
            needed = _significant(_normal, self.alpha, self.power) ** 2 / self.difference
        if self._room() > ROUNDING:
            room = min(1.0, self._room() / (1 - self.difference))
            needed = min(needed, _equivalent(_normal, self.alpha, self.power) ** 2 * (1 - room) / room)
        return max(self.images, math.ceil(needed))

    def _is_decided(self, variance: float, quantile: Callable[[float], float]) -> bool:
        error = math.sqrt(variance)
        return (
            self.difference > ROUNDING and self.difference >= _significant(quantile, self.alpha, self.power) * error
        ) or (self._room() > ROUNDING and self._room() >= _equivalent(quantile, self.alpha, self.power) * error)

    def _room(self) -> float:
        return self.margin - self.difference


def minimum_detectable_difference(run_sd: float, *, runs: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest true difference on this test set that two models with this many runs each will probably show.

    Exact for normally distributed runs of equal spread, by the non-central t distribution.

    Args:
        run_sd: Standard deviation of a model's runs, in any unit.
        runs: Runs of each model, at least 2.
        alpha: Two-sided error rate of the test.
        power: Probability that such a difference becomes significant; above alpha.

    Returns:
        The difference in the unit of `run_sd`.

    Raises:
        ValueError: If run_sd is negative or not finite, runs below 2, or not `0 < alpha < power < 1`.

    >>> round(minimum_detectable_difference(0.0015, runs=5), 5)
    0.00304

    Reference: Cohen (1988), "Statistical power analysis for the behavioral sciences", chapter 2.
    """
    if not (run_sd >= 0 and math.isfinite(run_sd)):
        raise ValueError(f"run_sd must be a number of at least 0, such as 0.0015, received {run_sd}")
    if runs < 2:
        raise ValueError(f"runs must be at least 2, received {runs}: one run shows no spread")
    _check_rates(alpha, power)
    freedom = 2.0 * runs - 2
    quantile = float(special.stdtrit(freedom, 1 - alpha / 2))

    def missing(shift: float) -> float:
        """Power that is still missing when the difference is so many standard errors."""
        wrong_side = float(special.nctdtr(freedom, shift, -quantile))  # NaN where it is too small to be computed
        found = 1 - float(special.nctdtr(freedom, shift, quantile)) + (0.0 if math.isnan(wrong_side) else wrong_side)
        return found - power

    most = 2.0
    while missing(most) < 0:
        most *= 2
    return run_sd * math.sqrt(2 / runs) * float(optimize.brentq(missing, 0.0, most, xtol=1e-10))


def image_floor(disagreement: float, *, images: int, alpha: float = 0.05) -> float:
    """Half width that the interval of a difference keeps on new images, however many seeds there are.

    Args:
        disagreement: Share of the test images on which the two models differ, in [0, 1].
        images: Number of test images.
        alpha: Error rate of the interval.

    Returns:
        `z(1 - alpha/2) sqrt(disagreement / images)`.

    Raises:
        ValueError: If disagreement leaves [0, 1], there is no image, or alpha lies outside (0, 1).

    >>> round(image_floor(0.01, images=10_000), 5)
    0.00196
    """
    if not 0 <= disagreement <= 1:
        raise ValueError(f"disagreement must be a share of images in [0, 1], received {disagreement}")
    if images < 1:
        raise ValueError(f"images must be at least 1, received {images}")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie strictly between 0 and 1, such as 0.05, received {alpha}")
    return normal_quantile(1 - alpha) * math.sqrt(disagreement / images)


def noether_runs(probability: float, *, alpha: float = 0.05, power: float = 0.95) -> int:
    """Runs per model that show "a run of A beats a run of B with this probability" to differ from one half.

    Noether's formula, `((z(1-alpha) + z(power)) / (sqrt(6) (probability - 1/2)))^2`, rounded up.

    Args:
        probability: Of one run of A beating one run of B, in (0, 1) and not one half.
        alpha: One-sided error rate.
        power: Probability of finding it; above alpha.

    Returns:
        Number of runs of each model.

    Raises:
        ValueError: If probability lies outside (0, 1) or is one half, or not `0 < alpha < power < 1`.

    >>> noether_runs(0.75)
    29

    Reference: Noether (1987), "Sample size determination for some common nonparametric tests", JASA 82; Bouthillier et
    al. (2021), "Accounting for variance in machine learning benchmarks", MLSys.
    """
    if not 0 < probability < 1 or probability == 0.5:
        raise ValueError(f"probability must lie in (0, 1) and not be one half, such as 0.75, received {probability}")
    _check_rates(alpha, power)
    quantiles = _normal(1 - alpha) + _normal(power)
    return math.ceil((quantiles / (math.sqrt(6) * (probability - 0.5))) ** 2)


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

    For images, R is infinite and the floor falls with their number.

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
    _check_rates(alpha, power)
    if not (margin >= 0 and math.isfinite(margin)):
        raise ValueError(f"margin must be a number of at least 0, such as 0.001, received {margin}")
    if a.images != b.images:
        raise ValueError(f"both models must be scored on the same images, received {a.images} and {b.images} images")
    if min(a.runs, b.runs) == 1:
        return Price(None, None, ONE_RUN)
    outlook = _outlook(a, b, alpha, margin, power)
    if outlook.difference <= ROUNDING and margin <= ROUNDING:
        return Price(None, None, NO_DIFFERENCE)
    images = outlook.images_needed() if outlook.varies() else outlook.images_needed_without_variance()
    if not outlook.varies() and images > a.images:
        return Price(None, images, MORE_IMAGES)
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


def _check_rates(alpha: float, power: float) -> None:
    if not 0 < alpha < power < 1:
        raise ValueError(f"alpha and power must satisfy 0 < alpha < power < 1, received {alpha} and {power}")
