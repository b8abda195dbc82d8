"""From many pairwise tests to statements about all models at once: Holm, letters, rank intervals, tiers.

The last three read one matrix: `better[i, j]` says that model i is significantly better than model j, after Holm's
correction over all pairs. Whatever error rate that matrix has (5 % for any false entry), they inherit.
"""

from __future__ import annotations

import string

import numpy as np
from jaxtyping import Bool, Float, Int


def adjust_holm(p_values: Float[np.ndarray, " pairs"]) -> Float[np.ndarray, " pairs"]:
    """Holm's adjusted p-values: reject where they are at most alpha, and any false rejection has probability alpha.

    A NaN is a pair that cannot be tested (a model with one run). It stays NaN and does not count as a test: it can
    never be rejected, so it can add no false rejection.

    Args:
        p_values: Raw p-values in [0, 1], or NaN.

    Returns:
        Adjusted p-values in the same order.

    Raises:
        ValueError: If not one-dimensional, or a value lies outside [0, 1].

    >>> adjust_holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist()
    [0.03, 0.06, 0.06, 0.02]

    Reference: Holm (1979), "A simple sequentially rejective multiple test procedure", Scand. J. Statistics 6.
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    if p_values.ndim != 1:
        raise ValueError(f"p_values must have one axis (pairs), received shape {p_values.shape}")
    tested = ~np.isnan(p_values)
    known = p_values[tested]
    if ((known < 0) | (known > 1)).any():
        raise ValueError(f"p_values must lie in [0, 1], received {known.min():g} to {known.max():g}")
    order = np.argsort(known, kind="stable")
    steps = known[order] * np.arange(known.size, 0, -1)
    adjusted = np.full(p_values.size, np.nan)
    adjusted[np.flatnonzero(tested)[order]] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def letters(means: Float[np.ndarray, " models"], better: Bool[np.ndarray, "models models"]) -> list[str]:
    """Compact letter display: two models share a letter exactly if they are not significantly different.

    Insert-absorb: start with one letter for all; each significant pair splits every letter that both carry into one
    without the first and one without the second; letters whose models all carry another letter too are dropped.

    Args:
        means: Mean scores; the highest gets the letter a.
        better: Whether model i is significantly better than model j.

    Returns:
        The letters of each model, in the order of `means`.

    Raises:
        ValueError: If the means are not finite or `better` is no matrix of strict preferences between these models.

    >>> better = np.zeros((4, 4), dtype=bool)
    >>> better[[0, 0, 0, 1], [1, 2, 3, 3]] = True
    >>> letters(np.array([0.9, 0.8, 0.7, 0.6]), better)
    ['a', 'b', 'bc', 'c']

    Reference: Piepho (2004), "An algorithm for a letter-based representation of all-pairwise comparisons",
    J. Computational and Graphical Statistics 13.
    """
    better, means = _checked(better), np.asarray(means, dtype=np.float64)
    if means.shape != (len(better),) or not np.isfinite(means).all():
        raise ValueError(f"means must be {len(better)} finite numbers, one per model, received {means.tolist()}")
    order = np.argsort(-means, kind="stable")
    different = (better | better.T)[np.ix_(order, order)]
    groups = _insert_absorb(different)
    carried = ["".join(_letter(k) for k, group in enumerate(groups) if place in group) for place in range(len(order))]
    return [carried[place] for place in np.argsort(order, kind="stable")]


def rank_intervals(
    better: Bool[np.ndarray, "models models"],
) -> tuple[Int[np.ndarray, " models"], Int[np.ndarray, " models"]]:
    """Simultaneous interval for each model's rank, 1 being the best.

    Args:
        better: Whether model i is significantly better than model j.

    Returns:
        Lowest rank `1 + number of significantly better models` and highest rank `models - number of significantly
        worse ones`. With `better` from Holm's correction, all intervals hold together with probability 1 - alpha.

    Raises:
        ValueError: If `better` is no matrix of strict preferences.

    >>> better = np.array([[False, True, True], [False, False, False], [False, False, False]])
    >>> low, high = rank_intervals(better)
    >>> low.tolist(), high.tolist()
    ([1, 2, 2], [1, 3, 3])

    Reference: Al Mohamad, Goeman and van Zwet (2022), "Simultaneous confidence intervals for ranks with application to
    ranking institutions", Biometrics 78.
    """
    better = _checked(better)
    return 1 + better.sum(axis=0), len(better) - better.sum(axis=1)


def tiers(better: Bool[np.ndarray, "models models"]) -> Int[np.ndarray, " models"]:
    """Group models for a leaderboard: tier 1 holds the models that no other model significantly beats.

    These are the models whose rank interval contains 1. They are set aside, and the same rule among the rest gives
    tier 2, and so on. So within a tier nobody is significantly better than anybody, and every model below tier 1 is
    significantly beaten by at least one model of the tier above. Not promised: that members of one tier are equal, or
    that a model beats everything in the tiers below. A model about which little is known stays in a high tier. Where
    different tests lead in a circle (a beats b, b beats c, c beats a), all that are left share a tier.

    Args:
        better: Whether model i is significantly better than model j.

    Returns:
        The tier of each model, from 1.

    Raises:
        ValueError: If `better` is no matrix of strict preferences.

    >>> better = np.zeros((4, 4), dtype=bool)
    >>> better[[0, 0, 0, 1], [1, 2, 3, 3]] = True
    >>> tiers(better).tolist()
    [1, 2, 2, 3]
    """
    better = _checked(better)
    tier = np.zeros(len(better), dtype=np.int64)
    while (open_models := tier == 0).any():
        unbeaten = open_models & ~better[open_models].any(axis=0)
        tier[unbeaten if unbeaten.any() else open_models] = tier.max() + 1
    return tier


def _insert_absorb(different: Bool[np.ndarray, "models models"]) -> list[frozenset[int]]:
    """The letters as sets of places, that of the best model first."""
    groups = [frozenset(range(len(different)))]
    for i, j in np.argwhere(np.triu(different)).tolist():
        split = {part for group in groups for part in _split(group, i, j)}
        groups = [group for group in split if not any(group < other for other in split)]
    return sorted(groups, key=sorted)


def _split(group: frozenset[int], i: int, j: int) -> tuple[frozenset[int], ...]:
    return (group - {i}, group - {j}) if i in group and j in group else (group,)


def _letter(index: int) -> str:
    """a to z, A to Z, then the same with a dot before it."""
    dots, place = divmod(index, len(string.ascii_letters))
    return "." * dots + string.ascii_letters[place]


def _checked(better: Bool[np.ndarray, "models models"]) -> Bool[np.ndarray, "models models"]:
    better = np.asarray(better)
    if better.ndim != 2 or better.shape[0] != better.shape[1] or better.dtype != np.bool_:
        raise ValueError(
            f"better must be a square matrix of booleans (models, models), received {better.dtype} {better.shape}"
        )
    both = np.argwhere(better & better.T)
    if both.size:
        raise ValueError(f"better must be one-sided, received models {both[0].tolist()} each better than the other")
    return better
