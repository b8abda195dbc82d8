"""Which of several models is better in general: one score per data set and model, the data sets being the sample.

With five data sets or fewer no rank test can reach 5 %, whatever the scores: then nothing is said beyond these data
sets. Runs, folds and images are averaged before they come here; they do not make more data sets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float
from scipy import special, stats

from bakeoff.spec.values import Verdict
from bakeoff.stats.interval import check_alpha, never_zero
from bakeoff.stats.multiplicity import adjust_holm

FEWEST_DATASETS = 6
"""The fewest for which a two-sided signed-rank test can fall below 5 %: with five its p-value is 1/16 at least."""

EXACT_UP_TO = 13
"""Up to so many data sets the signed-rank p-value is exact also with ties; beyond, ties call for the normal curve."""

DIGITS = 12
"""Scores that agree to so many decimals are tied; beyond that is floating-point rounding."""


@dataclass(frozen=True, eq=False)
class Friedman:
    """Whether the models' mean ranks over data sets differ at all.

    Attributes:
        chi_square: Friedman's statistic in Demsar's form, without correction for ties: as printed in most papers.
        p_chi_square: Its p-value.
        f: Iman and Davenport's F, made from `chi_square`; infinite if all data sets agree on the order.
        p: Its p-value, the one to use; never below `(1 / models!)^(datasets - 1)`, the chance that all data sets agree.
        mean_ranks: Mean rank of each model, 1 being the best, ties sharing their ranks.
        datasets: Number of data sets.
        models: Number of models.
        chi_square_ties: The statistic corrected for ties, never smaller; 0 if all models tie everywhere.
        p_chi_square_ties: Its p-value.
    """

    chi_square: float
    p_chi_square: float
    f: float
    p: float
    mean_ranks: Float[np.ndarray, " models"]
    datasets: int
    models: int
    chi_square_ties: float
    p_chi_square_ties: float


@dataclass(frozen=True)
class DatasetPair:
    """Two models over all data sets.

    Attributes:
        a: Column of the first model.
        b: Column of the second model.
        difference_median: Median over data sets of score of A minus score of B.
        p: Two-sided p-value of the signed-rank test; NaN where the data sets are too few for one.
        p_adjusted: The same after Holm's correction over all pairs.
        verdict: "a better", "b better" or "undecided", for data sets like these.
        reason: In a few words, what the verdict rests on.
    """

    a: int
    b: int
    difference_median: float
    p: float
    p_adjusted: float
    verdict: Verdict
    reason: str


@dataclass(frozen=True, eq=False)
class ManyDatasets:
    """What several data sets say about the models in general.

    Attributes:
        friedman: The test over all models; None for two models, or where the data sets are too few.
        pairs: Every pair of models.
        general: Whether the data sets are many enough to speak of others like them.
        reason: Why, or why not.
    """

    friedman: Friedman | None
    pairs: tuple[DatasetPair, ...]
    general: bool
    reason: str


def friedman(scores: Float[np.ndarray, "datasets models"]) -> Friedman:
    """Test whether all models rank alike over the data sets: Friedman's statistic with Iman and Davenport's F.

    With K data sets, M models and mean ranks r, `chi_square = 12 K/(M(M+1)) (sum r^2 - M(M+1)^2/4)` and
    `F = (K-1) chi_square / (K(M-1) - chi_square)` with M-1 and (M-1)(K-1) degrees of freedom. Tied scores share the
    mean of their ranks. The statistic corrected for ties is given beside it; without the correction the test is a
    little too careful where there are ties.

    Args:
        scores: One score per data set and model, higher being better.

    Returns:
        Statistics, p-values and mean ranks.

    Raises:
        ValueError: If there are fewer than 2 data sets or 2 models, or a score is not finite.

    >>> result = friedman(np.array([[0.9, 0.8, 0.7], [0.8, 0.7, 0.9], [0.9, 0.7, 0.6], [0.7, 0.6, 0.5]]))
    >>> round(result.chi_square, 2), result.mean_ranks.tolist()
    (3.5, [1.25, 2.25, 2.5])

    References: Demsar (2006), "Statistical comparisons of classifiers over multiple data sets", JMLR 7, section 3.2.2;
    Iman and Davenport (1980), "Approximations of the critical region of the Friedman statistic", Communications in
    Statistics A9.
    """
    scores = _checked(scores, fewest=2)
    datasets, models = scores.shape
    ranks = stats.rankdata(-scores, axis=1)
    spread = datasets * float(((ranks.mean(axis=0) - (models + 1) / 2) ** 2).sum())
    chi_square = 12 * spread / (models * (models + 1))
    within = float(ranks.var(axis=1, ddof=1).mean())  # models (models + 1) / 12 where nothing is tied
    corrected = spread / within if within > 0 else 0.0
    rest = datasets * (models - 1) - chi_square
    f = (datasets - 1) * chi_square / rest if rest > 1e-9 else math.inf
    agreement = math.exp(-(datasets - 1) * math.lgamma(models + 1))
    tail = float(special.fdtrc(models - 1, (models - 1) * (datasets - 1), f)) if math.isfinite(f) else 0.0
    return Friedman(
        chi_square=chi_square,
        p_chi_square=never_zero(float(special.chdtrc(models - 1, chi_square))),
        f=f,
        p=never_zero(max(tail, agreement)),
        mean_ranks=ranks.mean(axis=0),
        datasets=datasets,
        models=models,
        chi_square_ties=corrected,
        p_chi_square_ties=never_zero(float(special.chdtrc(models - 1, corrected))),
    )


def critical_difference(models: int, *, datasets: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference: mean ranks further apart than this differ, for the classical figure.

    For verdicts take `compare_datasets`: here the verdict on two models depends on which others are in the table.

    Args:
        models: Number of models, at least 2.
        datasets: Number of data sets, at least 1.
        alpha: Probability of any false difference, in (0, 1).

    Returns:
        `q sqrt(M(M+1)/(6K))`, with q from the studentized range for infinitely many degrees of freedom over sqrt 2.

    Raises:
        ValueError: If an argument is not as described.

    >>> round(critical_difference(4, datasets=14), 4)
    1.2536

    Reference: Demsar (2006), "Statistical comparisons of classifiers over multiple data sets", JMLR 7, equation 7.
    """
    if models < 2 or datasets < 1:
        raise ValueError(f"at least 2 models and 1 data set are needed, received models={models}, datasets={datasets}")
    check_alpha(alpha)
    quantile = float(stats.studentized_range.ppf(1 - alpha, models, math.inf)) / math.sqrt(2)
    return quantile * math.sqrt(models * (models + 1) / (6 * datasets))


