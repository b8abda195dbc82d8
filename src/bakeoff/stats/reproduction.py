"""Did the published order, or the published figure, come back?

A claim is reproduced only if the new runs prove it, and not reproduced only if they prove the contrary. "We saw no
significant difference" proves neither, so a third answer, undetermined, is needed and is often the honest one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Real
from scipy import optimize, special, stats

from bakeoff.spec.values import Estimate
from bakeoff.stats.difference import compare_summaries
from bakeoff.stats.interval import check_level
from bakeoff.stats.multiplicity import adjust_holm
from bakeoff.stats.summary import sample_variance, summarize_scores

ClaimVerdict = Literal["reproduced", "not reproduced", "undetermined"]

BEST_OF = (1, 3, 10)
"""Of how many runs a published figure may have been the best, for the doubt that is printed beside it."""

ONE_RUN = "one run: nothing is known about other seeds"
IDENTICAL_RUNS = "identical runs: no spread to judge by"


@dataclass(frozen=True)
class OrderPair:
    """One pair of an order: the first was claimed to be better.

    Attributes:
        high_index: Place of the model claimed to be better, from 0.
        low_index: Place of the model claimed to be worse.
        difference: Mean score of the first minus that of the second.
        p_claimed: One-sided p-value for the claimed direction, small if the first is surely better.
        p_reversed: One-sided p-value for the other direction.
        equivalent: Whether the two are equivalent within the margin, after Holm's correction over the pairs.
    """

    high_index: int
    low_index: int
    difference: Estimate
    p_claimed: float
    p_reversed: float
    equivalent: bool


@dataclass(frozen=True)
class Order:
    """What became of a claimed order.

    Attributes:
        verdict: Over the whole order.
        pairs: Every pair of the order, adjacent or not.
        reason: In one sentence, with places counted from 1.
    """

    verdict: ClaimVerdict
    pairs: tuple[OrderPair, ...]
    reason: str


@dataclass(frozen=True)
class OrderJudgement:
    """The verdict on an order from p-values alone.

    Attributes:
        verdict: Over the whole order.
        reversed: Per pair, whether it is significantly the other way round (Holm over the pairs).
        equivalent: Per pair, whether the two are equivalent (Holm over the pairs).
        reason: In one sentence, with places counted from 1.
    """

    verdict: ClaimVerdict
    reversed: tuple[bool, ...]
    equivalent: tuple[bool, ...]
    reason: str


def reproduce_order(
    scores: Sequence[Real[np.ndarray, "_seeds examples"] | Bool[np.ndarray, "_seeds examples"]],
    *,
    target: Literal["new_images", "this_test_set"] = "new_images",
    alpha: float = 0.05,
    margin: float = 0.0,
) -> Order:
    """Judge the claim that the models come in this order, best first, each better than the next.

    All pairs are compared as by `compare_two` and judged as by `judge_order`.

    Args:
        scores: Per model, best first as claimed, the scores in [0, 1] of every run on the same images. The numbers of
            runs may differ.
        target: What varies: "new_images" (seeds and images) or "this_test_set" (seeds only).
        alpha: Probability of a false "reproduced", and of each kind of false "not reproduced".
        margin: The claim is of differences larger than this; with 0 nothing is ever equivalent.

    Returns:
        Verdict, pairs and reason.

    Raises:
        ValueError: If there are fewer than two models or an argument is not as described.

    >>> better, worse = np.tile([[1, 1, 1, 0, 1]], (2, 20)), np.tile([[1, 0, 1, 0, 0]], (2, 20))
    >>> reproduce_order([better, worse]).verdict
    'reproduced'

    Reference: Berger (1982), "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24
    (intersection-union test).
    """
    _check_alpha(alpha)
    if len(scores) < 2:
        raise ValueError(f"an order needs at least 2 models, received {len(scores)}")
    summaries = [summarize_scores(model) for model in scores]
    places = list(combinations(range(len(summaries)), 2))
    results = [
        compare_summaries(summaries[high], summaries[low], target=target, margin=margin, level=1 - alpha)
        for high, low in places
    ]
    claimed, opposite = zip(*(_one_sided(result.t, result.p) for result in results), strict=True)
    judgement = judge_order(
        claimed, opposite, pairs=places, p_equivalent=[result.p_equivalent for result in results], alpha=alpha
    )
    pairs = tuple(
        OrderPair(*place, result.difference, *p_values)
        for place, result, *p_values in zip(places, results, claimed, opposite, judgement.equivalent, strict=True)
    )
    return Order(judgement.verdict, pairs, judgement.reason)


def judge_order(
    p_claimed: Sequence[float],
    p_reversed: Sequence[float],
    *,
    pairs: Sequence[tuple[int, int]],
    p_equivalent: Sequence[float] | None = None,
    alpha: float = 0.05,
) -> OrderJudgement:
    """Judge a claimed order from the p-values of its pairs, whatever test they come from.

    - reproduced: every adjacent pair (i, i+1) has `p_claimed <= alpha`. No correction is needed: if one adjacent pair
      is not in this order, that pair alone must err.
    - not reproduced, if not that: some pair, adjacent or not, is significantly reversed, or equivalent, each at alpha
      after Holm's correction over the pairs.
    - undetermined: everything else. A pair that cannot be tested (NaN) can prove neither.

    Args:
        p_claimed: Per pair, one-sided p-value for the claimed direction.
        p_reversed: Per pair, one-sided p-value for the other direction.
        pairs: The places of the two models of each pair, the one claimed to be better first, counted from 0; all
            adjacent pairs must be among them.
        p_equivalent: Per pair, p-value of "they differ by the margin or more"; None if there is no margin.
        alpha: Error rate of each of the three statements.

    Returns:
        The verdict, and which pairs speak against the order.

    Raises:
        ValueError: If the numbers of p-values differ, an adjacent pair is missing, or a value lies outside its range.

    >>> judge_order([0.001, 0.03, 0.001], [0.999, 0.97, 0.999], pairs=[(0, 1), (1, 2), (0, 2)]).verdict
    'reproduced'
    """
    _check_alpha(alpha)
    equivalence = [math.nan] * len(pairs) if p_equivalent is None else list(p_equivalent)
    _check_pairs(pairs, p_claimed, p_reversed, equivalence)
    against = adjust_holm(np.array(p_reversed, dtype=np.float64)) <= alpha
    equal = adjust_holm(np.array(equivalence, dtype=np.float64)) <= alpha
    adjacent = [p for (high, low), p in zip(pairs, p_claimed, strict=True) if low == high + 1]
    proved = sum(p <= alpha for p in adjacent)
    verdict: ClaimVerdict = "undetermined"
    reason = f"{proved} of {len(adjacent)} adjacent pairs are significant in the claimed direction"
    if proved == len(adjacent):
        verdict = "reproduced"
    elif against.any() or equal.any():
        verdict, reason = "not reproduced", _contrary(pairs, against, equal)
    elif any(math.isnan(p) for p in adjacent):
        reason += "; a pair with a single run cannot be tested"
    return OrderJudgement(verdict, tuple(against.tolist()), tuple(equal.tolist()), reason)


def _contrary(
    pairs: Sequence[tuple[int, int]], against: Bool[np.ndarray, " pairs"], equal: Bool[np.ndarray, " pairs"]
) -> str:
    found = against if against.any() else equal
    places = [f"{high + 1} and {low + 1}" for (high, low), hit in zip(pairs, found, strict=True) if hit]
    words = "the other way round" if against.any() else "equivalent within the margin"
    return f"{words}: the models at places {', '.join(places)}"


def _one_sided(t: float, p: float) -> tuple[float, float]:
    """P-values for a positive and for a negative difference, from a symmetric two-sided test."""
    if math.isnan(p):
        return math.nan, math.nan
    return (p / 2, 1 - p / 2) if t > 0 else (1 - p / 2, p / 2)


@dataclass(frozen=True)
class BestOf:
    """The judgement of a figure, supposing that it was the best of so many.

    Attributes:
        best_of: Of how many published results the figure is taken to be the best.
        verdict: Under this supposition.
        gap: Published recipe minus ours, with its prediction interval.
    """

    best_of: int
    verdict: ClaimVerdict
    gap: Estimate


@dataclass(frozen=True)
class Figure:
    """What became of a published figure.

    Attributes:
        verdict: Whether the published recipe and ours agree within the margin.
        gap: Published recipe minus ours, with its prediction interval.
        consistent: Whether the published figure could be one more result of ours: 0 lies in the interval. This is no
            proof of agreement; None where there is no interval.
        best_of: The same judgement, supposing that the figure was the best of 1, 3 and 10 results.
        reason: In one sentence.
    """

    verdict: ClaimVerdict
    gap: Estimate
    consistent: bool | None
    best_of: tuple[BestOf, ...]
    reason: str


class _Question(NamedTuple):
    """What is known of a published figure and of our runs."""

    published: float
    margin: float
    rounding: float
    runs_averaged: int
    level: float
    image_variance: float
    mean: float
    variance: float
    runs: int
    images: int


def reproduce_figure(
    published: float,
    scores_per_run: Float[np.ndarray, " seeds"],
    *,
    margin: float,
    rounding: float = 0.0,
    runs_averaged: int = 1,
    best_of: int = 1,
    level: float = 0.95,
    image_variance: float = 0.0,
    images: int = 0,
) -> Figure:
    """Judge whether a published figure came back, within a margin.

    The published figure is one draw: of one run, of the mean of k runs, or of the best of n such. With S the standard
    deviation of our R runs, the gap (published recipe minus ours) has the prediction interval
    `published - mean +- (t(R-1) sqrt(S^2 (1/k + 1/R) + image_variance) + rounding)`. For the best of n, Student's t is
    replaced by the distribution of `(M/sqrt(k) + Z sqrt(1/R + image_variance/S^2)) / s`, M being the largest of n
    standard normals and s^2 a chi-square over its R-1 degrees of freedom; its median is taken off the gap.

    - reproduced: the interval lies inside (-margin, margin).
    - not reproduced: it lies wholly outside [-margin, margin].
    - undetermined: everything else, and always for one run, or identical runs, which show no spread.

    Args:
        published: The figure, in the unit of the scores (0.9854, not 98.54).
        scores_per_run: Our runs' scores of the same kind.
        margin: Gaps smaller than this do not matter; more than 0.
        rounding: Half a unit of the last printed digit: 0.00005 for 98.54 %.
        runs_averaged: Number k of runs of which the published figure is the mean.
        best_of: Number n of such results of which it is the best; higher must be better.
        level: Confidence level in (0, 1).
        image_variance: Variance that different test images add to the gap; 0 if they are the same.
        images: Number of our test images; 0 if not known. It is handed on, not used.

    Returns:
        Verdict, gap, and the verdicts for the best of 1, 3 and 10.

    Raises:
        ValueError: If an argument is not as described.

    >>> figure = reproduce_figure(0.9811, np.array([0.9808, 0.9812, 0.9815]), margin=0.005)
    >>> figure.verdict, [outcome.verdict for outcome in figure.best_of]
    ('reproduced', ['reproduced', 'reproduced', 'reproduced'])

    Reference: the prediction interval of Hahn and Meeker (1991), "Statistical Intervals", section 4.7.
    """
    values = np.asarray(scores_per_run, dtype=np.float64)
    _check_figure(published, values, margin, runs_averaged, best_of)
    _check_widths(rounding, image_variance)
    check_level(level)
    question = _Question(
        published=published,
        margin=margin,
        rounding=rounding,
        runs_averaged=runs_averaged,
        level=level,
        image_variance=image_variance,
        mean=float(values.mean()),
        variance=sample_variance(values) if values.size > 1 else math.nan,
        runs=values.size,
        images=images,
    )
    outcome = _outcome(question, best_of)
    gap = outcome.gap
    return Figure(
        verdict=outcome.verdict,
        gap=gap,
        consistent=None if math.isnan(gap.low) else gap.low <= 0 <= gap.high,
        best_of=tuple(_outcome(question, number) for number in BEST_OF),
        reason=_reason(outcome, margin),
    )


def _outcome(question: _Question, best_of: int) -> BestOf:
    gap = _gap(question, best_of)
    verdict: ClaimVerdict = "undetermined"
    if -question.margin < gap.low and gap.high < question.margin:
        verdict = "reproduced"
    elif gap.low > question.margin or gap.high < -question.margin:
        verdict = "not reproduced"
    return BestOf(best_of, verdict, gap)


def _gap(question: _Question, best_of: int) -> Estimate:
    difference, spread = question.published - question.mean, math.sqrt(question.variance)
    low = middle = high = error = math.nan
    method = ONE_RUN if question.runs == 1 else IDENTICAL_RUNS
    if spread > 0:
        shares = 1 / question.runs_averaged, 1 / question.runs + question.image_variance / question.variance
        tail = (1 - question.level) / 2
        high, middle, low = (
            difference - spread * _quantile(probability, shares, question.runs - 1, best_of)
            for probability in (tail, 0.5, 1 - tail)
        )
        error = spread * math.sqrt(sum(shares)) if best_of == 1 else math.nan
        method = "prediction interval, t" if best_of == 1 else f"prediction interval for the best of {best_of}"
    return Estimate(
        value=difference if math.isnan(middle) else middle,
        low=low - question.rounding,
        high=high + question.rounding,
        level=question.level,
        standard_error=error,
        degrees_of_freedom=question.runs - 1.0 if best_of == 1 and spread > 0 else math.nan,
        method=method,
        runs=question.runs,
        images=question.images,
    )


@lru_cache(maxsize=1024)
def _quantile(probability: float, shares: tuple[float, float], freedom: int, best_of: int) -> float:
    """Quantile of `(M sqrt(shares[0]) + Z sqrt(shares[1])) / s`; for the best of 1 that is Student's t, scaled."""
    if best_of == 1:
        return float(special.stdtrit(freedom, probability)) * math.sqrt(sum(shares))
    maximum_sd, other_sd = map(math.sqrt, shares)
    ranks, rank_weights = np.polynomial.legendre.leggauss(200)
    nodes, node_weights = np.polynomial.hermite_e.hermegauss(40)
    scales = np.sqrt(stats.chi2.ppf((ranks + 1) / 2, freedom) / freedom)[:, None]
    weights = rank_weights[:, None] / 2 * node_weights / math.sqrt(2 * math.pi)

    def excess(quantile: float) -> float:
        below = special.ndtr((quantile * scales - other_sd * nodes) / maximum_sd) ** best_of
        return float((weights * below).sum()) - probability

    edge = 1.0
    while excess(-edge) > 0 or excess(edge) < 0:
        edge *= 2
    return float(optimize.brentq(excess, -edge, edge, xtol=1e-9))


