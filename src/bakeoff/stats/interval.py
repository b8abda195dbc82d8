"""Quantiles, intervals and checks that the estimates share."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike
from scipy import special

TINY = float(np.finfo(np.float64).tiny)


def check_level(level: float) -> None:
    """Refuse a confidence level outside (0, 1).

    Raises:
        ValueError: If it is outside.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie strictly between 0 and 1, such as 0.95, received {level}")


def check_target(target: str) -> None:
    """Refuse a target that these estimates cannot answer.

    Raises:
        ValueError: If it is neither "new_images" nor "this_test_set".
    """
    if target not in ("new_images", "this_test_set"):
        raise ValueError(f"target must be 'new_images' or 'this_test_set', received {target!r}")


def check_alpha(alpha: float) -> None:
    """Refuse an error rate outside (0, 1).

    Raises:
        ValueError: If it is outside.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie strictly between 0 and 1, such as 0.05, received {alpha}")


def check_rates(alpha: float, power: float) -> None:
    """Refuse an error rate and a power that do not fit together.

    Raises:
        ValueError: If not `0 < alpha < power < 1`.
    """
    if not 0 < alpha < power < 1:
        raise ValueError(f"alpha and power must satisfy 0 < alpha < power < 1, received {alpha} and {power}")


def check_margin(margin: float) -> None:
    """Refuse a margin that is no size.

    Raises:
        ValueError: If it is negative or not finite.
    """
    if not (margin >= 0 and math.isfinite(margin)):
        raise ValueError(f"margin must be a number of at least 0, such as 0.001, received {margin}")


def check_run_values(values: ArrayLike, *, name: str) -> Float[np.ndarray, " seeds"]:
    """One finite number per run, as an array.

    Raises:
        ValueError: If there is no run, more than one axis, or a number that is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be one finite number per run, for at least one run, received {array.tolist()}; leave out "
            "runs that failed, and say so"
        )
    return array


def never_zero(p: float) -> float:
    """A p-value that underflowed is still no certainty: the smallest normal number stands for it. NaN stays NaN.

    >>> never_zero(0.0) > 0, never_zero(0.3)
    (True, 0.3)
    """
    return max(p, TINY)  # in this order, so that NaN is kept


def t_quantile(level: float, degrees_of_freedom: float) -> float:
    """Half width of a two-sided t interval in standard errors.

    >>> round(t_quantile(0.95, 4.0), 3)
    2.776
    """
    return float(special.stdtrit(degrees_of_freedom, (1 + level) / 2))


def normal_quantile(level: float) -> float:
    """Half width of a two-sided normal interval in standard errors.

    >>> round(normal_quantile(0.95), 3)
    1.96
    """
    return float(special.ndtri((1 + level) / 2))


def wilson_interval(share: float, *, n: float, quantile: float) -> tuple[float, float]:
    """Wilson's score interval for a share; it stays in [0, 1] and has a width even at 0 and 1.

    Args:
        share: Observed share in [0, 1].
        n: Number of observations; need not be whole (an effective number).
        quantile: Normal or t quantile.

    Returns:
        Lower and upper end.

    >>> low, high = wilson_interval(1.0, n=100.0, quantile=1.96)
    >>> round(low, 4), high
    (0.963, 1.0)

    Reference: Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
    """
    shrink = quantile**2 / n
    centre = (share + shrink / 2) / (1 + shrink)
    half = math.sqrt(shrink * share * (1 - share) + shrink**2 / 4) / (1 + shrink)
    return max(0.0, centre - half), 1.0 if share >= 1 else min(1.0, centre + half)
