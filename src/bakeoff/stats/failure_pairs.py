"""Whether one model fails more often than another: a comparison of two shares.

It stands apart from `failure_rate` because its exact test is SciPy's, whose statistics are slow to import.
"""

from __future__ import annotations

from functools import lru_cache

from scipy import stats

from bakeoff.stats.failures import check_counts
from bakeoff.stats.interval import never_zero


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
    check_counts(failed_a, runs_a)
    check_counts(failed_b, runs_b)
    if failed_a * runs_b == failed_b * runs_a:
        return 1.0
    first, second = sorted([(failed_a, runs_a), (failed_b, runs_b)])
    return _boschloo(first, second)


@lru_cache(maxsize=4096)
def _boschloo(first: tuple[int, int], second: tuple[int, int]) -> float:
    (failed_a, runs_a), (failed_b, runs_b) = first, second
    table = [[failed_a, failed_b], [runs_a - failed_a, runs_b - failed_b]]
    p = float(stats.boschloo_exact(table).pvalue)
    return min(1.0, never_zero(p))