def _reason(outcome: BestOf, margin: float) -> str:
    if math.isnan(outcome.gap.low):
        return outcome.gap.method
    place = {
        "reproduced": "lies within",
        "not reproduced": "lies wholly outside",
        "undetermined": "reaches across an edge of",
    }[outcome.verdict]
    return f"the prediction interval of the gap {place} +-{margin:g}"


def _check_alpha(alpha: float) -> None:
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha must lie strictly between 0 and 0.5, such as 0.05, received {alpha}")


def _check_pairs(pairs: Sequence[tuple[int, int]], *p_values: Sequence[float]) -> None:
    if any(len(values) != len(pairs) for values in p_values):
        raise ValueError(f"an order needs one p-value per pair, received {[len(v) for v in p_values]} for {len(pairs)}")
    wanted = {(place, place + 1) for place in range(max((low for _, low in pairs), default=1))}
    if missing := sorted(wanted - set(pairs)):
        raise ValueError(f"pairs must hold every adjacent pair of the order, received none for places {missing}")


def _check_figure(
    published: float, values: Float[np.ndarray, " seeds"], margin: float, runs_averaged: int, best_of: int
) -> None:
    if not math.isfinite(published):
        raise ValueError(f"published must be a number, received {published}")
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"scores_per_run must be one number per run, for at least one run, received {values.tolist()}")
    if not (margin > 0 and math.isfinite(margin)):
        raise ValueError(
            f"margin must be a number above 0, received {margin}; a figure can come back only within a margin"
        )
    if runs_averaged < 1 or best_of < 1:
        raise ValueError(f"runs_averaged and best_of must be at least 1, received {runs_averaged} and {best_of}")


def _check_widths(rounding: float, image_variance: float) -> None:
    if not (rounding >= 0 and image_variance >= 0 and math.isfinite(rounding + image_variance)):
        raise ValueError(
            f"rounding and image_variance must be numbers of at least 0, received {rounding} and {image_variance}"
        )
