"""How often training fails, and whether one model fails more often than another.

A run that diverged or collapsed has no accuracy that could be averaged with the others, yet it must not vanish: its
model is the kind that sometimes fails. Whether it does so more often than another is a comparison of two shares.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import special, stats

from bakeoff.spec.values import Estimate
from bakeoff.stats.interval import check_level


def failure_rate(failed: int, runs: int, *, level: float = 0.95) -> Estimate:
    """Probability that a run fails, with Clopper and Pearson's exact interval.

    Args:
        failed: Number of runs that failed.
        runs: Number of runs, failed and finished.
        level: Confidence level in (0, 1).

    Returns:
        The estimate; it rests on no test images, so `images` is 0.

    Raises:
        ValueError: If there is no run, `failed` lies outside [0, runs], or level outside (0, 1).

    >>> estimate = failure_rate(0, 5, level=0.9)
    >>> estimate.value, round(estimate.high, 2)
    (0.0, 0.45)

    Reference: Clopper and Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26.
    """
    check_level(level)
    _check_counts(failed, runs)
    tail = (1 - level) / 2
    share = failed / runs
    return Estimate(
        value=share,
        low=float(special.betaincinv(failed, runs - failed + 1, tail)) if failed else 0.0,
        high=float(special.betaincinv(failed + 1, runs - failed, 1 - tail)) if failed < runs else 1.0,
        level=level,
        standard_error=math.sqrt(share * (1 - share) / runs) or math.nan,
        degrees_of_freedom=math.nan,
        method="Clopper-Pearson",
        runs=runs,
        images=0,
    )


def compare_failures(failed_a: int, runs_a: int, failed_b: int, runs_b: int) -> float:
    """Two-sided p-value of "both models fail equally often", by Boschloo's exact test.

    Args:
        failed_a: Number of A's runs that failed.
        runs_a: Number of A's runs, failed and finished.
        failed_b: Number of B's runs that failed.
        runs_b: Number of B's runs.

    Returns:
        The p-value, never 0; 1 for equal shares. The answer is kept, so that many pairs with the same counts cost one.

    Raises:
        ValueError: If a model has no run, or more failures than runs.

    >>> round(compare_failures(0, 10, 5, 10), 4)
    0.0128

    Reference: Boschloo (1970), "Raised conditional level of significance for the 2 x 2 table when testing the equality
    of two probabilities", Statistica Neerlandica 24.
    """
    _check_counts(failed_a, runs_a)
    _check_counts(failed_b, runs_b)
    if failed_a * runs_b == failed_b * runs_a:
        return 1.0
    first, second = sorted([(failed_a, runs_a), (failed_b, runs_b)])
    return _boschloo(first, second)


@lru_cache(maxsize=4096)
def _boschloo(first: tuple[int, int], second: tuple[int, int]) -> float:
    (failed_a, runs_a), (failed_b, runs_b) = first, second
    table = [[failed_a, failed_b], [runs_a - failed_a, runs_b - failed_b]]
    p = float(stats.boschloo_exact(table).pvalue)
    return min(1.0, max(p, float(np.finfo(np.float64).tiny)))


def _check_counts(failed: int, runs: int) -> None:
    if runs < 1 or not 0 <= failed <= runs:
        raise ValueError(f"failed must lie between 0 and runs, of at least 1, received {failed} failed of {runs} runs")
