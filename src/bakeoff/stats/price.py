"""What would decide between models that were compared: more seeds, more test images, or nothing.

Seeds shrink the part of the uncertainty that comes from training; the part that comes from the test images stays, and
under it a difference remains undecided whatever the number of seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Real
from scipy import special

from bakeoff.stats.contrasts import check_contrast
from bakeoff.stats.interval import check_margin, check_rates
from bakeoff.stats.spread import nested_parts
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
    """What it would take to decide between models, if their estimates are right.

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
class Outlook:
    """The variance of a difference as a function of the number of runs, and what is to be decided.

    Attributes:
        difference: Size of the difference, as a fraction; at least 0.
        seed_variances: What the variance of the run means of each model contributes if it has one run.
        residual: Seed x image variance if each model has one run.
        floor: Variance that the images alone contribute; unbiased, so it may be negative.
        images: Number of test images.
        alpha: Two-sided error rate.
        margin: Differences smaller than this do not matter.
        power: Probability of deciding; above alpha.
    """

    difference: float
    seed_variances: tuple[float, ...]
    residual: float
    floor: float
    images: int
    alpha: float
    margin: float
    power: float = 0.8

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
    if a.images != b.images:
        raise ValueError(f"both models must be scored on the same images, received {a.images} and {b.images} images")
    return price_of_contrast([a, b], [1.0, -1.0], alpha=alpha, margin=margin, power=power)


def price_of_contrast(
    summaries: Sequence[ScoreSummary],
    weights: Sequence[float],
    *,
    offset: float = 0.0,
    alpha: float = 0.05,
    margin: float = 0.0,
    power: float = 0.8,
) -> Price:
    """What would tell `offset + sum_m w_m mean_m` from 0, or from more than the margin, if its estimate is right.

    As `seeds_to_decide`, with the models' parts of the variance weighted as `estimate_contrast` weighs them.

    Args:
        summaries: From `summarize_scores`, one per model, all on the same images in the same order.
        weights: One per model, not 0.
        offset: A known number that is added to the weighted sum.
        alpha: As for `seeds_to_decide`.
        margin: As for `seeds_to_decide`.
        power: As for `seeds_to_decide`.

    Returns:
        As `seeds_to_decide`.

    Raises:
        ValueError: If an argument is not as described, or the numbers of images differ.
    """
    check_rates(alpha, power)
    check_margin(margin)
    check_contrast(summaries, weights, offset)
    runs = [summary.runs for summary in summaries]
    if min(runs) == 1:
        return Price(None, None, ONE_RUN)
    if any(summary.identical for summary in summaries):
        return Price(None, None, IDENTICAL_RUNS)
    weighted = list(zip(summaries, weights, strict=True))
    parts = nested_parts(summaries, weights)
    outlook = Outlook(
        difference=abs(offset + sum(weight * summary.mean for summary, weight in weighted)),
        seed_variances=tuple(weight**2 * summary.run_variance for summary, weight in weighted),
        residual=sum(weight**2 * summary.residual_part * summary.runs for summary, weight in weighted),
        floor=parts.item - parts.residual,
        images=parts.images,
        alpha=alpha,
        margin=margin,
        power=power,
    )
    return price_outlook(outlook, runs)


def price_of_runs(
    values: Sequence[Float[np.ndarray, " _"]],  # as many as each model has runs
    weights: Sequence[float],
    *,
    offset: float = 0.0,
    alpha: float = 0.05,
    margin: float = 0.0,
    power: float = 0.8,
) -> Price:
    """As `price_of_contrast`, for what is one number per run, such as seconds: images have no part in it.

    Args:
        values: For each model one number per run.
        weights: One per model, not 0.
        offset: A known number that is added to the weighted sum.
        alpha: As for `seeds_to_decide`.
        margin: As for `seeds_to_decide`.
        power: As for `seeds_to_decide`.

    Returns:
        As `seeds_to_decide`, without images.

    Raises:
        ValueError: If alpha, margin or power are not as described.
    """
    check_rates(alpha, power)
    check_margin(margin)
    runs = [own.size for own in values]
    if min(runs) == 1:
        return Price(None, None, ONE_RUN)
    weighted = list(zip(values, weights, strict=True))
    outlook = Outlook(
        difference=abs(offset + sum(weight * float(own.mean()) for own, weight in weighted)),
        seed_variances=tuple(weight**2 * sample_variance(own) for own, weight in weighted),
        residual=0.0,
        floor=0.0,
        images=1,
        alpha=alpha,
        margin=margin,
        power=power,
    )
    if not any(outlook.seed_variances):
        return Price(None, None, IDENTICAL_RUNS)
    return replace(price_outlook(outlook, runs), images=None)


def fewest_seeds(decides: Callable[[int], bool], *, start: int) -> int | None:
    """The smallest number from `start` to 1,000 that decides, if larger numbers than one that does decide too.

    >>> fewest_seeds(lambda seeds: seeds >= 37, start=5)
    37
    """
    below, high = start - 1, start
    while not decides(high):
        if high >= MOST_SEEDS:
            return None
        below, high = high, min(2 * high, MOST_SEEDS)
    while high - below > 1:
        middle = (below + high) // 2
        below, high = (below, middle) if decides(middle) else (middle, high)
    return high


def price_outlook(outlook: Outlook, runs: Sequence[int]) -> Price:
    """The price where the parts of the variance are known.

    Args:
        outlook: What is to be decided, and its variance.
        runs: How many there are of each model.

    Returns:
        As `seeds_to_decide`.
    """
    if outlook.difference <= ROUNDING and outlook.margin <= ROUNDING:
        return Price(None, None, NO_DIFFERENCE)
    images = outlook.images_needed()
    if not outlook.decides_in_the_end():
        return Price(None, images, MORE_IMAGES)
    seeds = fewest_seeds(outlook.decides, start=max(runs))
    if seeds is None:
        return Price(None, images, TOO_MANY_SEEDS)
    return Price(seeds, images, ENOUGH if min(runs) == seeds else MORE_SEEDS)


def _significant(quantile: Callable[[float], float], alpha: float, power: float) -> float:
    """Standard errors between a difference and 0 at which it is found with this power."""
    return quantile(1 - alpha / 2) + quantile(power)


def _equivalent(quantile: Callable[[float], float], alpha: float, power: float) -> float:
    """Standard errors between a difference and the margin; both sides must be excluded, hence half the misses each."""
    return quantile(1 - alpha) + quantile((1 + power) / 2)


def _normal(share: float) -> float:
    return float(special.ndtri(share))
