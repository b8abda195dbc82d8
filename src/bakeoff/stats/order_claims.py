"""Did the published order come back?

A claim is reproduced only if the new runs prove it, and not reproduced only if they prove the contrary. "We saw no
significant difference" proves neither, so a third answer, undetermined, is needed and is often the honest one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Bool, Real

from bakeoff.spec.values import Estimate
from bakeoff.stats.difference import compare_summaries
from bakeoff.stats.multiplicity import adjust_holm
from bakeoff.stats.summary import summarize_scores

ClaimVerdict = Literal["reproduced", "not reproduced", "undetermined"]


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

    >>> better, worse = np.arange(200) >= [[10], [12], [14]], np.arange(200) >= [[90], [92], [94]]
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


def _check_alpha(alpha: float) -> None:
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha must lie strictly between 0 and 0.5, such as 0.05, received {alpha}")


def _check_pairs(pairs: Sequence[tuple[int, int]], *p_values: Sequence[float]) -> None:
    if any(len(values) != len(pairs) for values in p_values):
        raise ValueError(f"an order needs one p-value per pair, received {[len(v) for v in p_values]} for {len(pairs)}")
    wanted = {(place, place + 1) for place in range(max((low for _, low in pairs), default=1))}
    if missing := sorted(wanted - set(pairs)):
        raise ValueError(f"pairs must hold every adjacent pair of the order, received none for places {missing}")
