"""The claim that the levels of a factor come in an order, all else equal.

It is answered by attribution: only models that differ in this factor alone can speak for it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

from bakeoff.comparison.claims.judgements import (
    ClaimPair,
    Judgement,
    end_sentence,
    write_difference,
    write_interval,
)
from bakeoff.comparison.factors import Attribution
from bakeoff.spec.statements import FactorOrder
from bakeoff.spec.values import Estimate
from bakeoff.stats import Factor, FactorContrast, judge_order

# A contrast as a claim has it: with its sign, -1 where the factor lists the two levels the other way round.
_Oriented = tuple[FactorContrast, int]


def judge_factor_order(claim: FactorOrder, attribution: Attribution, *, alpha: float) -> Judgement:
    """Judge the claim that the levels of a factor come in an order, all else equal.

    Args:
        claim: What is claimed.
        attribution: What the factors of the study do.
        alpha: Error rate of each verdict.

    Returns:
        The judgement; "not comparable" where two neighbouring levels never differ in this factor alone, or where the
        effect depends on the setting, so that no one order holds.
    """
    factor = next((found for found in attribution.factors if found.factor == claim.factor), None)
    absent = [level for level in claim.levels if factor and level not in factor.levels]
    if factor is None or absent:
        left_out = f" ({'; '.join(attribution.left_out)})" if attribution.left_out else ""
        lacking = (
            f"No model with {claim.factor} {' or '.join(absent)}" if absent else f"No two levels of {claim.factor}"
        )
        return Judgement("undetermined", f"{lacking} can be used{left_out}.")
    places = list(combinations(range(len(claim.levels)), 2))
    contrasts = [_oriented(factor, claim.levels[high], claim.levels[low]) for high, low in places]
    steps = [found for found, (high, low) in zip(contrasts, places, strict=True) if low == high + 1]
    if refused := [contrast.reason for contrast, _ in steps if contrast.estimate is None]:
        return Judgement("not comparable", end_sentence("; ".join(refused)))
    pairs = tuple(_as_pair(*found) for found in contrasts if found[0].estimate is not None)
    described = "; ".join(_describe(*found) for found in steps)
    if not factor.main_effect_reported:
        reason = f"The effect of {claim.factor} depends on the other factors (p = {factor.interaction_p:.2g})"
        return Judgement("not comparable", f"{reason}, so no one order holds. On average {described}.", pairs)
    claimed = [_one_sided(*found) for found in contrasts]
    judged = judge_order(claimed, [1 - p for p in claimed], pairs=places, alpha=alpha)
    if judged.verdict == "not reproduced":
        against = [found for found, contrary in zip(contrasts, judged.reversed, strict=True) if contrary]
        described = f"the other way round: {'; '.join(_describe(*found) for found in against)}"
    return Judgement(judged.verdict, f"All else equal, {described}.", pairs)


def _oriented(factor: Factor, high: str, low: str) -> _Oriented:
    """The contrast of two levels that the factor has."""
    contrasts = {(contrast.high, contrast.low): contrast for contrast in factor.contrasts}
    return (contrasts[high, low], 1) if (high, low) in contrasts else (contrasts[low, high], -1)


def _one_sided(contrast: FactorContrast, sign: int) -> float:
    if contrast.estimate is None:
        return math.nan
    return contrast.p / 2 if sign * contrast.estimate.value > 0 else 1 - contrast.p / 2


def _as_pair(contrast: FactorContrast, sign: int) -> ClaimPair:
    names = (contrast.high, contrast.low)[::sign]
    return ClaimPair(" - ".join(names), "accuracy", _signed(contrast, sign), _one_sided(contrast, sign))


def _signed(contrast: FactorContrast, sign: int) -> Estimate | None:
    estimate = contrast.estimate
    if estimate is None or sign == 1:
        return estimate
    return replace(estimate, value=-estimate.value, low=-estimate.high, high=-estimate.low)


def _describe(contrast: FactorContrast, sign: int) -> str:
    estimate = _signed(contrast, sign)
    high, low = (contrast.high, contrast.low)[::sign]
    if estimate is None:
        return contrast.reason
    side = "above" if estimate.value > 0 else "below"
    size = write_difference(abs(estimate.value), "accuracy")
    return f"{high} is {size} {side} {low}{write_interval(estimate, 'accuracy')}"