def compare_datasets(scores: Float[np.ndarray, "datasets models"], *, alpha: float = 0.05) -> ManyDatasets:
    """Compare every pair of models over the data sets, for a claim about data sets like these.

    From 6 data sets on: Wilcoxon's signed-rank test for each pair, ties on a data set counting half to either side,
    with Holm's correction over the pairs. The test of a pair does not depend on which other models are in the table,
    and any false verdict has probability alpha. With 5 data sets or fewer every pair is undecided, and so is every pair
    where the models are so many that even the smallest possible p-value, `2^(1 - datasets)`, would not survive the
    correction.

    Args:
        scores: One score per data set and model, higher being better; runs and folds are averaged before.
        alpha: Probability of any false verdict, in (0, 1).

    Returns:
        The pairs, Friedman's test for three or more models, and whether a general claim can be made at all.

    Raises:
        ValueError: If there is no data set or fewer than 2 models, a score is not finite, or alpha is outside (0, 1).

    >>> result = compare_datasets(np.array([[0.9, 0.8], [0.7, 0.6], [0.8, 0.6]]))
    >>> result.general, result.pairs[0].verdict, result.pairs[0].reason
    (False, 'undecided', 'on these 3 data sets: no general claim from fewer than 6')

    References: Benavoli, Corani and Mangili (2016), "Should we really use post-hoc tests based on mean-ranks?", JMLR
    17; Wilcoxon (1945), "Individual comparisons by ranking methods", Biometrics Bulletin 1.
    """
    check_alpha(alpha)
    scores = _checked(scores, fewest=1)
    datasets, models = scores.shape
    places = list(combinations(range(models), 2))
    gaps = [np.round(scores[:, a] - scores[:, b], DIGITS) for a, b in places]
    reason = _why_not(datasets, len(places), alpha)
    p_values = np.array([_signed_rank_p(gap) if datasets >= FEWEST_DATASETS else math.nan for gap in gaps])
    pairs = tuple(
        _pair(place, gap, float(p), float(adjusted), alpha, reason)
        for place, gap, p, adjusted in zip(places, gaps, p_values, adjust_holm(p_values), strict=True)
    )
    return ManyDatasets(
        friedman=friedman(scores) if models > 2 and datasets >= FEWEST_DATASETS else None,
        pairs=pairs,
        general=not reason,
        reason=reason or f"{datasets} data sets, taken as a sample of data sets like these",
    )


