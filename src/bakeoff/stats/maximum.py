"""The largest of several equally good results: how far luck alone carries it."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

_NODES = 400
_REACH = 12.0  # beyond so many standard deviations lies less than 1e-30 of a normal distribution


def expected_maximum(count: int) -> tuple[float, float]:
    """Mean and standard deviation of the largest of independent standard normal variables.

    Args:
        count: How many; at least 1.

    Returns:
        Mean and standard deviation, by quadrature of the density `n phi(x) Phi(x)^(n-1)`.

    Raises:
        ValueError: If there is none.

    >>> [round(value, 4) for value in expected_maximum(2)]  # 1/sqrt(pi), sqrt(1 - 1/pi)
    [0.5642, 0.8256]
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, received {count}")
    nodes, weights = special.roots_legendre(_NODES)
    points = _REACH * nodes
    density = count * np.exp(-(points**2) / 2) / math.sqrt(2 * math.pi) * special.ndtr(points) ** (count - 1)
    mass = _REACH * weights * density
    mean = float(mass @ points)
    return mean, math.sqrt(float(mass @ points**2) - mean**2)
