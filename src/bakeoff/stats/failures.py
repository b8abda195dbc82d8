"""How often training fails.

A run that diverged or collapsed has no accuracy that could be averaged with the others, yet it must not vanish: its
model is the kind that sometimes fails.
"""

from __future__ import annotations

import math

from scipy import special

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
    check_counts(failed, runs)
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


def check_counts(failed: int, runs: int) -> None:
    """Refuse numbers of runs that cannot be.

    Raises:
        ValueError: If there is no run, or more failed than there are.
    """
    if runs < 1 or not 0 <= failed <= runs or failed != int(failed) or runs != int(runs):
        raise ValueError(
            "failed must be a whole number and lie between 0 and runs, of at least 1, "
            f"received {failed} failed of {runs} runs"
        )
