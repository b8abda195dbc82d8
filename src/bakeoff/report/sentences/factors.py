"""Which factor makes the difference, and what these models cannot tell about factors."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bakeoff.comparison import Comparison
from bakeoff.report import numbers
from bakeoff.report.sentences.phrases import FACTORS, Phrase, Sentence, compose_sentence
from bakeoff.spec.values import Estimate
from bakeoff.stats import Factor, FactorContrast


@dataclass(frozen=True)
class _Effect:
    """A contrast that could be estimated."""

    factor: str
    contrast: FactorContrast
    estimate: Estimate


def factor_sentences(comparison: Comparison) -> list[Sentence]:
    """The largest sure effect, the factors whose effect depends on others, and how much cannot be estimated.

    Args:
        comparison: Of any number of models.

    Returns:
        Nothing where no factor was labelled.
    """
    factors = comparison.attribution.factors
    judged = [
        _Effect(factor.factor, each, each.estimate) for factor in factors for each in factor.contrasts if each.estimate
    ]
    sure = [effect for effect in judged if effect.contrast.verdict in ("better", "worse")]
    largest = max(sure, key=lambda effect: abs(effect.estimate.value), default=None)
    return [
        *([_largest(largest, tests=len(judged), alpha=1 - comparison.attribution.level)] if largest else []),
        *(_depends(factor, comparison) for factor in factors if _is_interacting(factor)),
        *_refused(comparison, estimable=len(judged)),
    ]


def interaction_text(factor: Factor, *, alpha: float) -> str:
    """Whether its effect depends on the setting, in a sentence; nothing where there is no effect to speak of."""
    if not estimable_contrasts(factor):
        return ""
    if math.isnan(factor.interaction_p):
        return "Whether its effect depends on the other factors cannot be tested."
    p = numbers.format_p(factor.interaction_p, alpha=alpha)
    if _is_interacting(factor):
        return f"Its effect depends on the other factors ({p}): read the difference in each setting."
    return f"Nothing shows that its effect depends on the other factors ({p})."


def share_text(factor: Factor) -> str:
    """How much of the variance it explains, in a sentence."""
    if factor.share is None:
        return f"How much of the variance it explains is not known: {factor.share_reason}."
    if factor.share <= 0:
        return "It explains no more of the variance between runs than chance would."
    return f"It explains {numbers.format_chance(factor.share)} of the variance between runs."


def estimable_contrasts(factor: Factor) -> list[FactorContrast]:
    """Those with controlled pairs of models, in the order of its levels."""
    return [contrast for contrast in factor.contrasts if contrast.estimate is not None]


def refused_contrasts(factor: Factor) -> list[FactorContrast]:
    """Those without a controlled pair of models."""
    return [contrast for contrast in factor.contrasts if contrast.estimate is None]


def _is_interacting(factor: Factor) -> bool:
    return any(contrast.verdict == "depends" for contrast in factor.contrasts)


def _largest(effect: _Effect, *, tests: int, alpha: float) -> Sentence:
    contrast, difference = effect.contrast, numbers.face_forward(effect.estimate)
    better, worse = (contrast.high, contrast.low)[:: 1 if contrast.verdict == "better" else -1]
    decimals = numbers.choose_decimals([difference])
    points = numbers.format_points(difference.value, decimals=decimals)
    level = numbers.format_level(difference.level)
    interval = f"{level} interval {numbers.format_points_interval(difference, decimals=decimals)}"
    correction = f" after Holm's correction for {tests} contrasts" if tests > 1 else ""
    p = f"{numbers.format_p(contrast.p_adjusted, alpha=alpha)}{correction}"
    number = Phrase(f"{points} ({interval}, {p})", "number", FACTORS)
    opening = f"All else equal, {effect.factor} {better} is better than {worse} by "
    return compose_sentence("factors", opening, number, f", {contrast.reason}.")


def _depends(factor: Factor, comparison: Comparison) -> Sentence:
    p = numbers.format_p(factor.interaction_p, alpha=1 - comparison.attribution.level)
    number = Phrase(f"depends on the other factors ({p})", "number", FACTORS)
    return compose_sentence("factors", f"The effect of {factor.factor} ", number, ", so it has no average to speak of.")


def _refused(comparison: Comparison, *, estimable: int) -> list[Sentence]:
    total = sum(len(factor.contrasts) for factor in comparison.attribution.factors)
    refused = total - estimable
    if not refused:
        return []
    if total == 1:
        number = Phrase("cannot be estimated", "number", FACTORS)
        opening, end = "The only contrast between levels of a factor ", ": no two models differ in that factor alone."
        return [compose_sentence("factors", opening, number, end)]
    number = Phrase(f"{refused:,} cannot be estimated", "number", FACTORS)
    opening = f"Of {total:,} contrasts between levels of factors, "
    return [compose_sentence("factors", opening, number, ": no two models differ in that factor alone.")]
