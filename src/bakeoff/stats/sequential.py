"""How strict a verdict must be when it may be asked for again after more seeds.

Looking at p < 0.05 after 3, 5, 8, ... runs rejects a true "no difference" far more often than in 5 % of studies. Two
remedies stand here. For looks that are fixed beforehand, `spending_levels` says how small p must be at each of them, so
that all looks together keep the error rate. For looks that nobody fixed, `e_value` may be compared with 1/alpha at any
time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from scipy import optimize, special

from bakeoff.stats.interval import check_alpha

NODES = 200
"""Gauss-Legendre points on half of the region where sampling goes on; twice as many change no level by 1e-9."""

FARTHEST = 37.0
"""No boundary lies beyond this z: its level, 1e-299, is never reached and still a number."""

LARGEST_T = 1e150
"""Beyond it the square of t is no number any more, and the e-value no longer changes."""

LARGEST_LOG = 700.0
"""An e-value beyond exp(700) is reported as exp(700)."""


def spending_levels(
    looks: Sequence[int] | Int[np.ndarray, " looks"],
    *,
    alpha: float = 0.05,
    kind: Literal["pocock", "obrien_fleming"] = "pocock",
) -> Float[np.ndarray, " looks"]:
    """Two-sided p-value below which a comparison may stop at each look, so that all looks together err at rate alpha.

    With `I = looks / looks[-1]`, the error rate spent up to a look is

    - `pocock`: `alpha ln(1 + (e - 1) I)`, generous early;
    - `obrien_fleming`: `4 (1 - Phi(z(1 - alpha/4) / sqrt(I)))`, which is alpha/2 on each side, strict early.

    The boundaries are symmetric; each follows from the distribution of the test statistic among the studies that have
    not stopped before, carried from look to look by numerical integration. For several pairs, pass alpha divided by
    their number.

    Args:
        looks: Numbers of runs per model at which the pair is judged, increasing; the last is the maximum.
        alpha: Error rate of all looks together, in (0, 1).
        kind: How the error rate is spent.

    Returns:
        Nominal two-sided level of each look; a single look has alpha.

    Raises:
        ValueError: If there is no look, looks do not increase from 1, alpha leaves (0, 1), or kind is unknown.

    >>> spending_levels([3, 5, 8, 12, 20, 30]).round(6).tolist()
    [0.007928, 0.006781, 0.00914, 0.011608, 0.017637, 0.020519]

    References: Lan and DeMets (1983), "Discrete sequential boundaries for clinical trials", Biometrika 70; Armitage,
    McPherson and Rowe (1969), "Repeated significance tests on accumulating data", J. Royal Statistical Society A 132.
    """
    runs = tuple(int(look) for look in looks)
    if not runs or runs[0] < 1 or runs != tuple(looks) or any(later <= earlier for earlier, later in pairwise(runs)):
        raise ValueError(
            f"looks must be at least one increasing whole number of runs, such as 3, 5, 8, received {list(looks)}"
        )
    check_alpha(alpha)
    if kind not in ("pocock", "obrien_fleming"):
        raise ValueError(f"kind must be 'pocock' or 'obrien_fleming', received {kind!r}")
    return np.array(_levels(runs, float(alpha), kind))


def e_value(t: float, *, n: float, g: float = 1.0, degrees_of_freedom: float | None = None) -> float:
    """Evidence against "no difference" that may be looked at after every run: wrong with probability 1/E at most.

    `E = (1 + n g)^(-1/2) [(1 + t^2/nu) / (1 + t^2/(nu (1 + n g)))]^((nu + 1)/2)`, the Bayes factor of a standardised
    difference drawn from N(0, g) against none. Stop when E reaches 1/alpha; for several pairs, their number over alpha.

    Args:
        t: Student's t statistic.
        n: Number of runs of one sample; for two models `runs_a runs_b / (runs_a + runs_b)`, with their degrees of
            freedom.
        g: Variance of the standardised differences that are expected; above 0.
        degrees_of_freedom: `n - 1` unless given; for two models `runs_a + runs_b - 2`.

    Returns:
        The e-value, above 0.

    Raises:
        ValueError: If t is not finite, there are too few runs, or g is not above 0.

    >>> round(e_value(3.0, n=10), 4)
    6.2447

    Reference: Wang and Ramdas (2025), "Anytime-valid t-tests and confidence sequences for Gaussian means with unknown
    variance", theorem 4.9.
    """
    if not math.isfinite(t):
        raise ValueError(f"t must be a finite number, received {t}; without spread between runs there is no t")
    if degrees_of_freedom is None and n < 2:
        raise ValueError(f"n must be at least 2 runs, received {n}; for two models give degrees_of_freedom too")
    freedom = n - 1 if degrees_of_freedom is None else degrees_of_freedom
    if not (0 < n < math.inf and 0 < freedom < math.inf):
        raise ValueError(f"n and degrees_of_freedom must be numbers above 0, received {n} and {freedom}")
    if not g > 0:
        raise ValueError(f"g must be above 0, such as 1, received {g}")
    shrink = 1 + n * g
    squared = min(abs(t), LARGEST_T) ** 2
    ratio = math.log1p(squared / freedom) - math.log1p(squared / (freedom * shrink))
    return math.exp(min((freedom + 1) / 2 * ratio - math.log(shrink) / 2, LARGEST_LOG))


@lru_cache(maxsize=256)
def _levels(looks: tuple[int, ...], alpha: float, kind: str) -> tuple[float, ...]:
    information = np.array(looks) / looks[-1]
    roots = np.sqrt(information)
    spent = np.diff(_spending(information, alpha, kind), prepend=0.0)
    z = min(-float(special.ndtri(spent[0] / 2)), FARTHEST)
    levels = [float(spent[0])]
    places, weights = _half_line(z * roots[0])
    shares = weights * 2 * _normal_density(places, roots[0])
    for look in range(1, len(looks)):
        step = math.sqrt(information[look] - information[look - 1])
        z = _boundary(places, shares, step, roots[look], spent[look])
        levels.append(2 * float(special.ndtr(-z)))
        places, shares = _carry(places, shares, step, z * roots[look])
    return tuple(levels)


def _spending(information: Float[np.ndarray, " looks"], alpha: float, kind: str) -> Float[np.ndarray, " looks"]:
    """Error rate spent up to each look."""
    if kind == "pocock":
        return alpha * np.log1p((math.e - 1) * information)
    return np.asarray(4 * special.ndtr(special.ndtri(alpha / 4) / np.sqrt(information)))


def _boundary(
    places: Float[np.ndarray, " nodes"], shares: Float[np.ndarray, " nodes"], step: float, root: float, spent: float
) -> float:
    """The z that a study passes at this look, and at none before, with probability `spent`."""

    def passed(z: float) -> float:
        above = special.ndtr((places - z * root) / step) + special.ndtr((-places - z * root) / step)
        return float(shares @ above)

    if passed(FARTHEST) >= spent:
        return FARTHEST
    return float(optimize.brentq(lambda z: passed(z) - spent, 0.0, FARTHEST, xtol=1e-13))


def _carry(
    places: Float[np.ndarray, " nodes"], shares: Float[np.ndarray, " nodes"], step: float, bound: float
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """From one look to the next: where the studies are that have not passed `bound` by then."""
    new, weights = _half_line(bound)
    kernel = _normal_density(new[:, np.newaxis] - places, step) + _normal_density(new[:, np.newaxis] + places, step)
    return new, weights * (kernel @ shares)


@lru_cache(maxsize=1)
def _gauss_legendre() -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    nodes, weights = special.roots_legendre(NODES)
    return nodes, weights


def _half_line(bound: float) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """Nodes and weights for integrals from 0 to `bound`; the other half is the mirror image."""
    nodes, weights = _gauss_legendre()
    return bound * (nodes + 1) / 2, bound * weights / 2


def _normal_density(distance: Float[np.ndarray, "*shape"], sd: float) -> Float[np.ndarray, "*shape"]:
    return np.asarray(np.exp(-0.5 * (distance / sd) ** 2) / (sd * math.sqrt(2 * math.pi)))