def _why_not(datasets: int, pairs: int, alpha: float) -> str:
    """Why no pair can be decided; empty if one can."""
    if datasets < FEWEST_DATASETS:
        name = "data set" if datasets == 1 else "data sets"
        return f"on these {datasets} {name}: no general claim from fewer than {FEWEST_DATASETS}"
    smallest = 2.0 ** (1 - datasets)
    if smallest * pairs > alpha:
        return (
            f"on these {datasets} data sets: too few for {pairs} pairs, the smallest possible p-value is {smallest:.2g}"
        )
    return ""


def _signed_rank_p(gap: Float[np.ndarray, " datasets"]) -> float:
    if not gap.any():
        return 1.0
    if gap.size <= EXACT_UP_TO:
        return _share_of_sign_flips(gap)
    return never_zero(float(stats.wilcoxon(gap, zero_method="zsplit").pvalue))


def _share_of_sign_flips(gap: Float[np.ndarray, " datasets"]) -> float:
    """Share of all ways to give the differences signs whose rank sums are as uneven as those seen."""
    doubled = np.rint(2 * stats.rankdata(np.abs(gap))).astype(np.int64)  # whole numbers even where ranks are shared
    ranks = doubled[gap != 0]
    ways = np.ones(1)  # to reach each sum of the positive ranks
    for rank in ranks:
        ways = np.pad(ways, (0, rank)) + np.pad(ways, (rank, 0))
    unevenness = np.abs(2 * np.arange(ways.size) - ranks.sum())
    seen = abs(int((doubled * np.sign(gap)).sum()))
    return float(ways[unevenness >= seen].sum() / ways.sum())


def _pair(
    place: tuple[int, int], gap: Float[np.ndarray, " datasets"], p: float, adjusted: float, alpha: float, reason: str
) -> DatasetPair:
    ahead, behind = int((gap > 0).sum()), int((gap < 0).sum())
    verdict: Verdict = "undecided"
    if not reason and adjusted <= alpha:
        verdict = "a better" if float(stats.rankdata(np.abs(gap)) @ np.sign(gap)) > 0 else "b better"
    return DatasetPair(
        a=place[0],
        b=place[1],
        difference_median=float(np.median(gap)),
        p=p,
        p_adjusted=adjusted,
        verdict=verdict,
        reason=reason or f"a ahead on {ahead} of {gap.size} data sets, b on {behind}; signed ranks, Holm",
    )


def _checked(scores: Float[np.ndarray, "datasets models"], *, fewest: int) -> Float[np.ndarray, "datasets models"]:
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 2 or scores.shape[0] < fewest or scores.shape[1] < 2:
        raise ValueError(
            f"scores must have two axes (datasets, models), at least {fewest} x 2, received shape {scores.shape}"
        )
    if not np.isfinite(scores).all():
        missing = int((~np.isfinite(scores)).any(axis=1).sum())
        raise ValueError(
            f"scores must be finite, received other values for {missing} of {len(scores)} data sets; leave out a data "
            "set that lacks a model, and say so"
        )
    return np.round(scores, DIGITS)
