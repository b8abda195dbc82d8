"""How many runs or images a comparison needs, told from a spread alone, before anything is trained."""

from __future__ import annotations

import math

from scipy import optimize, special

from bakeoff.stats.interval import check_alpha, check_rates, normal_quantile


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
    if not runs >= 2:
        raise ValueError(f"runs must be at least 2, received {runs}: one run shows no spread")
    check_rates(alpha, power)
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
    if not images >= 1:
        raise ValueError(f"images must be at least 1, received {images}")
    check_alpha(alpha)
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
    check_rates(alpha, power)
    quantiles = float(special.ndtri(1 - alpha) + special.ndtri(power))
    return math.ceil((quantiles / (math.sqrt(6) * (probability - 0.5))) ** 2)
