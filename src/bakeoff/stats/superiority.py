"""How often one run of A beats one run of B: the probability that a single training by each settles it for A."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from bakeoff.spec.values import Estimate
from bakeoff.stats.interval import check_level, check_run_values, t_quantile
from bakeoff.stats.summary import ROUNDING, sample_variance


def estimate_superiority(
    a: Float[np.ndarray, " seeds_a"], b: Float[np.ndarray, " seeds_b"], *, images: int, level: float = 0.95
) -> Estimate:
    """Probability that a run of A scores above a run of B, ties counting one half, on this test set.

    The interval is that of Brunner and Munzel: with the placements `u_s` (share of B's runs that run s of A beats) and
    `w_t` (share of A's runs that beat run t of B), the variance is `var(u)/R_A + var(w)/R_B`, with Welch's degrees of
    freedom; cut to [0, 1]. When every pair of runs ends the same way (one model always ahead, or all tied), that
    variance is 0. The interval is then Clopper and Pearson's for m = min(R_A, R_B) independent pairs that all ended so:
    the outcome has at least the probability `(alpha/2)^(1/m)`, and what is left may go either way.

    Args:
        a: Mean scores of A's runs.
        b: Mean scores of B's runs.
        images: Number of test images, to be noted in the estimate.
        level: Confidence level in (0, 1).

    Returns:
        The estimate; interval NaN when a model has one run.

    Raises:
        ValueError: If level is outside (0, 1), a model has no run, or a score is not finite.

    >>> estimate_superiority(np.array([0.9, 0.8, 0.9]), np.array([0.8, 0.7]), images=100).value
    0.9166666666666666

    References: Brunner and Munzel (2000), "The nonparametric Behrens-Fisher problem: asymptotic theory and a
    small-sample approximation", Biometrical Journal 42; Bouthillier et al. (2021), "Accounting for variance in machine
    learning benchmarks", MLSys.
    """
    check_level(level)
    a, b = check_run_values(a, name="a"), check_run_values(b, name="b")
    gaps = a[:, np.newaxis] - b[np.newaxis, :]
    wins = np.where(np.abs(gaps) <= ROUNDING, 0.5, gaps > 0)  # seeds_a, seeds_b
    value = float(wins.mean())
    low, high, standard_error, degrees_of_freedom, method = _interval(wins, value, level)
    return Estimate(
        value=value,
        low=low,
        high=high,
        level=level,
        standard_error=standard_error,
        degrees_of_freedom=degrees_of_freedom,
        method=method,
        runs=a.size + b.size,
        images=images,
    )


def _interval(
    wins: Float[np.ndarray, "seeds_a seeds_b"], value: float, level: float
) -> tuple[float, float, float, float, str]:
    fewest = min(wins.shape)
    if fewest == 1:
        return math.nan, math.nan, math.nan, math.nan, "pairs of runs; one run: no interval"
    part_a = sample_variance(wins.mean(axis=1)) / wins.shape[0]
    part_b = sample_variance(wins.mean(axis=0)) / wins.shape[1]
    variance = part_a + part_b
    if variance == 0:
        certain = ((1 - level) / 2) ** (1 / fewest)
        method = f"Clopper-Pearson for {fewest} pairs of runs; every pair ended the same way"
        return value * certain, 1 - (1 - value) * certain, math.nan, math.nan, method
    degrees_of_freedom = variance**2 / (part_a**2 / (wins.shape[0] - 1) + part_b**2 / (wins.shape[1] - 1))
    half = t_quantile(level, degrees_of_freedom) * math.sqrt(variance)
    return (
        max(0.0, value - half),
        min(1.0, value + half),
        math.sqrt(variance),
        degrees_of_freedom,
        "pairs of runs, Brunner-Munzel",
    )
